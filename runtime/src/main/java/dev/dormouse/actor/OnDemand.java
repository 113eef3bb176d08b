package dev.dormouse.actor;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Collections that most turns leave empty. They start as the shared empty one, and nothing is made
 * before the first entry; from then on the caller's own is changed in place.
 */
final class OnDemand {
  private OnDemand() {}

  /** The map with an entry more, in the order of the entries. */
  static <K, V> Map<K, V> with(Map<K, V> map, K key, V value) {
    Map<K, V> own = map.isEmpty() ? new LinkedHashMap<>() : map;
    own.put(key, value);
    return own;
  }

  /** The set with an element more, in the order of the elements. */
  static <E> Set<E> with(Set<E> set, E element) {
    Set<E> own = set.isEmpty() ? new LinkedHashSet<>() : set;
    own.add(element);
    return own;
  }
}
