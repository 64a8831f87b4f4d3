/** Benchmarks beside the peers: {@link dev.precast.bench.Bench} runs them and writes {@code docs/BENCHMARKS.md}. */
@NullMarked
package dev.precast.bench;

import org.jspecify.annotations.NullMarked;
