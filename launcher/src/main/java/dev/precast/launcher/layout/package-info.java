/** An OCI image layout directory as a registry: read by HTTP, watched for changes. */
@NullMarked
package dev.precast.launcher.layout;

import org.jspecify.annotations.NullMarked;
