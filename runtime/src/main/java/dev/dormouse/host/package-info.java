/** The imports that a guest may call, as operations on the current turn. */
@NullMarked
package dev.dormouse.host;

import org.jspecify.annotations.NullMarked;
