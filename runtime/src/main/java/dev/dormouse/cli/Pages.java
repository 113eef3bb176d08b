package dev.dormouse.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Consumer;

/** Follows the cursors of a listing until it ends or enough has been seen. */
final class Pages {
  private static final int PAGE = 500;

  private Pages() {}

  /**
   * Hands over each element of {@code field}, at most {@code limit} of them.
   *
   * @return whether the server has more
   */
  static boolean each(
      AdminClient client,
      String path,
      String prefix,
      int limit,
      String field,
      Consumer<JsonNode> use) {
    String cursor = "";
    int left = limit;
    while (left > 0) {
      StringBuilder query = new StringBuilder("?limit=").append(Math.min(left, PAGE));
      if (!prefix.isEmpty()) {
        query.append("&prefix=").append(AdminClient.encode(prefix));
      }
      if (!cursor.isEmpty()) {
        query.append("&cursor=").append(AdminClient.encode(cursor));
      }
      JsonNode page = client.get(path + query).body();
      for (JsonNode each : page.path(field)) {
        use.accept(each);
        left--;
      }
      String next = page.path("cursor").asText("");
      if (next.isEmpty() || next.equals("null") || next.equals(cursor)) {
        return false;
      }
      cursor = next;
    }
    return true;
  }
}
