package dev.dormouse.egress;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of an attempt to open a WebSocket.
 *
 * @param reply the server's answer, where it refused
 * @param socket what was opened, where it did not
 * @param protocol the sub-protocol that the server chose
 */
public record WebSocketOpening(
    @Nullable WebReply reply, Optional<WebSocketClient> socket, @Nullable String protocol) {}
