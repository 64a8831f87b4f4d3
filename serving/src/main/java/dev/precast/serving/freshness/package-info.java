/**
 * What happens when the upstream has a tag that the view lacks, or has otherwise: a hint, and a short wait. Start reading at
 * {@link dev.precast.serving.freshness.FreshOffers}.
 */
@NullMarked
package dev.precast.serving.freshness;

import org.jspecify.annotations.NullMarked;
