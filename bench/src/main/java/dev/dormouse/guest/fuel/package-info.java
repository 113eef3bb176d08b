/** Measures the rewriter from within, where a module without charges can be made. */
@NullMarked
package dev.dormouse.guest.fuel;

import org.jspecify.annotations.NullMarked;
