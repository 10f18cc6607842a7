package io.nereid.backend.dali;

import io.nereid.backend.dali.pipeline.InputPort;
import io.nereid.backend.dali.tensor.ElementType;
import io.nereid.backend.dali.tensor.Sample;
import io.nereid.protocol.CopyMeter;
import io.nereid.protocol.InferenceRequest;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Takes the inputs of requests apart into samples (DALI sections 4.5 and 4.6). */
final class RequestSamples {
    private final List<InputPort> ports;
    private final CopyMeter copies;

    RequestSamples(List<InputPort> ports, CopyMeter copies) {
        this.ports = ports;
        this.copies = copies;
    }

    /**
     * The samples of a request, copied to the Java heap.
     *
     * @return for each sample one tensor per input of the pipeline
     * @throws StatusException UNKNOWN with a text of section 4.5
     */
    List<List<Sample>> of(InferenceRequest request) {
        List<Tensor> tensors = new ArrayList<>(ports.size());
        for (InputPort port : ports) {
            tensors.add(
                    request.input(port.name())
                            .orElseThrow(() ->
                                    error("Each request must provide the same number of inputs.")));
        }
        for (Tensor input : request.inputs()) {
            if (ports.stream().noneMatch(port -> port.name().equals(input.name()))) {
                throw error("Got unexpected input with name " + input.name());
            }
        }
        int count = count(tensors);
        List<List<Sample>> samples = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            List<Sample> sample = new ArrayList<>(tensors.size());
            for (Tensor tensor : tensors) {
                sample.add(sample(tensor, i));
            }
            samples.add(sample);
        }
        return samples;
    }

    private static int count(List<Tensor> tensors) {
        long count = -1;
        for (Tensor tensor : tensors) {
            if (tensor.shape().rank() == 0) {
                throw error("Input '" + tensor.name() + "' has no dimension for its samples.");
            }
            long samples = tensor.shape().dim(0);
            if (count >= 0 && samples != count) {
                throw error("Each input in a request must have the same batch size.");
            }
            count = samples;
        }
        if (count < 1 || count > Integer.MAX_VALUE) {
            throw error("A request must bring at least one sample, got " + count + ".");
        }
        return (int) count;
    }

    private Sample sample(Tensor tensor, int index) {
        ElementType type =
                ElementType.ofDataType(tensor.type())
                        .orElseThrow(() ->
                                error(
                                        "Input '"
                                                + tensor.name()
                                                + "' has the type "
                                                + tensor.type().wireName()
                                                + ", which pipelines do not know."));
        Shape shape = tensor.shape().withoutLeading();
        int[] dims = Sample.checkedDims(shape.toArray());
        Sample.checkSize(type, dims);
        byte[] data = new byte[(int) (shape.elementCount() * type.byteSize())];
        MemorySegment bytes = tensor.buffer().segment();
        MemorySegment.copy(
                bytes, ValueLayout.JAVA_BYTE, (long) index * data.length, data, 0, data.length);
        copies.count(CopyMeter.Site.ENGINE_INPUT, data.length);
        return Sample.wrap(type, "", data, dims);
    }

    static StatusException error(String text) {
        return new StatusException(StatusCode.UNKNOWN, text);
    }
}
