/** The private keys that a converter holds: read from files and directories, followed while they change. */
@NullMarked
package dev.precast.converter.keys;

import org.jspecify.annotations.NullMarked;
