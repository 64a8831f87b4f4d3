/** Running programs and measuring what they use, and statistics. Nothing here knows Precast. */
@NullMarked
package dev.precast.bench.tool;

import org.jspecify.annotations.NullMarked;
