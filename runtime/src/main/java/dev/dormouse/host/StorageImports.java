package dev.dormouse.host;

import dev.dormouse.guest.Lower;
import dev.dormouse.storage.Entry;
import dev.dormouse.storage.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Interfaces {@code storage} and {@code alarm}. */
final class StorageImports {
  /** Attempts of an alarm are counted no further. */
  private static final int MOST_ATTEMPTS = 1 << 30;

  private StorageImports() {}

  static void into(HostImports.Table table) {
    table.add("storage", "get", HostCost.STORAGE_READ, StorageImports::get);
    table.add("storage", "get-many", HostCost.STORAGE_READ, StorageImports::getMany);
    table.add("storage", "put", HostCost.STORAGE_WRITE, StorageImports::put);
    table.add("storage", "put-many", HostCost.STORAGE_WRITE, StorageImports::putMany);
    table.add("storage", "delete", HostCost.STORAGE_WRITE, StorageImports::delete);
    table.add("storage", "delete-many", HostCost.STORAGE_WRITE, StorageImports::deleteMany);
    table.add("storage", "list", HostCost.STORAGE_LIST, StorageImports::list);
    table.add(
        "storage",
        "delete-all",
        HostCost.STORAGE_WRITE,
        call -> {
          call.storage().deleteAll();
          return 0;
        });
    table.add(
        "alarm",
        "get",
        HostCost.STORAGE_READ,
        call -> {
          Lower.optionLongAt(call.guest(), call.i32(), call.storage().alarm(), call.name());
          return 0;
        });
    table.add(
        "alarm",
        "set",
        HostCost.STORAGE_WRITE,
        call -> {
          call.storage().setAlarm(millis(call.i64()));
          return 0;
        });
    table.add(
        "alarm",
        "retry",
        HostCost.STORAGE_WRITE,
        call -> {
          call.storage().retryAlarm(millis(call.i64()), millis(call.i64()), attempt(call.i32()));
          return 0;
        });
    table.add(
        "alarm",
        "delete",
        HostCost.STORAGE_WRITE,
        call -> {
          call.storage().deleteAlarm();
          return 0;
        });
  }

  /** Read as unsigned, a time beyond any clock is as good as the last one. */
  private static long millis(long given) {
    return given < 0 ? Long.MAX_VALUE : given;
  }

  private static int attempt(int given) {
    return given < 0 ? MOST_ATTEMPTS : Math.min(given, MOST_ATTEMPTS);
  }

  private static long get(Call call) {
    var value = call.storage().get(call.key("key"));
    if (value != null) {
      call.charge(HostCost.perByte(value.length));
    }
    Lower.optionBytesAt(call.guest(), call.i32(), value, call.name());
    return 0;
  }

  private static long getMany(Call call) {
    var keys = new TreeSet<>(call.keys("keys"));
    call.charge(HostCost.STORAGE_READ * keys.size());
    var entries = new ArrayList<Entry>();
    for (var key : keys) {
      var value = call.storage().get(key);
      if (value != null) {
        entries.add(new Entry(key, value));
      }
    }
    return entries(call, entries);
  }

  private static long put(Call call) {
    return call.storage().put(call.key("key"), call.bytes("value")).wire();
  }

  private static long putMany(Call call) {
    var entries = call.entries("entries");
    call.charge(HostCost.STORAGE_WRITE * entries.size());
    return call.storage().putAll(entries).wire();
  }

  private static long delete(Call call) {
    return call.storage().delete(call.key("key")) ? 1 : 0;
  }

  private static long deleteMany(Call call) {
    var keys = call.keys("keys");
    call.charge(HostCost.STORAGE_WRITE * keys.size());
    int deleted = 0;
    for (var key : keys) {
      if (call.storage().delete(key)) {
        deleted++;
      }
    }
    return deleted;
  }

  private static long list(Call call) {
    var start = call.optionalKey("start");
    var startAfter = call.optionalKey("start-after");
    var end = call.optionalKey("end");
    var prefix = call.optionalKey("prefix");
    boolean reverse = call.flag("reverse");
    boolean limited = call.flag("limit");
    int limit = call.i32();
    // A limit beyond what an int holds is none.
    int most = limited && limit >= 0 ? limit : Integer.MAX_VALUE;
    var range =
        new KeyRange(startAfter == null ? start : null, startAfter, end, prefix, reverse, most);
    return entries(call, call.storage().list(range));
  }

  private static long entries(Call call, List<Entry> entries) {
    for (var entry : entries) {
      call.charge(HostCost.PER_ENTRY + HostCost.perByte(entry.bytes()));
    }
    var pairs = new ArrayList<Map.Entry<String, byte[]>>(entries.size());
    entries.forEach(entry -> pairs.add(Map.entry(entry.key().toString(), entry.value())));
    Lower.entriesAt(call.guest(), call.i32(), pairs, call.name());
    return 0;
  }
}
