package dev.dormouse.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dormouse.actor.CurrentTurn;
import dev.dormouse.actor.Header;
import dev.dormouse.actor.Turn;
import dev.dormouse.actor.TurnStorage;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.Lift;
import dev.dormouse.storage.Entry;
import dev.dormouse.storage.StorageKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One call of an import: takes its flat arguments from left to right, and charges the turn for the
 * bytes that they bring, once they are known to be in the guest's memory.
 */
final class Call {
  private final String name;
  private final GuestInstance guest;
  private final long[] arguments;
  private int next;

  /**
   * @param name interface and function, for messages
   */
  Call(String name, GuestInstance guest, long[] arguments, long cost) {
    this.name = name;
    this.guest = guest;
    this.arguments = arguments;
    guest.meter().charge(HostCost.CALL + cost);
  }

  GuestInstance guest() {
    return guest;
  }

  Turn turn() {
    return ((CurrentTurn) guest.attachment()).turn();
  }

  /**
   * @throws GuestFault {@code actor_trapped}, for a gateway, which has none
   */
  TurnStorage storage() {
    var turn = turn();
    if (turn.id().isGateway()) {
      throw new GuestFault(
          Trap.ABORTED,
          name + " was called by a gateway, which has no storage and no alarm: ask an actor");
    }
    return turn.storage();
  }

  void charge(long units) {
    guest.meter().charge(units);
  }

  int i32() {
    return (int) arguments[next++];
  }

  long i64() {
    return arguments[next++];
  }

  /** A bool, or the discriminant of an option. */
  boolean flag(String parameter) {
    return Lift.flag(i32(), where(parameter));
  }

  byte[] bytes(String parameter) {
    int address = i32();
    int length = i32();
    var bytes = Lift.bytes(guest.memory(), address, length, where(parameter));
    charge(HostCost.perByte(bytes.length));
    return bytes;
  }

  /** The UTF-8 of a string, checked. */
  byte[] utf8(String parameter) {
    int address = i32();
    int length = i32();
    var utf8 = Lift.utf8(guest.memory(), address, length, where(parameter));
    charge(HostCost.perByte(utf8.length));
    return utf8;
  }

  String string(String parameter) {
    int address = i32();
    int length = i32();
    var string = Lift.string(guest.memory(), address, length, where(parameter));
    charge(HostCost.perByte(length));
    return string;
  }

  StorageKey key(String parameter) {
    return new StorageKey(utf8(parameter));
  }

  /** An {@code option<string>}: three flat values. */
  byte @Nullable [] optionalUtf8(String parameter) {
    if (!flag(parameter)) {
      next += 2;
      return null;
    }
    return utf8(parameter);
  }

  @Nullable StorageKey optionalKey(String parameter) {
    var utf8 = optionalUtf8(parameter);
    return utf8 == null ? null : new StorageKey(utf8);
  }

  @Nullable String optionalString(String parameter) {
    var utf8 = optionalUtf8(parameter);
    return utf8 == null ? null : new String(utf8, UTF_8);
  }

  List<String> strings(String parameter) {
    int address = i32();
    int count = i32();
    var strings = Lift.strings(guest.memory(), address, count, where(parameter));
    strings.forEach(string -> charge(HostCost.PER_ENTRY + HostCost.perByte(string.length())));
    return strings;
  }

  List<StorageKey> keys(String parameter) {
    var keys = new ArrayList<StorageKey>();
    for (var string : strings(parameter)) {
      keys.add(StorageKey.of(string));
    }
    return keys;
  }

  List<Entry> entries(String parameter) {
    int address = i32();
    int count = i32();
    var entries = new ArrayList<Entry>();
    for (var pair : Lift.entries(guest.memory(), address, count, where(parameter))) {
      var entry = new Entry(StorageKey.of(pair.getKey()), pair.getValue());
      charge(HostCost.PER_ENTRY + HostCost.perByte(entry.bytes()));
      entries.add(entry);
    }
    return entries;
  }

  List<Header> headers(String parameter) {
    int address = i32();
    int count = i32();
    var headers = new ArrayList<Header>();
    for (var pair : Lift.stringPairs(guest.memory(), address, count, where(parameter))) {
      charge(HostCost.PER_ENTRY);
      headers.add(new Header(pair.getKey().toLowerCase(Locale.ROOT), pair.getValue()));
    }
    return headers;
  }

  /** The name of the import, for messages about its result. */
  String name() {
    return name;
  }

  private String where(String parameter) {
    return name + ": " + parameter;
  }
}
