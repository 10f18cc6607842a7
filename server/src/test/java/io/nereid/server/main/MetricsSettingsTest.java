package io.nereid.server.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.nereid.server.measures.MeasureSettings;
import io.nereid.server.measures.MeasureSettings.Quantile;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsSettingsTest {
    private static MetricsSettings read(String... values) {
        MetricsSettings settings = new MetricsSettings();
        List.of(values).forEach(settings::add);
        return settings;
    }

    @Test
    void showsCountersAndHistogramsUnlessToldOtherwise() {
        MetricsSettings settings = read();

        assertThat(settings.counterLatencies()).isTrue();
        assertThat(settings.measures(false)).isEqualTo(MeasureSettings.DEFAULT);
    }

    @Test
    void readsEachSetting() {
        MetricsSettings settings =
                read(
                        "counter_latencies=false",
                        "histograms=false",
                        "histogram_latencies=true",
                        "summary_latencies=true",
                        "summary_quantiles=0.5:0.05,0.75:0.1");

        assertThat(settings.counterLatencies()).isFalse();
        assertThat(settings.measures(true))
                .isEqualTo(
                        new MeasureSettings(
                                false,
                                true,
                                List.of(new Quantile(0.5, 0.05), new Quantile(0.75, 0.1)),
                                true));
        assertThat(settings.ineffective()).isEmpty();
    }

    @Test
    void hasTheQuantilesOfTheReferenceUnlessSomeAreGiven() {
        assertThat(read("summary_latencies=true").measures(false).quantiles())
                .extracting(Quantile::rank)
                .containsExactly(0.5, 0.9, 0.95, 0.99, 0.999);
    }

    @Test
    void lastOfSeveralValuesHolds() {
        assertThat(read("histograms=false", "histograms=true").measures(false).histograms())
                .isTrue();
    }

    @Test
    void namesWhatSaysNothing() {
        MetricsSettings settings =
                read(
                        "histogram_latencies=yes",
                        "colour=blue",
                        "summary_latencies=true",
                        "summary_quantiles=0.5,0.9:0.01,2:0.1,0.5:x");

        assertThat(settings.measures(false).firstResponses()).isFalse();
        assertThat(settings.measures(false).quantiles()).containsExactly(new Quantile(0.9, 0.01));
        assertThat(settings.ineffective())
                .containsExactly(
                        "histogram_latencies=yes",
                        "colour=blue",
                        "summary_quantiles=0.5",
                        "summary_quantiles=2:0.1",
                        "summary_quantiles=0.5:x");
    }
}
