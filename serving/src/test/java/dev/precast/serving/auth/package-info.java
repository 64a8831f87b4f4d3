@NullMarked
package dev.precast.serving.auth;

import org.jspecify.annotations.NullMarked;
