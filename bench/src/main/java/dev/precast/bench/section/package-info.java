/** The parts of {@code docs/BENCHMARKS.md}: each measures and tells its {@link dev.precast.bench.report.Report}. */
@NullMarked
package dev.precast.bench.section;

import org.jspecify.annotations.NullMarked;
