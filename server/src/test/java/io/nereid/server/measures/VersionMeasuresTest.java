package io.nereid.server.measures;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.backend.Execution;
import io.nereid.backend.FailureReason;
import io.nereid.protocol.ComputeNanos;
import io.nereid.protocol.ModelConfig;
import io.nereid.protocol.proto.ModelConfigProto;
import io.nereid.server.CapturedLog;
import io.nereid.server.FakeModel;
import io.nereid.server.measures.MeasureSettings.Quantile;
import io.nereid.server.statistics.VersionCounters;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VersionMeasuresTest {
    private static final long MICRO = 1000;
    private static final MeasureSettings EVERYTHING =
            new MeasureSettings(true, true, List.of(new Quantile(0.5, 0.01)), true);

    /** A model with buckets of its own for one family. */
    private static ModelConfig model(String family, Double... buckets) {
        ModelConfigProto.ModelConfig.Builder message = FakeModel.message("m", 8, 1);
        var control = message.getModelMetricsBuilder().addMetricControlBuilder();
        control.getMetricIdentifierBuilder().setFamily(family);
        control.getHistogramOptionsBuilder().addAllBuckets(List.of(buckets));
        return ModelConfig.of(message.build());
    }

    private static VersionMeasures measured(VersionMeasures measures, Execution execution) {
        new VersionCounters(true, () -> 0, measures).executed(execution);
        return measures;
    }

    /** Two requests that waited 30 and 60 µs for an execution of 2, 7 and 1 µs; one that failed. */
    private static Execution execution() {
        return new Execution(
                new ComputeNanos(2 * MICRO, 7 * MICRO, 1 * MICRO),
                List.of(
                        new Execution.Request(1, 30 * MICRO, 40 * MICRO, Optional.empty()),
                        new Execution.Request(3, 60 * MICRO, 70 * MICRO, Optional.empty()),
                        new Execution.Request(
                                1, MICRO, 9 * MICRO, Optional.of(FailureReason.BACKEND))));
    }

    @Test
    void givesEachSuccessfulRequestOfABatchItsPlaceInTheHistograms() {
        VersionMeasures measures =
                measured(VersionMeasures.of(EVERYTHING, FakeModel.config("m", 8, 1)), execution());

        Histogram.Reading queue = read(measures, HistogramFamily.QUEUE);
        assertThat(queue.limits()).startsWith(10.0, 25.0, 50.0, 100.0).endsWith(1e7);
        assertThat(queue.counts()).startsWith(0L, 0L, 1L, 1L, 0L);
        assertThat(queue.sum()).isEqualTo(90);
        assertThat(read(measures, HistogramFamily.REQUEST).sum()).isEqualTo(110);
        Histogram.Reading infer = read(measures, HistogramFamily.COMPUTE_INFER);
        assertThat(infer.counts()).startsWith(2L, 0L);
        assertThat(infer.sum()).isEqualTo(14);
        assertThat(read(measures, HistogramFamily.COMPUTE_INPUT).sum()).isEqualTo(4);
        assertThat(read(measures, HistogramFamily.COMPUTE_OUTPUT).sum()).isEqualTo(2);
    }

    @Test
    void estimatesQuantilesOfTheSameDurations() {
        VersionMeasures measures =
                measured(VersionMeasures.of(EVERYTHING, FakeModel.config("m", 8, 1)), execution());

        SummaryDataPointSnapshot queue =
                measures.summaries().orElseThrow().read(SummaryFamily.QUEUE);
        assertThat(queue.getCount()).isEqualTo(2);
        assertThat(queue.getSum()).isEqualTo(90);
        assertThat(queue.getQuantiles().get(0).getQuantile()).isEqualTo(0.5);
        assertThat(queue.getQuantiles().get(0).getValue()).isIn(30.0, 60.0);
        assertThat(measures.summaries().orElseThrow().read(SummaryFamily.COMPUTE_INFER).getSum())
                .isEqualTo(14);
    }

    @Test
    void tellsHowMuchLongerRequestsTakeThanTheirComputing() {
        VersionMeasures measures =
                measured(VersionMeasures.of(EVERYTHING, FakeModel.config("m", 8, 1)), execution());

        // 40 and 70 µs for 10 µs of computing.
        Histogram.Reading ratio = read(measures, HistogramFamily.LOAD_RATIO);
        assertThat(ratio.limits()).containsExactly(1.05, 1.1, 1.25, 1.5, 2.0, 10.0, 50.0);
        assertThat(ratio.counts()).containsExactly(0L, 0L, 0L, 0L, 0L, 2L, 0L, 0L);
        assertThat(ratio.sum()).isEqualTo(11);
    }

    @Test
    void letsAModelChooseItsBuckets() {
        VersionMeasures measures =
                measured(
                        VersionMeasures.of(
                                EVERYTHING,
                                model("nv_inference_queue_duration_histogram_us", 50.0, 20.5)),
                        execution());

        assertThat(read(measures, HistogramFamily.QUEUE))
                .isEqualTo(new Histogram.Reading(List.of(20.5, 50.0), List.of(0L, 1L, 1L), 90));
        assertThat(read(measures, HistogramFamily.REQUEST).limits()).contains(10.0);
    }

    @Test
    void namesAFamilyInTheConfigurationThatNobodyKnows() {
        try (CapturedLog log = CapturedLog.of(BucketChoice.class.getName())) {
            VersionMeasures.of(EVERYTHING, model("nv_inference_count", 1.0));

            assertThat(log.lines())
                    .containsExactly(
                            "WARN Metric family 'nv_inference_count' in 'metric_identifier' is not"
                                    + " a customizable metric in Triton core.");
        }
    }

    @Test
    void makesTheHistogramOfBatchSizesOfWhatIsCountedAnyway() {
        VersionMeasures measures =
                VersionMeasures.of(MeasureSettings.NONE, model("nereid_batch_size", 2.0, 4.0));

        assertThat(measures.batchSizes(Map.of(4L, 2L, 1L, 7L)))
                .isEqualTo(new Histogram.Reading(List.of(2.0, 4.0), List.of(7L, 2L, 0L), 15));
    }

    @Test
    void measuresNothingThatIsSwitchedOff() {
        VersionMeasures measures =
                measured(
                        VersionMeasures.of(MeasureSettings.NONE, FakeModel.config("m", 8, 1)),
                        execution());

        for (HistogramFamily family : HistogramFamily.values()) {
            assertThat(measures.histogram(family)).as("%s", family).isEmpty();
        }
        assertThat(measures.summaries()).isEmpty();
        assertThat(measures.wantsFirstResponses()).isFalse();
    }

    private static Histogram.Reading read(VersionMeasures measures, HistogramFamily family) {
        return measures.histogram(family).orElseThrow();
    }
}
