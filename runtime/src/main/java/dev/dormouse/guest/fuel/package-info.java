/** The rewriter that makes a module count its fuel and bound its call depth. */
@NullMarked
package dev.dormouse.guest.fuel;

import org.jspecify.annotations.NullMarked;
