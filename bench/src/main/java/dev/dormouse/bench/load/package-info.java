/**
 * The load generator: HTTP in a closed and in an open loop, WebSockets, and the disk's own speed.
 * One thread and one selector, so that it takes as little as it can of the machine that it shares.
 */
@NullMarked
package dev.dormouse.bench.load;

import org.jspecify.annotations.NullMarked;
