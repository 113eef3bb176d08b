package dev.dormouse.host;

import dev.dormouse.guest.Lower;

/** Interface {@code identity}. */
final class IdentityImports {
  private IdentityImports() {}

  static void into(HostImports.Table table) {
    table.add("identity", "name", 0, call -> string(call, call.turn().id().name()));
    table.add("identity", "id", 0, call -> string(call, call.turn().id().hex()));
    table.add("identity", "namespace", 0, call -> string(call, call.turn().id().namespace()));
    table.add("identity", "waking-reason", 0, call -> call.turn().wakingReason().wire());
  }

  private static long string(Call call, String value) {
    Lower.stringAt(call.guest(), call.i32(), value, call.name());
    return 0;
  }
}
