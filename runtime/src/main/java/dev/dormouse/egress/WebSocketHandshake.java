package dev.dormouse.egress;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The opening of a WebSocket from the client's side (RFC 6455, section 4.1). */
final class WebSocketHandshake {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketHandshake() {}

  static WebSocketOpening open(
      Wire wire,
      WebUrl url,
      List<String> protocols,
      List<Map.Entry<String, String>> headers,
      int bodyLimit,
      int frameLimit,
      TimeSource time)
      throws IOException {
    var nonce = new byte[16];
    time.random(nonce);
    var key = Base64.getEncoder().encodeToString(nonce);
    var head = new StringBuilder(256);
    head.append("GET ").append(url.target()).append(" HTTP/1.1\r\nhost: ").append(url.authority());
    head.append("\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n");
    head.append("sec-websocket-key: ").append(key).append("\r\n");
    if (!protocols.isEmpty()) {
      head.append("sec-websocket-protocol: ").append(String.join(", ", protocols)).append("\r\n");
    }
    var own = headers.stream().filter(h -> !h.getKey().startsWith("sec-websocket-")).toList();
    wire.write(Fetch.fields(head, own));
    var reader = new HttpReader(wire.in());
    var answer = reader.head();
    if (answer.status() != 101) {
      byte[] body = reader.body(answer, "GET", bodyLimit);
      var reply = new WebReply(answer.status(), Fetch.passedOn(answer), body, url.toString());
      return new WebSocketOpening(reply, Optional.empty(), null);
    }
    var protocol = answer.first("sec-websocket-protocol");
    if (!accept(key).equals(answer.first("sec-websocket-accept"))
        || (protocol != null && !protocols.contains(protocol))) {
      throw new IOException("the server's handshake is wrong");
    }
    var socket = new WebSocketClient(wire, frameLimit, time);
    return new WebSocketOpening(null, Optional.of(socket), protocol);
  }

  /** The protocol's own choice of a hash; nothing is kept secret by it. */
  private static String accept(String key) {
    try {
      var sha = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder().encodeToString(sha.digest((key + GUID).getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-1", e);
    }
  }
}
