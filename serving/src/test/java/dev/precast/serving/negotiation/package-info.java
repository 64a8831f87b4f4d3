@NullMarked
package dev.precast.serving.negotiation;

import org.jspecify.annotations.NullMarked;
