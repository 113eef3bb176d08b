package dev.dormouse.gateway;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.dormouse.storage.Entry;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Shows a stored entry to people: as JSON where the value is CBOR, in base64 where it is not. */
final class StoredValue {
  private static final CBORMapper CBOR = new CBORMapper();

  private StoredValue() {}

  static ObjectNode json(Entry entry) {
    var json = Json.object();
    json.put("key", entry.key().toString());
    var value = structured(entry.value());
    if (value == null) {
      json.put("base64", entry.value());
    } else {
      json.set("value", value);
    }
    json.put("bytes", entry.value().length);
    return json;
  }

  /** The value, if the bytes are exactly one item of CBOR. */
  private static @Nullable JsonNode structured(byte[] bytes) {
    if (bytes.length == 0) {
      return null;
    }
    try (var parser = CBOR.createParser(bytes)) {
      JsonNode tree = CBOR.readTree(parser);
      JsonToken more = parser.nextToken();
      return tree == null || tree.isMissingNode() || more != null ? null : tree;
    } catch (IOException e) {
      return null;
    }
  }
}
