@NullMarked
package dev.precast.serving.server;

import org.jspecify.annotations.NullMarked;
