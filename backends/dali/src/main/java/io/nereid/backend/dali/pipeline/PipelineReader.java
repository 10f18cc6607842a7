package io.nereid.backend.dali.pipeline;

import com.google.protobuf.InvalidProtocolBufferException;
import io.nereid.backend.dali.proto.PipelineDef;
import io.nereid.backend.dali.tensor.DaliException;

/** Turns the bytes of a {@code model.dali} into a pipeline (DALI sections 2 and 3). */
public final class PipelineReader {
    private final OperatorRegistry registry;

    public PipelineReader(OperatorRegistry registry) {
        this.registry = registry;
    }

    /**
     * Reads and compiles a pipeline.
     *
     * @throws PipelineException if the bytes are no pipeline or it cannot be executed
     */
    public Pipeline read(byte[] bytes) throws PipelineException {
        PipelineDef definition;
        try {
            definition = PipelineDef.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new PipelineException("not a serialized pipeline", false, e);
        }
        try {
            return new Pipeline(new GraphBuilder(definition, registry).build());
        } catch (DaliException e) {
            throw new PipelineException(e.text(), true, e);
        }
    }
}
