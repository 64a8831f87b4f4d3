/** Conversion and signing within one thread, for JMH. */
@NullMarked
package dev.precast.bench.jmh;

import org.jspecify.annotations.NullMarked;
