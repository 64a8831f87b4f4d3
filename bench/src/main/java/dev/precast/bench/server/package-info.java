/** What is measured side by side: the peers and Precast, each as processes of its own. */
@NullMarked
package dev.precast.bench.server;

import org.jspecify.annotations.NullMarked;
