/** Mutated manifests and configs: no crash, no hang, only declared refusals, and one meaning to every reader. */
@NullMarked
package dev.precast.converter.fuzz;

import org.jspecify.annotations.NullMarked;
