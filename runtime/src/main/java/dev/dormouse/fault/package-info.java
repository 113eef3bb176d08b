/** What can go wrong, as types with stable codes. */
@NullMarked
package dev.dormouse.fault;

import org.jspecify.annotations.NullMarked;
