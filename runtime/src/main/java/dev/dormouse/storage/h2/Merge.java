package dev.dormouse.storage.h2;

import dev.dormouse.storage.Entry;
import dev.dormouse.storage.KeyRange;
import dev.dormouse.storage.StorageKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.h2.mvstore.Cursor;
import org.jspecify.annotations.Nullable;

/** Lists a range of an actor's file with an overlay laid over it. */
final class Merge {
  private final KeyRange range;
  private final @Nullable StorageKey to;
  private final @Nullable Cursor<StorageKey, byte[]> below;
  private @Nullable StorageKey belowKey;
  private byte @Nullable [] belowValue;

  private Merge(KeyRange range, @Nullable ActorFile file) {
    this.range = range;
    this.to = range.to();
    this.below = file == null ? null : file.cursor(range.from(), to, range.reverse());
    advance();
  }

  /** The cells of an overlay that lie in a range, in order. */
  static NavigableMap<StorageKey, Overlay.Cell> within(
      KeyRange range, NavigableMap<StorageKey, Overlay.Cell> cells) {
    var from = range.from();
    var to = range.to();
    if (from != null && to != null && from.compareTo(to) >= 0) {
      return Collections.emptyNavigableMap();
    }
    var within = from == null ? cells : cells.tailMap(from, true);
    return to == null ? within : within.headMap(to, false);
  }

  /**
   * Lists in the order of the range, until its limit, or before the bytes pass a maximum.
   *
   * @param above cells within the range
   * @param file null where nothing of a file counts
   */
  static List<Entry> list(
      KeyRange range,
      long maxBytes,
      NavigableMap<StorageKey, Overlay.Cell> above,
      @Nullable ActorFile file) {
    var from = range.from();
    var to = range.to();
    if (range.limit() <= 0 || (from != null && to != null && from.compareTo(to) >= 0)) {
      return List.of();
    }
    return new Merge(range, file)
        .run(maxBytes, (range.reverse() ? above.descendingMap() : above).entrySet().iterator());
  }

  private List<Entry> run(long maxBytes, Iterator<Map.Entry<StorageKey, Overlay.Cell>> cells) {
    var listed = new ArrayList<Entry>();
    long bytes = 0;
    Map.@Nullable Entry<StorageKey, Overlay.Cell> cell = cells.hasNext() ? cells.next() : null;
    while (listed.size() < range.limit()) {
      int order = cell == null ? 1 : belowKey == null ? -1 : compare(cell.getKey(), belowKey);
      Entry next = null;
      if (cell != null && order <= 0) {
        var value = cell.getValue().value();
        next = value == null ? null : new Entry(cell.getKey(), value);
        if (order == 0) {
          advance();
        }
        cell = cells.hasNext() ? cells.next() : null;
      } else if (belowKey != null && belowValue != null) {
        next = new Entry(belowKey, belowValue);
        advance();
      } else {
        break;
      }
      if (next != null) {
        bytes += next.bytes();
        if (bytes > maxBytes) {
          break;
        }
        listed.add(next);
      }
    }
    return listed;
  }

  private int compare(StorageKey a, StorageKey b) {
    return range.reverse() ? b.compareTo(a) : a.compareTo(b);
  }

  private void advance() {
    belowKey = null;
    belowValue = null;
    while (below != null && below.hasNext()) {
      var key = below.next();
      if (to != null && key.compareTo(to) >= 0) {
        if (range.reverse()) {
          continue;
        }
        return;
      }
      belowKey = key;
      belowValue = below.getValue();
      return;
    }
  }
}
