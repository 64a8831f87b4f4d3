@NullMarked
package dev.precast.serving.routes;

import org.jspecify.annotations.NullMarked;
