package dev.precast.bench.tool;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Medians and percentiles of small samples. Pure. */
public final class Statistics {
    private Statistics() {}

    /**
     * The middle value; of an even number, the mean of the two in the middle.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static double median(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("There is no median of nothing.");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public static <T> double median(List<T> samples, ToDoubleFunction<T> of) {
        return median(samples.stream().mapToDouble(of).toArray());
    }

    /**
     * The smallest value that at least {@code percent} of all values do not exceed.
     *
     * @param percent above 0, at most 100
     * @throws IllegalArgumentException if there is none
     */
    public static double percentile(double percent, double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("There is no percentile of nothing.");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(percent / 100 * sorted.length);
        return sorted[Math.max(0, Math.min(sorted.length, rank) - 1)];
    }
}
