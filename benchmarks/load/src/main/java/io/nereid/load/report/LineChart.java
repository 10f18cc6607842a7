package io.nereid.load.report;

import java.util.List;
import java.util.Locale;

/** Lines through points, as SVG that takes its colours from classes. */
final class LineChart {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 320;
    private static final int LEFT = 70;
    private static final int RIGHT = 110;
    private static final int TOP = 12;
    private static final int BOTTOM = 44;
    private static final int COLOURS = 8;
    private static final int LINE_HEIGHT = 15;

    /** A point in the units of the axes. */
    record Point(double x, double y) {}

    /** A line. */
    record Series(String name, List<Point> points) {}

    private LineChart() {}

    /** A chart with a line for each series, the first eight in colours of their own. */
    static String svg(Axis x, Axis y, List<Series> series) {
        StringBuilder svg = new StringBuilder();
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s by %s\">%n",
                        WIDTH,
                        HEIGHT,
                        Html.escape(y.title()),
                        Html.escape(x.title())));
        grid(x, y, svg);
        for (int i = 0; i < series.size(); i++) {
            line(x, y, series.get(i), i, svg);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void grid(Axis x, Axis y, StringBuilder svg) {
        for (double tick : y.ticks()) {
            double at = top(y, tick);
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                                    + "<text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>%n",
                            LEFT,
                            WIDTH - RIGHT,
                            at,
                            at,
                            LEFT - 6,
                            at + 4,
                            Html.escape(y.label().apply(tick))));
        }
        for (double tick : x.ticks()) {
            double at = left(x, tick);
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                                    + "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>%n",
                            at,
                            at,
                            TOP,
                            HEIGHT - BOTTOM,
                            at,
                            HEIGHT - BOTTOM + 16,
                            Html.escape(x.label().apply(tick))));
        }
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<text class=\"middle\" x=\"%d\" y=\"%d\">%s</text>%n",
                        (LEFT + WIDTH - RIGHT) / 2,
                        HEIGHT - 6,
                        Html.escape(x.title())));
    }

    private static void line(Axis x, Axis y, Series series, int index, StringBuilder svg) {
        int colour = index % COLOURS;
        StringBuilder points = new StringBuilder();
        for (Point point : series.points()) {
            points.append(
                    String.format(
                            Locale.ROOT, "%.1f,%.1f ", left(x, point.x()), top(y, point.y())));
        }
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<polyline class=\"c%d\" points=\"%s\"/>"
                                + "<text class=\"t%d\" x=\"%d\" y=\"%d\">%s</text>%n",
                        colour,
                        points.toString().strip(),
                        colour,
                        WIDTH - RIGHT + 8,
                        TOP + 10 + index * LINE_HEIGHT,
                        Html.escape(series.name())));
        if (series.points().size() > 20) {
            return;
        }
        for (Point point : series.points()) {
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<circle class=\"d%d\" r=\"3\" cx=\"%.1f\" cy=\"%.1f\"/>%n",
                            colour,
                            left(x, point.x()),
                            top(y, point.y())));
        }
    }

    private static double left(Axis x, double value) {
        return LEFT + (WIDTH - LEFT - RIGHT) * x.position(value);
    }

    private static double top(Axis y, double value) {
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * y.position(value);
    }
}
