@NullMarked
package dev.precast.serving.view;

import org.jspecify.annotations.NullMarked;
