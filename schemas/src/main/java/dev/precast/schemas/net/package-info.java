/** Whose word leads where: origins, addresses, and who may see credentials. Pure. */
@NullMarked
package dev.precast.schemas.net;

import org.jspecify.annotations.NullMarked;
