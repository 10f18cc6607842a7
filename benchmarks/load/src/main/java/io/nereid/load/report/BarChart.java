package io.nereid.load.report;

import java.util.List;
import java.util.Locale;

/** A histogram as SVG. */
final class BarChart {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 200;
    private static final int LEFT = 24;
    private static final int BOTTOM = 34;
    private static final int TOP = 14;

    private BarChart() {}

    /** A bar for each class, all of the same width. */
    static String svg(List<Bars.Bar> bars) {
        StringBuilder svg = new StringBuilder();
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"latencies\">%n",
                        WIDTH,
                        HEIGHT));
        long most = bars.stream().mapToLong(Bars.Bar::count).max().orElse(1);
        double width = (double) (WIDTH - LEFT) / Math.max(1, bars.size());
        for (int i = 0; i < bars.size(); i++) {
            Bars.Bar bar = bars.get(i);
            double height = (double) (HEIGHT - BOTTOM - TOP) * bar.count() / Math.max(1, most);
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<rect class=\"bar\" x=\"%.1f\" width=\"%.1f\" y=\"%.1f\""
                                    + " height=\"%.1f\"><title>%s answers up to %s</title></rect>"
                                    + "<text class=\"end\" x=\"%.1f\" y=\"%d\">%s</text>%n",
                            LEFT + i * width + 1,
                            width - 2,
                            HEIGHT - BOTTOM - height,
                            height,
                            Units.count(bar.count()),
                            Units.time(bar.to()),
                            LEFT + (i + 1) * width,
                            i % 2 == 0 ? HEIGHT - BOTTOM + 13 : HEIGHT - BOTTOM + 27,
                            Units.time(bar.to())));
        }
        return svg.append("</svg>\n").toString();
    }
}
