/** HTTP and WebSocket, public and admin, in front of the actors. */
@NullMarked
package dev.dormouse.gateway;

import org.jspecify.annotations.NullMarked;
