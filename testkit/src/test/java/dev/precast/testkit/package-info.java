@NullMarked
package dev.precast.testkit;

import org.jspecify.annotations.NullMarked;
