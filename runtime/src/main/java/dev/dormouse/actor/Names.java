package dev.dormouse.actor;

import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.ActorStore;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which names stand behind ids: those that were asked for lately, and those of actors that have
 * stored something. Safe for use by many threads.
 */
final class Names {
  /** Names that are remembered, of all namespaces; the longest unused one goes first. */
  static final int REMEMBERED = 65_536;

  private record Key(String namespace, String hex) {}

  private final ActorStore store;
  private final Map<Key, String> names =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  Names(ActorStore store) {
    this.store = store;
  }

  /** The actor's id. */
  String remember(ActorId id) {
    var hex = id.hex();
    synchronized (names) {
      names.put(new Key(id.namespace(), hex), id.name());
    }
    return hex;
  }

  /** Null where it is not known. */
  @Nullable String find(String namespace, String hex) {
    synchronized (names) {
      var known = names.get(new Key(namespace, hex));
      if (known != null) {
        return known;
      }
    }
    var stored = store.named(hex).filter(id -> id.namespace().equals(namespace)).orElse(null);
    if (stored == null) {
      return null;
    }
    remember(stored);
    return stored.name();
  }
}
