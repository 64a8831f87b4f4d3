package dev.precast.bench.section;

import static dev.precast.bench.report.Report.number;

import dev.precast.bench.image.SizedImage;
import dev.precast.bench.jmh.ConversionBenchmark;
import dev.precast.bench.jmh.SigningBenchmark;
import dev.precast.bench.report.LineChart;
import dev.precast.bench.report.Report;
import dev.precast.bench.tool.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** One thread, no Kafka: conversions and signatures per second, and how conversion grows. */
public final class InProcess implements Section {
    private static final String[] LAYERS = {"1", "5", "20", "40", "80", "120"};
    private static final String[] PADDINGS = {"0", "10000", "50000", "100000", "500000", "1000000"};
    private static final Pattern OPENSSL =
            Pattern.compile("(?m)^\\s*(rsa 2048 bits|256 bits ecdsa).*?([\\d.]+)\\s+[\\d.]+\\s*$");

    @Override
    public String name() {
        return "in-process";
    }

    @Override
    public String title() {
        return "Converting and signing in one thread";
    }

    @Override
    public void run(Plan plan, Path work, Report report) throws Exception {
        int iterations = plan.rounds() == 1 ? 1 : 5;
        report.paragraph(
                "JMH, one thread, one fork, " + iterations
                        + " iterations of 1 s after as many to warm up; an operation turns an"
                        + " image record into every older format, or a payload of 4 KB into a finished manifest with one signature.");
        Map<String, Double> signing = scores(jmh(SigningBenchmark.class, iterations), "key");
        Map<Double, Double> layers = curve(jmh(ConversionBenchmark.class, iterations, "layers", LAYERS), "layers");
        Map<Double, Double> bytes = curve(jmh(ConversionBenchmark.class, iterations, "padding", PADDINGS), "padding");
        Map<String, Double> openssl = openssl();
        report.table(
                List.of("one core", "per second"),
                List.of(
                        List.of("conversions, five layers", number(layers.getOrDefault(5.0, 0.0))),
                        List.of("conversions, forty layers", number(layers.getOrDefault(40.0, 0.0))),
                        List.of("ES256 manifests signed", number(signing.getOrDefault("ec", 0.0))),
                        List.of("RS256 manifests signed, 2048 bits", number(signing.getOrDefault("rsa", 0.0))),
                        List.of(
                                "`openssl speed`, ECDSA P-256 signatures",
                                number(openssl.getOrDefault("256 bits ecdsa", 0.0))),
                        List.of(
                                "`openssl speed`, RSA 2048 signatures",
                                number(openssl.getOrDefault("rsa 2048 bits", 0.0)))));
        report.chart(new LineChart(
                "layers",
                "Time of one conversion over layers",
                "layers",
                "microseconds",
                false,
                List.of(micros("conversion", layers, 0))));
        int base = SizedImage.of(5, 0).configBytes();
        report.chart(new LineChart(
                "config",
                "Time of one conversion over the size of the config",
                "bytes of the config",
                "microseconds",
                false,
                List.of(micros("conversion", bytes, base))));
    }

    private static LineChart.Line micros(String name, Map<Double, Double> perSecond, int offset) {
        List<LineChart.Point> points = new ArrayList<>();
        perSecond.forEach((x, rate) -> points.add(new LineChart.Point(x + offset, 1e6 / rate)));
        return new LineChart.Line(name, points);
    }

    private static Collection<RunResult> jmh(Class<?> benchmark, int iterations, String parameter, String... values)
            throws Exception {
        return new Runner(
                        options(benchmark, iterations).param(parameter, values).build())
                .run();
    }

    private static Collection<RunResult> jmh(Class<?> benchmark, int iterations) throws Exception {
        return new Runner(options(benchmark, iterations).build()).run();
    }

    private static ChainedOptionsBuilder options(Class<?> benchmark, int iterations) {
        return new OptionsBuilder()
                .include(benchmark.getName().replace(".", "\\."))
                .forks(1)
                .warmupIterations(iterations)
                .measurementIterations(iterations)
                .warmupTime(TimeValue.seconds(1))
                .measurementTime(TimeValue.seconds(1));
    }

    private static Map<Double, Double> curve(Collection<RunResult> results, String parameter) {
        Map<Double, Double> curve = new TreeMap<>();
        scores(results, parameter).forEach((value, score) -> curve.put(Double.parseDouble(value), score));
        return curve;
    }

    private static Map<String, Double> scores(Collection<RunResult> results, String parameter) {
        Map<String, Double> scores = new TreeMap<>();
        results.forEach(result -> scores.put(
                result.getParams().getParam(parameter),
                result.getPrimaryResult().getScore()));
        return scores;
    }

    private static Map<String, Double> openssl() throws Exception {
        String text = Program.run(
                Duration.ofMinutes(1), List.of("openssl", "speed", "-seconds", "2", "rsa2048", "ecdsap256"));
        Map<String, Double> rates = new TreeMap<>();
        Matcher line = OPENSSL.matcher(text.toLowerCase(Locale.ROOT));
        while (line.find()) {
            rates.put(line.group(1), Double.parseDouble(line.group(2)));
        }
        return rates;
    }
}
