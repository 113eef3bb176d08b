package dev.dormouse.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.actor.Header;
import dev.dormouse.actor.HttpReply;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * The text of an exception that an app did not catch. The public never reads it; whoever develops
 * the app finds it in the answer itself.
 */
final class ExceptionText {
  /** What actors of this server tell each other an exception by: its name and message, escaped. */
  private static final String HEADER = "dormouse-exception";

  private ExceptionText() {}

  /** The reply with the exception's text as its problem's detail; as it is where it has none. */
  static HttpReply told(HttpReply reply) {
    for (Header header : reply.headers()) {
      if (header.name().equals(HEADER)) {
        return withDetail(reply, header.value());
      }
    }
    return reply;
  }

  private static HttpReply withDetail(HttpReply reply, String escaped) {
    try {
      JsonNode problem = Json.MAPPER.readTree(reply.body());
      if (!(problem instanceof ObjectNode document)) {
        return reply;
      }
      // Escapes stand for all that URLs have a meaning for, but for the plus sign.
      String text = URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
      document.put("detail", text);
      return new HttpReply(
          reply.status(), reply.headers(), Json.MAPPER.writeValueAsBytes(document));
    } catch (IOException | IllegalArgumentException notOurs) {
      return reply;
    }
  }
}
