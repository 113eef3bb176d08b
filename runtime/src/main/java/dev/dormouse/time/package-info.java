/** The seam through which time, delay and chance reach the server. */
@NullMarked
package dev.dormouse.time;

import org.jspecify.annotations.NullMarked;
