/** The conversion beside a real Docker Distribution 2.8. */
@NullMarked
package dev.precast.converter.differential;

import org.jspecify.annotations.NullMarked;
