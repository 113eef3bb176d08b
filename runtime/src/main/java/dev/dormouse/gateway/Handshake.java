package dev.dormouse.gateway;

import dev.dormouse.actor.Connection.Opening;
import dev.dormouse.actor.Directory;
import dev.dormouse.actor.HttpReply;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.UserFault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.time.TimeSource;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The opening of a WebSocket (RFC 6455, section 4). The actor's connect turn is over, and durable,
 * before the client is told that the connection stands; a refusal is an HTTP answer.
 */
final class Handshake {
  private static final HeaderName KEY = HeaderNames.create("Sec-WebSocket-Key");
  private static final HeaderName VERSION = HeaderNames.create("Sec-WebSocket-Version");
  private static final HeaderName PROTOCOL = HeaderNames.create("Sec-WebSocket-Protocol");
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final Directory directory;
  private final TimeSource time;
  private final Pace pace;

  Handshake(Directory directory, TimeSource time, Pace pace) {
    this.directory = directory;
    this.time = time;
    this.pace = pace;
  }

  /** Returns when the connection stands, to be served by its wire, or was refused. */
  void connect(Exchange exchange, ActorId actor, String url) {
    var version = exchange.header(VERSION);
    if (!"13".equals(version)) {
      var problem =
          new Problem(Code.BAD_REQUEST, 426, "the server speaks version 13 of WebSocket", null);
      exchange.answer(Reply.of(problem).with("sec-websocket-version", "13"));
      return;
    }
    var key = key(exchange);
    checkProtocols(exchange.header(PROTOCOL));
    var limits = directory.limits(actor.namespace());
    var wire = exchange.wire();
    var session = new WebSocketSession(wire, limits.frameBytes(), time, pace);
    var connecting = directory.connect(actor, url, exchange.headers(), session::signal);
    Opening opening;
    try {
      opening = wire.await(connecting.opening(), limits.requestTime());
    } catch (Fault fault) {
      connecting.connection().gone(1006, "");
      throw fault;
    }
    if (opening instanceof Opening.Rejected rejected) {
      exchange.answer(Reply.of(refusal(rejected)));
      return;
    }
    if (opening instanceof Opening.Refused(HttpReply reply)) {
      exchange.answer(Reply.of(reply));
      return;
    }
    var protocol = opening instanceof Opening.Accepted accepted ? accepted.protocol() : null;
    exchange.handOver();
    session.open(connecting.connection(), switching(key, protocol));
  }

  private static Problem refusal(Opening.Rejected rejected) {
    int status = rejected.status() >= 400 && rejected.status() <= 599 ? rejected.status() : 403;
    var detail = rejected.message().isEmpty() ? "the actor refused" : rejected.message();
    var code =
        switch (status) {
          case 401, 403 -> Code.UNAUTHORIZED;
          case 404 -> Code.NOT_FOUND;
          default -> Code.BAD_REQUEST;
        };
    return new Problem(code, status, detail, null);
  }

  private static String key(Exchange exchange) {
    var key = exchange.header(KEY);
    var connection = exchange.header(HeaderNames.CONNECTION);
    if (!exchange.method().equals("GET")
        || exchange.hasBody()
        || connection == null
        || !HeaderRules.listHas(connection, "upgrade")
        || key == null
        || !isNonce(key)) {
      throw new UserFault(
          Code.BAD_REQUEST,
          "a WebSocket opens with GET, no body, 'Connection: Upgrade' and a Sec-WebSocket-Key of"
              + " 16 bytes in base64");
    }
    return key;
  }

  private static boolean isNonce(String key) {
    try {
      return key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void checkProtocols(@Nullable String offered) {
    if (offered == null) {
      return;
    }
    for (var protocol : offered.split(",", -1)) {
      if (!HeaderRules.isToken(protocol.strip())) {
        throw new UserFault(Code.BAD_REQUEST, "Sec-WebSocket-Protocol must be a list of names");
      }
    }
  }

  private static byte[] switching(String key, @Nullable String protocol) {
    var accept =
        Base64.getEncoder().encodeToString(sha1((key + GUID).getBytes(StandardCharsets.US_ASCII)));
    var chosen = protocol == null ? "" : "sec-websocket-protocol: " + protocol + "\r\n";
    return ("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
            + "sec-websocket-accept: "
            + accept
            + "\r\n"
            + chosen
            + "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** The protocol's own choice; nothing is kept secret by it. */
  private static byte[] sha1(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-1", e);
    }
  }
}
