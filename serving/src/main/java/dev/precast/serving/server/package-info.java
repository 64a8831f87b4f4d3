/** How connections are taken in: how many, from whom, how slow they may be, with what certificate. Knows no registry. */
@NullMarked
package dev.precast.serving.server;

import org.jspecify.annotations.NullMarked;
