package io.nereid.backend.dali.pipeline;

import io.nereid.backend.dali.tensor.Sample;
import java.util.List;

/** What became of one sample. */
public sealed interface SampleResult {
    /** The outputs in the pipeline's order. */
    record Done(List<Sample> outputs) implements SampleResult {}

    /** Why there are none. */
    record Failed(String text) implements SampleResult {}
}
