package dev.dormouse.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.actor.Header;
import java.util.List;

/** JSON answers of the admin API. */
final class Json {
  /** Buffers that are kept for the next answer. */
  private static final int BUFFERS = 16;

  /** Jackson would keep buffers of 16 KB for each thread, and here each connection has one. */
  static final JsonMapper MAPPER =
      new JsonMapper(
          JsonFactory.builder().recyclerPool(JsonRecyclerPools.newBoundedPool(BUFFERS)).build());

  private static final List<Header> HEADERS =
      List.of(
          new Header("content-type", "application/json"), new Header("cache-control", "no-store"));

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static Reply reply(int status, JsonNode json) {
    return new Reply(status, HEADERS, bytes(json));
  }

  static byte[] bytes(JsonNode json) {
    try {
      return MAPPER.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree is always JSON", e);
    }
  }
}
