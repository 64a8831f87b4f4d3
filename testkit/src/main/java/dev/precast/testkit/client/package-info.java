/** Clients of a registry as they were at their time: {@link dev.precast.testkit.client.DockerClient} first of all. */
@NullMarked
package dev.precast.testkit.client;

import org.jspecify.annotations.NullMarked;
