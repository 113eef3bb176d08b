package dev.dormouse.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.actor.ActorStatus;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.KeyRange;
import dev.dormouse.storage.StorageKey;
import org.jspecify.annotations.Nullable;

/** What the admin API says of actors, and does with them. */
final class AdminActors {
  /** Bytes of stored values after which a page ends early. */
  private static final int PAGE_BYTES = 8 * 1024 * 1024;

  /** Entries that are read from the store at a time. */
  private static final int BATCH = 16;

  private final AdminHandler.Parts parts;

  AdminActors(AdminHandler.Parts parts) {
    this.parts = parts;
  }

  Reply list(String namespace, String query) {
    var parameters = Query.parse(query, "prefix", "limit", "cursor");
    requireNamespace(namespace);
    int limit = parameters.limit();
    var found =
        parts.directory().list(namespace, parameters.prefix(), parameters.after(), limit + 1);
    var page = Json.object();
    var actors = page.putArray("actors");
    found.stream().limit(limit).forEach(actor -> actors.add(json(actor)));
    if (found.size() > limit) {
      page.put("cursor", Query.cursor(found.get(limit - 1).id().name()));
    }
    return Json.reply(200, page);
  }

  Reply show(ActorId id) {
    requireNamespace(id.namespace());
    var status = parts.directory().status(id).orElseThrow(() -> missing(id));
    return Json.reply(200, json(status));
  }

  Reply delete(ActorId id) {
    requireNamespace(id.namespace());
    if (parts.directory().status(id).isEmpty()) {
      throw missing(id);
    }
    parts.directory().delete(id).join();
    return Reply.empty(204);
  }

  /** The entries as of the newest commit, in the order of their keys. */
  Reply storage(ActorId id, String query) {
    var parameters = Query.parse(query, "prefix", "limit", "cursor");
    requireNamespace(id.namespace());
    if (parts.directory().status(id).isEmpty()) {
      throw missing(id);
    }
    int limit = parameters.limit();
    var after = parameters.after();
    var last = after == null ? null : StorageKey.of(after);
    var page = Json.object();
    var entries = page.putArray("entries");
    long bytes = 0;
    while (true) {
      var batch = parts.store().read(id, range(parameters.prefix(), last));
      for (var entry : batch) {
        if (entries.size() == limit || bytes > PAGE_BYTES) {
          page.put("cursor", Query.cursor(String.valueOf(last)));
          return Json.reply(200, page);
        }
        entries.add(StoredValue.json(entry));
        bytes += entry.bytes();
        last = entry.key();
      }
      if (batch.size() < BATCH) {
        return Json.reply(200, page);
      }
    }
  }

  private static KeyRange range(String prefix, @Nullable StorageKey after) {
    return new KeyRange(
        null, after, null, prefix.isEmpty() ? null : StorageKey.of(prefix), false, BATCH);
  }

  private void requireNamespace(String name) {
    if (parts.namespaces().find(name).isEmpty()) {
      throw AdminNamespaces.missing(name);
    }
  }

  private static UserFault missing(ActorId id) {
    return new UserFault(
        Code.ACTOR_NOT_FOUND,
        "there is no actor '" + id.name() + "' in namespace '" + id.namespace() + "'");
  }

  private static ObjectNode json(ActorStatus actor) {
    var json = Json.object();
    json.put("namespace", actor.id().namespace());
    json.put("name", actor.id().name());
    json.put("id", actor.id().hex());
    json.put("state", actor.awake() ? "awake" : "asleep");
    json.put("memoryBytes", actor.memoryBytes());
    json.put("storageBytes", actor.storageBytes());
    json.put("alarm", actor.alarmMillis());
    json.put("connections", actor.connections());
    json.put("fuelUsed", actor.fuelUsed());
    json.put("lastTurn", actor.lastTurnMillis());
    return json;
  }
}
