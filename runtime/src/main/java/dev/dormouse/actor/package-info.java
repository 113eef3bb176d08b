/** Actors: who is awake, one turn at a time, and what leaves only when it is durable. */
@NullMarked
package dev.dormouse.actor;

import org.jspecify.annotations.NullMarked;
