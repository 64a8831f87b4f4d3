@NullMarked
package dev.precast.converter.topology;

import org.jspecify.annotations.NullMarked;
