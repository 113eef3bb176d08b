package dev.dormouse.guest.chicory;

import static dev.dormouse.guest.chicory.WasmBuilder.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.GuestModule;
import dev.dormouse.guest.chicory.ChicoryEngine.Mode;
import dev.dormouse.guest.chicory.EngineFixture.Grant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances of one module that are made compact and expanded again, paid for by one node. */
class CompactInstanceTest {
  private static final int I32_LOAD = 0x28;
  private static final int I32_STORE = 0x36;
  private static final int PAGE = 65_536;
  private static final int PAGES = 3;
  private static final int TABLE_BYTES = 80;

  @TempDir Path cache;
  private final Grant node = Grant.ample();
  private GuestModule module;

  @BeforeEach
  void load() {
    var builder = new WasmBuilder().table(TABLE_BYTES / 8).pages(PAGES, -1);
    builder.data(100, new byte[] {1, 2, 3});
    builder.export("load", "i_i", code().local(0).op(I32_LOAD, 2, 0));
    builder.export("store", "ii_", code().local(0).local(1).op(I32_STORE, 2, 0));
    builder.export("grow", "i_i", code().local(0).op(0x40, 0));
    var engine =
        new ChicoryEngine(
            cache, Mode.COMPILER, ChicoryEngine.DEFAULT_CACHE_BYTES, EngineFixture.TIME);
    module = engine.load(builder.metered(), List.of());
  }

  private GuestInstance instance() {
    return module.instantiate(node, EngineFixture.meter(), "actor");
  }

  private static void fill(GuestInstance guest, int from, int length, long seed) {
    var bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    guest.memory().write(from, bytes);
  }

  @Test
  void manyThatRestTakeLittleMoreThanOneAndAreAsTheyWere() {
    var guests = new ArrayList<GuestInstance>();
    for (int i = 0; i < 20; i++) {
      var guest = instance();
      guest.call("store", 70_000, 1_000 + i);
      guest.compact();
      assertTrue(guest.isCompact());
      assertEquals(PAGES * PAGE + TABLE_BYTES, guest.memoryBytes(), "the guest sees no change");
      guests.add(guest);
    }
    assertTrue(node.reserved < PAGES * PAGE + 20 * 200, "bytes: " + node.reserved);
    for (int i = 0; i < 20; i++) {
      var guest = guests.get(i);
      assertTrue(guest.expand());
      assertFalse(guest.isCompact());
      assertFalse(guest.expand(), "it is expanded");
      assertEquals(1_000 + i, guest.call("load", 70_000));
      assertEquals(0x030201, guest.call("load", 100));
      assertEquals(PAGES, guest.call("grow", 1), "it grows as before");
      guest.call("store", PAGES * PAGE + 8, i);
    }
    assertEquals(20 * ((PAGES + 1) * PAGE + TABLE_BYTES), node.reserved);
    for (int i = 0; i < 20; i++) {
      guests.get(i).compact();
      guests.get(i).expand();
      assertEquals(i, guests.get(i).call("load", PAGES * PAGE + 8));
      guests.get(i).close();
    }
    assertEquals(0, node.reserved);
  }

  @Test
  void whateverIsClosedInWhateverOrderIsGivenBack() {
    for (int seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      var guests = new ArrayList<GuestInstance>();
      for (int step = 0; step < 40; step++) {
        if (guests.isEmpty() || random.nextInt(4) == 0) {
          guests.add(instance());
        }
        var guest = guests.get(random.nextInt(guests.size()));
        switch (random.nextInt(5)) {
          case 0 -> guest.compact();
          case 1 -> guest.expand();
          case 2 -> {
            guest.expand();
            guest.call("grow", 1);
          }
          case 3 -> {
            guest.expand();
            fill(guest, random.nextInt(PAGE), random.nextInt(2 * PAGE), random.nextInt());
          }
          default -> {
            guest.close();
            guest.close();
            guests.remove(guest);
          }
        }
      }
      guests.forEach(GuestInstance::close);
      assertEquals(0, node.reserved, "seed " + seed);
    }
  }

  @Test
  void oneAloneHandsItsArrayOverAndTakesItBackWithoutAskingTheNode() {
    var guest = instance();
    guest.call("store", 8, 7);
    long held = node.reserved;
    guest.compact();
    assertEquals(held, node.reserved, "nobody shares it yet");
    node.nodeHas = 0;
    guest.expand();
    assertEquals(7, guest.call("load", 8));
    assertEquals(held, node.reserved);
  }

  @Test
  void whereTheNodeHasNoRoomItStaysCompactAndLosesNothing() {
    var other = instance();
    other.compact();
    var guest = instance();
    guest.call("store", 8, 7);
    guest.compact();
    long rest = node.nodeHas;
    node.nodeHas = 1_000;
    for (int i = 0; i < 3; i++) {
      assertEquals(Code.OVERLOADED, assertThrows(ResourceFault.class, guest::expand).code());
      assertTrue(guest.isCompact());
    }
    assertEquals(1_000, node.nodeHas);
    node.nodeHas = rest;
    guest.expand();
    assertEquals(7, guest.call("load", 8));
  }

  @Test
  void nobodyUsesACompactInstanceByMistake() {
    var guest = instance();
    guest.compact();
    assertThrows(IllegalStateException.class, () -> guest.call("load", 0));
    assertThrows(IllegalStateException.class, guest::memory);
    guest.expand();
    assertEquals(0, guest.call("load", 0));
  }

  @Test
  void whatHasLittleInCommonStaysAsItIs() {
    var other = instance();
    other.compact();
    var guest = instance();
    fill(guest, 0, 2 * PAGE + PAGE / 2, 1);
    long held = guest.heldBytes();
    guest.compact();
    assertFalse(guest.isCompact());
    assertEquals(held, guest.heldBytes());
  }

  @Test
  void whenManyDifferFromTheFirstOneOfThemIsThePattern() {
    var odd = instance();
    fill(odd, 0, 3 * PAGE, 1);
    odd.compact();
    var guests = new ArrayList<GuestInstance>();
    for (int i = 0; i < 30; i++) {
      var guest = instance();
      fill(guest, 0, 3 * PAGE, 2);
      guest.call("store", 0, i);
      guests.add(guest);
      guest.compact();
    }
    long held = node.reserved;
    assertTrue(held < 12 * PAGES * PAGE, "bytes: " + held);
    for (int i = 0; i < 30; i++) {
      guests.get(i).expand();
      assertEquals(i, guests.get(i).call("load", 0));
      guests.get(i).close();
    }
    odd.close();
    assertEquals(0, node.reserved);
  }

  @Test
  void aNewMemoryHasTheRoomThatThoseBeforeItSoonNeeded() {
    for (int i = 0; i < 3; i++) {
      var guest = instance();
      guest.call("grow", 2);
      if (i == 1) {
        guest.compact();
      }
      guest.close();
    }
    var next = instance();
    assertEquals(PAGES * PAGE + TABLE_BYTES, next.memoryBytes());
    assertEquals((PAGES + 2) * PAGE + TABLE_BYTES, next.heldBytes());
    assertEquals(0, next.call("load", PAGES * PAGE - 4));
    assertThrows(GuestFault.class, () -> next.call("load", PAGES * PAGE));
    node.nodeHas = (PAGES + 1) * PAGE;
    var small = instance();
    assertEquals(PAGES * PAGE + TABLE_BYTES, small.heldBytes(), "there is no more");
    node.nodeHas = 1 << 30;
    small.close();
    assertEquals(PAGES * PAGE + TABLE_BYTES, instance().heldBytes(), "not all need it");
  }

  @Test
  void aVeryLongMemoryStaysAsItIs() {
    var guest = instance();
    guest.call("grow", 254);
    guest.compact();
    assertFalse(guest.isCompact());
  }
}
