/** Durable state on the local disk: a journal shared by all actors, and an H2 file for each. */
@NullMarked
package dev.dormouse.storage.h2;

import org.jspecify.annotations.NullMarked;
