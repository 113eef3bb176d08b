/** The engine that compiles modules to JVM classes with Chicory. */
@NullMarked
package dev.dormouse.guest.chicory;

import org.jspecify.annotations.NullMarked;
