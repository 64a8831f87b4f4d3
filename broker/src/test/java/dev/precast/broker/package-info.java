@NullMarked
package dev.precast.broker;

import org.jspecify.annotations.NullMarked;
