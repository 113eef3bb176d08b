/** The seam to durable state: what an actor reads and how a turn commits. */
@NullMarked
package dev.dormouse.storage;

import org.jspecify.annotations.NullMarked;
