/** Who an actor is. */
@NullMarked
package dev.dormouse.identity;

import org.jspecify.annotations.NullMarked;
