package dev.dormouse.host;

import dev.dormouse.guest.Lower;

/** Interface {@code identity}. */
final class IdentityImports {
  private IdentityImports() {}

  static void into(HostImports.Table table) {
    table.add("identity", "name", 0, IdentityImports::name);
    table.add("identity", "id", 0, call -> string(call, call.turn().id().hex()));
    table.add("identity", "namespace", 0, call -> string(call, call.turn().id().namespace()));
    table.add("identity", "waking-reason", 0, call -> call.turn().wakingReason().wire());
  }

  /** A gateway has none. */
  private static long name(Call call) {
    var id = call.turn().id();
    return string(call, id.isGateway() ? "" : id.name());
  }

  private static long string(Call call, String value) {
    Lower.stringAt(call.guest(), call.i32(), value, call.name());
    return 0;
  }
}
