package dev.precast.bench.tool;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The load generator {@code wrk}: one thread, keep-alive, no {@code Accept} header, as Docker 1.6 to 1.9 ask. It goes over its
 * paths in an order that scatters them, always the same, and every run begins somewhere else. Confined to one thread.
 */
public final class Wrk {
    private static final Pattern RESULT = Pattern.compile(
            "RESULT requests=(\\d+) micros=(\\d+) p50=([\\d.]+) p99=([\\d.]+) p999=([\\d.]+) max=([\\d.]+) failed=(\\d+)");

    private static final int WARM_UPS = 60;

    private final Path script;
    private final List<String> prefix;
    private final int paths;
    private long asked;

    /** @param core the only core that it may use; below 0 for any */
    public Wrk(Path directory, List<String> paths, int core) throws IOException {
        this.paths = paths.size();
        Path list = Files.createTempFile(directory, "paths", ".txt");
        Files.write(list, paths);
        this.script = Files.createTempFile(directory, "wrk", ".lua");
        Files.writeString(script, SCRIPT.replace("LIST", list.toString()));
        this.prefix = core < 0 ? List.of() : List.of("taskset", "-c", Integer.toString(core));
    }

    /**
     * What one run saw.
     *
     * @param failed answers other than 200, and errors of sockets
     */
    public record Load(
            double perSecond,
            double p50Millis,
            double p99Millis,
            double p999Millis,
            double maxMillis,
            long requests,
            long failed) {}

    /** @throws IOException if wrk does not run */
    public Load run(URI server, int connections, Duration time) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                "wrk",
                "-t1",
                "-c" + connections,
                "-d" + time.toSeconds() + "s",
                "--timeout",
                "10s",
                "-s",
                script.toString(),
                server.toString(),
                "--",
                Long.toString(asked)));
        String text = Program.run(time.plusSeconds(60), command);
        Matcher result = RESULT.matcher(text);
        if (!result.find()) {
            throw new IOException("Cannot read what wrk says: " + text);
        }
        long requests = Long.parseLong(result.group(1));
        asked += requests;
        return new Load(
                requests * 1e6 / Long.parseLong(result.group(2)),
                Double.parseDouble(result.group(3)) / 1000,
                Double.parseDouble(result.group(4)) / 1000,
                Double.parseDouble(result.group(5)) / 1000,
                Double.parseDouble(result.group(6)) / 1000,
                requests,
                Long.parseLong(result.group(7)));
    }

    /** Asks for everything at least once: what lies on a disk or has to be compiled is not what is measured. */
    public void warmUp(URI server, Duration time) throws IOException, InterruptedException {
        long end = asked + paths;
        for (int i = 0; i < WARM_UPS && (i == 0 || asked < end); i++) {
            run(server, 16, time);
        }
    }

    // The requests are formatted once. A stride that shares no factor with most counts scatters them over the
    // repositories.
    private static final String SCRIPT = """
            local requests, at = {}, 0
            function init(args)
              for path in io.lines("LIST") do
                requests[#requests + 1] = wrk.format("GET", path)
              end
              at = tonumber(args[1]) * 7919 % #requests -- goes on where the last run ended
            end
            function request()
              at = (at + 7919) % #requests
              return requests[at + 1]
            end
            function done(summary, latency, _)
              local e = summary.errors
              io.write(string.format("RESULT requests=%d micros=%d p50=%.1f p99=%.1f p999=%.1f max=%.1f failed=%d\\n",
                summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
                latency:percentile(99.9), latency.max, e.connect + e.read + e.write + e.status + e.timeout))
            end
            """;
}
