package io.nereid.backend.dali;

import io.nereid.backend.dali.image.ImageDecoder;
import io.nereid.backend.dali.image.ImageLimits;
import io.nereid.backend.dali.pipeline.OperatorRegistry;
import io.nereid.backend.dali.pipeline.Pipeline;
import io.nereid.backend.dali.pipeline.PipelineException;
import io.nereid.backend.dali.pipeline.PipelineReader;

/** Pipelines of tests. */
final class Pipelines {
    private Pipelines() {}

    static PipelineReader reader() {
        return new PipelineReader(
                new OperatorRegistry(new ImageDecoder(ImageLimits.DEFAULT, System::nanoTime)));
    }

    static Pipeline read(String fixture) throws PipelineException {
        return reader().read(Npy.resource(fixture));
    }
}
