/** The processes of a test: the registry, Precast, proxies and the tools of others. */
@NullMarked
package dev.precast.e2e.tool;

import org.jspecify.annotations.NullMarked;
