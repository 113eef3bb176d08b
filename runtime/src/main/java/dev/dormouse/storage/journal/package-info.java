/** The node-wide journal: what makes a turn's writes durable, many turns with one disk flush. */
@NullMarked
package dev.dormouse.storage.journal;

import org.jspecify.annotations.NullMarked;
