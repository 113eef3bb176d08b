package dev.dormouse.host;

import dev.dormouse.abi.Abi;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.guest.Lower;
import dev.dormouse.observe.LogLevel;
import java.util.ArrayList;
import java.util.Map;

/**
 * Interfaces {@code app}, {@code timer}, {@code clock}, {@code random}, {@code log} and {@code
 * env}.
 */
final class WorldImports {
  private static final LogLevel[] LEVELS = LogLevel.values();

  private WorldImports() {}

  static void into(HostImports.Table table) {
    table.add(
        "app",
        "section",
        HostCost.STORAGE_READ,
        call -> {
          var section = call.turn().section(call.string("name"));
          call.charge(HostCost.perByte(section == null ? 0 : section.length));
          Lower.optionBytesAt(call.guest(), call.i32(), section, call.name());
          return 0;
        });
    table.add("app", "role", 0, call -> call.turn().id().isGateway() ? 1 : 0);
    table.add("app", "memory-limit", 0, call -> call.turn().limits().memoryBytes());
    table.add("timer", "start", HostCost.TIMER, WorldImports::startTimer);
    table.add("timer", "cancel", 0, call -> call.turn().operations().cancel(call.i64()) ? 1 : 0);
    table.add("clock", "now", 0, call -> call.turn().nowMillis());
    table.add("random", "bytes", HostCost.RANDOM, WorldImports::randomBytes);
    table.add("random", "u64", HostCost.RANDOM, call -> call.turn().randomLong());
    table.add("log", "write", HostCost.LOG, WorldImports::log);
    table.add(
        "env",
        "get",
        0,
        call -> {
          var value = call.turn().env().get(call.string("name"));
          Lower.optionStringAt(call.guest(), call.i32(), value, call.name());
          return 0;
        });
    table.add("env", "all", 0, WorldImports::env);
  }

  private static long startTimer(Call call) {
    long delayMillis = call.i64();
    return call.turn().operations().startTimer(delayMillis < 0 ? Long.MAX_VALUE : delayMillis);
  }

  private static long randomBytes(Call call) {
    int length = call.i32();
    if (length < 0 || length > Abi.MAX_RANDOM_BYTES) {
      throw new GuestFault(
          Trap.ABORTED,
          "random.bytes was asked for "
              + Integer.toUnsignedLong(length)
              + " bytes; it gives at most "
              + Abi.MAX_RANDOM_BYTES);
    }
    call.charge(length * 4L);
    Lower.bytesAt(call.guest(), call.i32(), call.turn().random(length), call.name());
    return 0;
  }

  private static long log(Call call) {
    int level = call.i32();
    if (level < 0 || level >= LEVELS.length) {
      throw new GuestFault(Trap.ABORTED, "log.write: there is no level " + level);
    }
    call.turn().log(LEVELS[level], call.string("message"));
    return 0;
  }

  private static long env(Call call) {
    var entries = new ArrayList<Map.Entry<String, String>>(call.turn().env().entrySet());
    entries.sort(Map.Entry.comparingByKey());
    entries.forEach(
        e -> call.charge(HostCost.perByte(e.getKey().length() + e.getValue().length())));
    Lower.stringPairsAt(call.guest(), call.i32(), entries, call.name());
    return 0;
  }
}
