@NullMarked
package dev.precast.converter.jws;

import org.jspecify.annotations.NullMarked;
