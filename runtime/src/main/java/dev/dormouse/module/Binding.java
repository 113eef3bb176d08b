package dev.dormouse.module;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.limits.Settings;
import dev.dormouse.limits.SettingsException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the disk keeps of a namespace: which module it is bound to, and which it was bound to
 * before. The file is JSON with a check sum, so that a flipped bit is noticed.
 *
 * @param host the value of the Host header for which its gateway stands at {@code /}; {@code *} for
 *     all, null for none
 * @param previous hashes of earlier modules, newest first, at most {@link #KEPT}
 */
record Binding(
    int version,
    String sha256,
    long size,
    String abi,
    SortedSet<String> exports,
    long createdMillis,
    long updatedMillis,
    @Nullable String host,
    List<String> previous) {

  /** Earlier modules whose files are kept. */
  static final int KEPT = 3;

  Binding {
    exports = Collections.unmodifiableSortedSet(new TreeSet<>(exports));
    previous = List.copyOf(previous);
  }

  /** The same at another host. */
  Binding at(String other) {
    return new Binding(
        version, sha256, size, abi, exports, createdMillis, updatedMillis, other, previous);
  }

  /** The list of earlier modules after this one has become one. */
  List<String> superseded() {
    var hashes = new ArrayList<String>();
    hashes.add(sha256);
    for (String hash : previous) {
      if (hashes.size() < KEPT && !hashes.contains(hash)) {
        hashes.add(hash);
      }
    }
    return hashes;
  }

  byte[] toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("version", version);
    json.put("sha256", sha256);
    json.put("size", size);
    json.put("abi", abi);
    if (host != null) {
      json.put("host", host);
    }
    var names = json.putArray("exports");
    exports.forEach(names::add);
    json.put("created", createdMillis);
    json.put("updated", updatedMillis);
    var earlier = json.putArray("previous");
    previous.forEach(earlier::add);
    var file = JsonNodeFactory.instance.objectNode();
    file.set("binding", json);
    file.put("check", check(json));
    return file.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @throws SettingsException when these are not the bytes that {@link #toJson} made
   */
  static Binding read(byte[] bytes) {
    var file = Settings.parse("the file", bytes);
    var json = Settings.object("binding", file.get("binding"));
    if (!check(json).equals(file.path("check").asText())) {
      throw new SettingsException("its check sum is wrong");
    }
    return new Binding(
        json.path("version").asInt(),
        json.path("sha256").asText(),
        json.path("size").asLong(),
        json.path("abi").asText(),
        new TreeSet<>(texts(json.path("exports"))),
        json.path("created").asLong(),
        json.path("updated").asLong(),
        json.has("host") ? json.path("host").asText() : null,
        texts(json.path("previous")));
  }

  private static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  private static String check(ObjectNode json) {
    return Hash.sha256(json.toString().getBytes(StandardCharsets.UTF_8));
  }
}
