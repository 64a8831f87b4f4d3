@NullMarked
package dev.precast.schemas.net;

import org.jspecify.annotations.NullMarked;
