/** The way out: HTTP and WebSocket to the outside, only where the policy lets an app go. */
@NullMarked
package dev.dormouse.egress;

import org.jspecify.annotations.NullMarked;
