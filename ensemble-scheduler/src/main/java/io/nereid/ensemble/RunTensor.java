package io.nereid.ensemble;

import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.Owned;
import io.nereid.protocol.Shape;
import io.nereid.protocol.StatusCode;
import io.nereid.protocol.StatusException;
import io.nereid.protocol.Tensor;
import io.nereid.protocol.TensorSpec;

/**
 * A tensor between steps.
 *
 * @param tensor the data
 * @param batchSize extent of its batch dimension; 0 if it comes from something that does not batch
 * @param mark its place in a sequence
 */
record RunTensor(Tensor tensor, long batchSize, SequenceMark mark) {
    /** The same with a reference of its own. */
    @Owned
    RunTensor retain() {
        return new RunTensor(tensor.retain(), batchSize, mark);
    }

    /** Size of the data. */
    long byteSize() {
        return tensor.buffer().byteSize();
    }

    /** Gives the reference back. */
    void close() {
        tensor.buffer().close();
    }

    /** This tensor as the input of a step; the reference is the same one. */
    Tensor asInput(String name, ModelConfig model) {
        Shape shape =
                model.input(name).map(spec -> shapeFor(model, spec.dims())).orElse(tensor.shape());
        return tensor.withName(name).withShape(shape);
    }

    /**
     * This tensor as an output of the ensemble; the reference is the same one.
     *
     * @throws StatusException INTERNAL if it has a shape that the output cannot have
     */
    Tensor asOutput(String name, ModelConfig ensemble) {
        TensorSpec spec = ensemble.outputs().get(name);
        if (spec == null) {
            throw new IllegalStateException("no output '" + name + "' in " + ensemble);
        }
        Shape shape = shapeFor(ensemble, spec.modelDims());
        if (spec.reshape().isEmpty()) {
            return tensor.withName(name).withShape(shape);
        }
        Shape expected =
                ensemble.batches() ? spec.modelDims().withLeading(Shape.ANY) : spec.modelDims();
        if (!expected.isCompatibleWith(shape)) {
            throw new StatusException(
                    StatusCode.INTERNAL,
                    "output '" + name + "' has shape " + shape + ", expected " + expected);
        }
        return tensor.withName(name).withShape(ensemble.outputShape(spec, shape));
    }

    /**
     * Shape in which something that batches, or does not, takes this tensor: a batch dimension of 1
     * is put in or left out where that makes the shape fit.
     *
     * @param dims extents that are expected, without batch dimension
     */
    private Shape shapeFor(ModelConfig taker, Shape dims) {
        Shape shape = tensor.shape();
        boolean fitsWithoutBatch = dims.isCompatibleWith(shape);
        if (taker.batches() && batchSize == 0) {
            return fitsWithoutBatch ? shape.withLeading(1) : shape;
        }
        if (!taker.batches() && batchSize == 1 && shape.rank() > 0) {
            return fitsWithoutBatch ? shape : shape.withoutLeading();
        }
        return shape;
    }
}
