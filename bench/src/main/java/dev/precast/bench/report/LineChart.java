package dev.precast.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A chart with lines, as SVG: readable on light and dark pages, without scripts. Both axes start at 0 unless the horizontal one is
 * logarithmic. Pure.
 *
 * @param slug for the file name
 * @param logarithmic whether the horizontal axis is; its values must then be above 0
 */
public record LineChart(
        String slug, String title, String horizontal, String vertical, boolean logarithmic, List<Line> lines) {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 360;
    private static final int LEFT = 80;
    private static final int RIGHT = 20;
    private static final int TOP = 44;
    private static final int BOTTOM = 56;
    private static final List<String> COLOURS = List.of("#2f6fdb", "#d9652b", "#2c9a6b", "#a24fc4", "#b58900");

    /** One line; its points in the order of {@code x}. */
    public record Line(String name, List<Point> points) {
        public Line {
            points = List.copyOf(points);
        }
    }

    public record Point(double x, double y) {}

    public LineChart {
        lines = List.copyOf(lines);
    }

    public String svg() {
        double maxY = nice(points().stream().mapToDouble(Point::y).max().orElse(1));
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n",
                WIDTH,
                HEIGHT);
        add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", WIDTH, HEIGHT);
        add(svg, "<text x=\"%d\" y=\"18\" font-size=\"14\" font-weight=\"bold\">%s</text>\n", LEFT, escaped(title));
        verticalAxis(svg, maxY);
        horizontalAxis(svg);
        for (int i = 0; i < lines.size(); i++) {
            line(svg, lines.get(i), i, maxY);
        }
        return svg.append("</svg>\n").toString();
    }

    private List<Point> points() {
        return lines.stream().flatMap(line -> line.points().stream()).toList();
    }

    private void verticalAxis(StringBuilder svg, double maxY) {
        for (int i = 0; i <= 4; i++) {
            double y = yPosition(maxY * i / 4, maxY);
            add(
                    svg,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n",
                    LEFT,
                    WIDTH - RIGHT,
                    y,
                    y);
            add(
                    svg,
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                    LEFT - 6,
                    y + 4,
                    Report.number(maxY * i / 4));
        }
        add(
                svg,
                "<text x=\"14\" y=\"%d\" transform=\"rotate(-90 14 %d)\" text-anchor=\"middle\">%s</text>\n",
                HEIGHT / 2,
                HEIGHT / 2,
                escaped(vertical));
    }

    private void horizontalAxis(StringBuilder svg) {
        List<Double> ticks = new ArrayList<>(
                points().stream().map(Point::x).distinct().sorted().toList());
        for (double x : ticks) {
            add(
                    svg,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                    xPosition(x),
                    HEIGHT - BOTTOM + 18,
                    Report.number(x).replaceAll("\\.0+$", ""));
        }
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 12,
                escaped(horizontal));
    }

    private void line(StringBuilder svg, Line line, int number, double maxY) {
        String colour = COLOURS.get(number % COLOURS.size());
        StringBuilder path = new StringBuilder();
        for (Point point : line.points()) {
            double x = xPosition(point.x());
            double y = yPosition(point.y(), maxY);
            add(path, "%s%.1f %.1f", path.length() == 0 ? "M" : " L", x, y);
            add(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x, y, colour);
        }
        add(svg, "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n", path, colour);
        add(svg, "<text x=\"%d\" y=\"36\" fill=\"%s\">%s</text>\n", LEFT + number * 200, colour, escaped(line.name()));
    }

    private double xPosition(double x) {
        double least = scale(points().stream().mapToDouble(Point::x).min().orElse(1));
        double most = scale(points().stream().mapToDouble(Point::x).max().orElse(1));
        double from = logarithmic ? least : 0;
        double span = most - from;
        return LEFT + (span == 0 ? 0.5 : (scale(x) - from) / span) * (WIDTH - LEFT - RIGHT - 20);
    }

    private double scale(double x) {
        return logarithmic ? Math.log10(x) : x;
    }

    private static double yPosition(double y, double maxY) {
        return HEIGHT - BOTTOM - y / maxY * (HEIGHT - TOP - BOTTOM);
    }

    /** The next of 1, 2, 4, 5, 8 and 10 times a power of ten. */
    static double nice(double value) {
        if (value <= 0) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (double step : new double[] {1, 2, 4, 5, 8}) {
            if (value <= step * power) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;");
    }

    @SuppressWarnings("AnnotateFormatMethod") // Its annotation would be a dependency for this one method.
    private static void add(StringBuilder to, String format, Object... values) {
        to.append(String.format(Locale.ROOT, format, values));
    }
}
