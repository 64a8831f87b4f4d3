package dev.precast.bench.tool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What processes of this Linux machine use, each with its descendants, as {@code proc(5)} tells it. Thread-safe. */
public final class ProcessUsage {
    /** USER_HZ is 100 on every architecture that Linux has with these tools. */
    private static final double TICKS_PER_SECOND = 100;

    private final List<Long> pids;

    public ProcessUsage(List<Long> pids) {
        this.pids = List.copyOf(pids);
    }

    /** Seconds of processor time, user and system, since they started. A process that is gone counts nothing. */
    public double cpuSeconds() {
        return all().mapToDouble(ProcessUsage::cpuSeconds).sum();
    }

    /** Resident memory in bytes, shared pages counted in each. */
    public long residentBytes() {
        return all().mapToLong(ProcessUsage::residentBytes).sum();
    }

    /** All of them, at this moment. */
    public List<Long> pids() {
        return all().toList();
    }

    private Stream<Long> all() {
        return pids.stream()
                .flatMap(pid -> Stream.concat(
                        Stream.of(pid),
                        ProcessHandle.of(pid).stream()
                                .flatMap(ProcessHandle::descendants)
                                .map(ProcessHandle::pid)))
                .distinct();
    }

    private static double cpuSeconds(long pid) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
        // The name in parentheses may contain anything; the 14th and 15th field count from the start of the line.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ");
        return fields.length < 13 ? 0 : (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    private static long residentBytes(long pid) {
        return read(Path.of("/proc", Long.toString(pid), "status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .sum();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            return ""; // a process that ends while it is read
        }
    }
}
