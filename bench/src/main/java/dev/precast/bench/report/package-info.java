/** Tables and charts as files. */
@NullMarked
package dev.precast.bench.report;

import org.jspecify.annotations.NullMarked;
