/** Which entry of a list or index old clients get: pure, with a total order. */
@NullMarked
package dev.precast.converter.platform;

import org.jspecify.annotations.NullMarked;
