package dev.dormouse.guest.chicory;

import static dev.dormouse.guest.chicory.WasmBuilder.code;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.GuestMemory;
import dev.dormouse.guest.Lift;
import dev.dormouse.guest.Lower;
import dev.dormouse.guest.chicory.ChicoryEngine.Mode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class CanonicalAbiTest {
  private static final String WHAT = "storage.get: key";
  private static final int AREA = 16;
  private static final int MEMORY = 65_536;

  @TempDir Path cache;
  private GuestInstance guest;
  private GuestMemory memory;

  @BeforeEach
  void aGuestWithABumpAllocator() {
    guest = allocating(1024, bump());
    memory = guest.memory();
  }

  /** {@code pointer = align(*0); *0 = pointer + size; return pointer}. */
  private static WasmBuilder.Bytes bump() {
    var body = code().i32(0).op(0x28, 2, 0).local(2).op(0x6a).i32(1).op(0x6b);
    body.i32(0).local(2).op(0x6b).op(0x71).op(0x21, 0);
    return body.i32(0).local(0).local(3).op(0x6a).op(0x36, 2, 0).local(0);
  }

  private GuestInstance allocating(int heap, WasmBuilder.Bytes realloc) {
    var module = new WasmBuilder().pages(1, 1);
    module.data(0, new byte[] {(byte) heap, (byte) (heap >> 8)});
    module.export("cabi_realloc", "iiii_i", realloc);
    var engine = new ChicoryEngine(cache, Mode.COMPILER, 1 << 20, EngineFixture.TIME);
    return EngineFixture.instance(engine.load(module.metered(), List.of()));
  }

  private static void badPointer(String because, Executable lift) {
    var fault = assertThrows(GuestFault.class, lift);
    assertEquals(Trap.BAD_POINTER, fault.trap());
    assertTrue(fault.getMessage().startsWith(WHAT + ": "), fault.getMessage());
    assertTrue(fault.getMessage().contains(because), fault.getMessage());
  }

  @Test
  void stringsAndBytesAreLiftedAsTheyWere() {
    var text = "Siebenschläfer 🐭 \uFFFD";
    memory.write(100, text.getBytes(UTF_8));
    assertEquals(text, Lift.string(memory, 100, text.getBytes(UTF_8).length, WHAT));
    assertArrayEquals(new byte[0], Lift.bytes(memory, MEMORY, 0, WHAT));
    memory.write(MEMORY - 2, new byte[] {7, 8});
    assertArrayEquals(new byte[] {7, 8}, Lift.bytes(memory, MEMORY - 2, 2, WHAT));
  }

  @Test
  void pointersOutsideOfMemoryAreRefusedWithTheirArgument() {
    badPointer(
        "pointer 0xffff with length 2 is outside of the memory of 65536 bytes",
        () -> Lift.bytes(memory, MEMORY - 1, 2, WHAT));
    badPointer("outside", () -> Lift.bytes(memory, MEMORY + 1, 0, WHAT));
    badPointer("outside", () -> Lift.bytes(memory, -1, 1, WHAT));
    badPointer("outside", () -> Lift.bytes(memory, 0, -1, WHAT));
    badPointer("outside", () -> Lift.bytes(memory, -1, -1, WHAT));
    badPointer("outside", () -> Lift.bytes(memory, Integer.MAX_VALUE, Integer.MAX_VALUE, WHAT));
  }

  @Test
  void whatIsNoUtf8IsRefused() {
    for (var bad :
        List.of(
            new int[] {0xff},
            new int[] {0xc0, 0x80},
            new int[] {0xed, 0xa0, 0x80},
            new int[] {0xf4, 0x90, 0x80, 0x80},
            new int[] {0xe2, 0x82})) {
      for (int i = 0; i < bad.length; i++) {
        memory.writeByte(100 + i, (byte) bad[i]);
      }
      badPointer("UTF-8", () -> Lift.string(memory, 100, bad.length, WHAT));
    }
  }

  @Test
  void listsAreLiftedInOrder() {
    memory.write(200, "keyvalue".getBytes(UTF_8));
    int[] pairs = {200, 3, 203, 5, 203, 5, 0, 0};
    for (int i = 0; i < pairs.length; i++) {
      memory.writeInt(100 + 4 * i, pairs[i]);
    }
    assertEquals(List.of("key", "value", "value", ""), Lift.strings(memory, 100, 4, WHAT));
    assertEquals(
        List.of(Map.entry("key", "value"), Map.entry("value", "")),
        Lift.stringPairs(memory, 100, 2, WHAT));
    var entries = Lift.entries(memory, 100, 2, WHAT);
    assertEquals("key", entries.getFirst().getKey());
    assertArrayEquals("value".getBytes(UTF_8), entries.getFirst().getValue());
  }

  @Test
  void listsOutsideOfMemoryOrAskewAreRefusedBeforeAnythingIsAllocated() {
    badPointer("outside", () -> Lift.strings(memory, 100, 1 << 20, WHAT));
    badPointer("longer than the most", () -> Lift.strings(memory, 100, -1, WHAT));
    badPointer("longer than the most", () -> Lift.entries(memory, 0, 0x1000_0000, WHAT));
    badPointer("outside", () -> Lift.entries(memory, MEMORY - 8, 1, WHAT));
    badPointer("outside", () -> Lift.entries(memory, -16, 2, WHAT));
    badPointer("aligned", () -> Lift.stringPairs(memory, 102, 1, WHAT));
    memory.writeInt(100, MEMORY);
    memory.writeInt(104, 1);
    badPointer("outside", () -> Lift.strings(memory, 100, 1, WHAT));
  }

  @Test
  void aListThatHandsOverTheSameStringManyTimesIsRefused() {
    for (int i = 0; i < 4; i++) {
      memory.writeInt(100 + 8 * i, 0);
      memory.writeInt(104 + 8 * i, 20_000);
    }
    assertEquals(3, Lift.strings(memory, 100, 3, WHAT).size());
    badPointer("overlap", () -> Lift.strings(memory, 100, 4, WHAT));
  }

  @Test
  void flagsAndCasesAreChecked() {
    assertTrue(Lift.flag(1, WHAT));
    assertFalse(Lift.flag(0, WHAT));
    badPointer("neither 0 nor 1", () -> Lift.flag(2, WHAT));
    assertEquals(3, Lift.oneOf(4, 3, WHAT));
    badPointer("not one of", () -> Lift.oneOf(4, 4, WHAT));
    badPointer("not one of", () -> Lift.oneOf(4, -1, WHAT));
  }

  @Test
  void whatIsLoweredCanBeLiftedAgain() {
    Lower.stringAt(guest, AREA, "größe", WHAT);
    assertEquals("größe", Lift.string(memory, word(0), word(1), WHAT));

    Lower.bytesAt(guest, AREA, new byte[0], WHAT);
    assertEquals(0, word(1));

    Lower.stringsAt(guest, AREA, List.of("a", "", "ccc"), WHAT);
    assertEquals(List.of("a", "", "ccc"), Lift.strings(memory, word(0), word(1), WHAT));

    var pairs = List.of(Map.entry("accept", "text/html"), Map.entry("accept", "*/*"));
    Lower.stringPairsAt(guest, AREA, pairs, WHAT);
    assertEquals(pairs, Lift.stringPairs(memory, word(0), word(1), WHAT));
    assertEquals(pairs, Lift.stringPairs(memory, Lower.stringPairs(guest, pairs, WHAT), 2, WHAT));

    Lower.entriesAt(guest, AREA, List.of(Map.entry("k", new byte[] {1, 2, 3})), WHAT);
    var entries = Lift.entries(memory, word(0), word(1), WHAT);
    assertEquals("k", entries.getFirst().getKey());
    assertArrayEquals(new byte[] {1, 2, 3}, entries.getFirst().getValue());

    Lower.bytes(guest, new byte[3], WHAT);
    Lower.longsAt(guest, AREA, new long[] {1, -2}, WHAT);
    assertEquals(2, word(1));
    assertEquals(0, word(0) % 8);
    assertEquals(-2, memory.readInt(word(0) + 8));
    assertEquals(-1, memory.readInt(word(0) + 12));
  }

  @Test
  void optionsHaveTheirDiscriminantFirst() {
    Lower.optionBytesAt(guest, AREA, new byte[] {9}, WHAT);
    assertEquals(1, memory.readByte(AREA));
    assertArrayEquals(new byte[] {9}, Lift.bytes(memory, word(1), word(2), WHAT));
    Lower.optionBytesAt(guest, AREA, null, WHAT);
    assertEquals(0, memory.readByte(AREA));

    Lower.optionStringAt(guest, AREA, "x", WHAT);
    assertEquals("x", Lift.string(memory, word(1), word(2), WHAT));

    Lower.optionLongAt(guest, AREA, 0x1_0000_0002L, WHAT);
    assertEquals(1, memory.readByte(AREA));
    assertEquals(2, word(2));
    assertEquals(1, word(3));
    Lower.optionLongAt(guest, AREA, null, WHAT);
    assertEquals(0, memory.readByte(AREA));
  }

  private int word(int index) {
    return memory.readInt(AREA + 4 * index);
  }

  @Test
  void returnAreasOutsideOfMemoryOrAskewAreRefused() {
    badPointer("outside", () -> Lower.stringAt(guest, MEMORY - 4, "x", WHAT));
    badPointer("outside", () -> Lower.optionBytesAt(guest, MEMORY - 8, null, WHAT));
    badPointer("outside", () -> Lower.optionLongAt(guest, MEMORY - 8, null, WHAT));
    badPointer("outside", () -> Lower.longsAt(guest, -8, new long[1], WHAT));
    badPointer("aligned", () -> Lower.stringAt(guest, 2, "x", WHAT));
    badPointer("aligned", () -> Lower.optionLongAt(guest, 4, null, WHAT));
  }

  @Test
  void aGuestThatHasNoMemoryAndGoesOnIsGivenLengthsWithoutWhatBelongsThere() {
    var full = allocating(0, code().i32(-1));
    assertEquals(-1, Lower.bytes(full, new byte[2], WHAT));
    assertEquals(-1, Lower.stringPairs(full, List.of(Map.entry("name", "value")), WHAT));
    Lower.bytesAt(full, AREA, new byte[3], WHAT);
    refused(full, 3);
    Lower.longsAt(full, AREA, new long[4], WHAT);
    refused(full, 4);
    Lower.stringsAt(full, AREA, List.of("a", "b"), WHAT);
    refused(full, 2);
    Lower.entriesAt(full, AREA, List.of(Map.entry("key", new byte[9])), WHAT);
    refused(full, 1);
    Lower.stringPairsAt(full, AREA, List.of(Map.entry("name", "value")), WHAT);
    refused(full, 1);
    Lower.optionBytesAt(full, AREA, new byte[7], WHAT);
    assertEquals(1, full.memory().readByte(AREA));
    assertEquals(-1, full.memory().readInt(AREA + 4));
    assertEquals(7, full.memory().readInt(AREA + 8));
  }

  private static void refused(GuestInstance full, int length) {
    assertEquals(-1, full.memory().readInt(AREA));
    assertEquals(length, full.memory().readInt(AREA + 4));
  }

  @Test
  void anAllocatorThatAnswersNonsenseIsRefused() {
    var outside = allocating(0, code().i32(MEMORY - 1));
    badPointer("cabi_realloc", () -> Lower.bytes(outside, new byte[2], WHAT));
    var negative = allocating(0, code().i32(-2));
    badPointer("cabi_realloc", () -> Lower.bytes(negative, new byte[2], WHAT));
    var askew = allocating(0, code().i32(1026));
    badPointer("aligned", () -> Lower.longsAt(askew, AREA, new long[1], WHAT));
    var empty = allocating(0, code().i32(0));
    assertEquals(0, Lower.bytes(empty, new byte[0], WHAT));
    var fault = assertThrows(GuestFault.class, () -> Lower.bytes(empty, new byte[1], WHAT));
    assertEquals(Trap.MEMORY_EXCEEDED, fault.trap());
  }
}
