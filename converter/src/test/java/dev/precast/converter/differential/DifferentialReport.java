package dev.precast.converter.differential;

import dev.precast.converter.differential.Comparison.Verdict;
import dev.precast.schemas.error.RefusalReason;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The outcome for people: a summary for the log, and a page of Markdown.
 *
 * @param distribution the version of Distribution
 */
record DifferentialReport(String distribution, long seed, List<Comparison> random, List<Comparison> corpus) {
    /** A few lines. */
    String summary() {
        return "Compared with " + distribution + ", seed " + seed + "\n" + lines("random images", random)
                + lines("corpus", corpus);
    }

    private static String lines(String what, List<Comparison> comparisons) {
        return "%s: compared %d, identical %d, identical from schema 2 %d, refused %d %s, different %d%n"
                .formatted(
                        what,
                        comparisons.size(),
                        count(comparisons, Verdict.IDENTICAL),
                        count(comparisons, Verdict.IDENTICAL_FROM_SCHEMA2),
                        count(comparisons, Verdict.REFUSED),
                        reasons(comparisons),
                        count(comparisons, Verdict.DIFFERENT));
    }

    String markdown() {
        return """
                # Precast beside Distribution

                Every image here was pushed to a real `%s` and asked for as an old client does (no `Accept`), and converted by Precast.
                *Identical* means: the same payload, byte for byte, and the same digest.
                This page is written by `build-bin/differential %d %d`; the same images come out of the same seed.

                ## Random images

                | compared | identical | identical from schema 2 | refused | different |
                |---:|---:|---:|---:|---:|
                | %d | %d | %d | %d | %d |

                *Identical from schema 2*: what Distribution does not convert (OCI), or of which Precast takes another entry (the one
                without CPU variant). Distribution was given the schema 2 form that Precast built or chose, under the same tag, and made
                the same payload of it as Precast.

                What was refused was made to be refused. Distribution's answers to those are these. Where it answers 200, its image is not
                the one that was pushed (too short a history loses the upper layers), means different things to different readers
                (ambiguous keys, bytes that are not UTF-8), cannot be read or pulled by the clients it is for (a `throwaway` that is no
                boolean, foreign layers), or holds times that later builds of Distribution itself refuse.

                %s
                ## The corpus, item by item

                | item | what | Distribution | Precast | |
                |---|---|---|---|---|
                %s""".formatted(
                        distribution,
                        random.size(),
                        seed,
                        random.size(),
                        count(random, Verdict.IDENTICAL),
                        count(random, Verdict.IDENTICAL_FROM_SCHEMA2),
                        count(random, Verdict.REFUSED),
                        count(random, Verdict.DIFFERENT),
                        refusals(),
                        corpus.stream().map(DifferentialReport::row).collect(Collectors.joining()));
    }

    private String refusals() {
        Map<String, Long> rows = random.stream()
                .filter(comparison -> comparison.verdict() == Verdict.REFUSED)
                .map(comparison -> "| `" + comparison.reason() + "` | "
                        + comparison.distribution().replaceAll(", \\d+ bytes", ""))
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
        StringBuilder table = new StringBuilder("| Precast | Distribution | images |\n|---|---|---:|\n");
        rows.forEach(
                (row, images) -> table.append(row).append(" | ").append(images).append(" |\n"));
        return table.toString();
    }

    private static String row(Comparison comparison) {
        String verdict = switch (comparison.verdict()) {
            case IDENTICAL -> "identical";
            case IDENTICAL_FROM_SCHEMA2 -> "identical from schema 2";
            case REFUSED -> "named refusal";
            case DIFFERENT -> "**different**";
        };
        return "| `%s` | %s | %s | %s | %s |%n"
                .formatted(
                        comparison.image().repository().substring("corpus/".length()),
                        comparison.what().replace("|", "\\|"),
                        comparison.distribution(),
                        comparison.precast(),
                        verdict);
    }

    private static long count(List<Comparison> comparisons, Verdict verdict) {
        return comparisons.stream()
                .filter(comparison -> comparison.verdict() == verdict)
                .count();
    }

    private static Map<RefusalReason, Long> reasons(List<Comparison> comparisons) {
        Map<RefusalReason, Long> reasons = new TreeMap<>();
        for (Comparison comparison : comparisons) {
            if (comparison.verdict() == Verdict.REFUSED && comparison.reason() != null) {
                reasons.merge(comparison.reason(), 1L, Long::sum);
            }
        }
        return reasons;
    }
}
