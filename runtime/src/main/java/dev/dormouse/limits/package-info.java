/** The bounds that the server keeps, their defaults and how they are configured. */
@NullMarked
package dev.dormouse.limits;

import org.jspecify.annotations.NullMarked;
