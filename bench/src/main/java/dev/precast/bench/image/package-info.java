/** What the benchmarks push and convert: images of chosen size, made without randomness. */
@NullMarked
package dev.precast.bench.image;

import org.jspecify.annotations.NullMarked;
