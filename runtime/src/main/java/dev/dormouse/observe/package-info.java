/** Metrics and logs. */
@NullMarked
package dev.dormouse.observe;

import org.jspecify.annotations.NullMarked;
