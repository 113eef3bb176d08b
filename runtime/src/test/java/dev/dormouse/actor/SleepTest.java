package dev.dormouse.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When an actor sleeps, what it keeps, and who makes room when memory runs short. */
class SleepTest {
  private static Guests guests;
  private final World world = new World(guests, 1, 2);

  @BeforeAll
  static void deploy(@TempDir Path data) {
    // Actors that are never made compact, so that all that can make room is sleep.
    guests = new Guests(data, "{\"idleSleep\": \"10s\", \"idleCompact\": \"10s\"}");
  }

  @AfterAll
  static void close() {
    guests.close();
  }

  @Test
  void anIdleActorSleepsAfterItsTimeAndWakesWithItsStorageAndFreshMemory() {
    world.ask("a", "+#>");
    world.pass(Duration.ofSeconds(9));
    assertTrue(world.isAwake("a"));
    world.pass(Duration.ofSeconds(2));
    assertFalse(world.isAwake("a"));
    assertFalse(world.store.isOpen(World.id("a")));
    assertEquals(0, world.directory().residentCount());
    assertEquals("1 0", world.ask("a", "=\" \"~>"));
  }

  @Test
  void eachEventPutsSleepOff() {
    world.ask("a", "#>");
    for (int i = 0; i < 5; i++) {
      world.pass(Duration.ofSeconds(9));
      assertEquals("1", world.ask("a", "~>"));
    }
  }

  @Test
  void connectionsStayOpenWhileTheirActorSleeps() {
    var client = world.connect("a", "");
    world.run();
    world.pass(Duration.ofSeconds(11));
    assertFalse(world.isAwake("a"));
    assertEquals(1, world.directory().residentCount());
    assertFalse(client.isClosed());
    client.say("\"hello\">");
    world.run();
    assertEquals(List.of("hello"), client.heard);
  }

  @Test
  void theHostAnswersAPingWithoutWakingTheActorOrKeepingItAwake() {
    var client = world.connect("a", "#\"pong\"a");
    var other = world.connect("a", "");
    world.run();
    for (int i = 0; i < 5; i++) {
      world.pass(Duration.ofSeconds(4));
      client.say("ping");
      world.run();
    }
    assertEquals(List.of("pong", "pong", "pong", "pong", "pong"), client.heard);
    assertFalse(world.isAwake("a"));
    long now = world.time.millis();
    world.pass(Duration.ofSeconds(4));
    assertFalse(world.isAwake("a"));
    other.say("\"only for him\"n>");
    client.say("n>");
    world.run();
    assertEquals(List.of("only for him"), other.heard, "nothing was ever answered there");
    assertEquals(Long.toString(now), client.heard.getLast());
    assertEquals("0", world.ask("a", "~>"), "it had slept");
  }

  @Test
  void anAutomaticResponseBeginsWhenItsTurnIsDurableAndEndsWhenItIsTakenBack() {
    var client = world.connect("a", "");
    world.run();
    world.store.hold();
    client.say("+\"pong\"a");
    world.run();
    client.say("ping");
    world.run();
    assertEquals(List.of(), client.heard, "the guest got it, and makes nothing of it");
    world.store.release();
    world.run();
    client.say("ping");
    client.say("\"there\"o>");
    world.run();
    client.say("ping");
    world.run();
    assertEquals(List.of("pong", "there"), client.heard);
  }

  @Test
  void anActorWithARequestATimerOrSomethingUnsaidDoesNotSleep() {
    var kept = world.fetch("request", "?");
    world.ask("timer", "$60000;>");
    world.pass(Duration.ofSeconds(15));
    assertTrue(world.isAwake("request"));
    assertTrue(world.isAwake("timer"));
    kept.cancel(false);
    world.pass(Duration.ofSeconds(60));
    assertFalse(world.isAwake("request"));
    assertFalse(world.isAwake("timer"));

    world.store.hold();
    var unsaid = world.fetch("commit", "+=>");
    world.pass(Duration.ofSeconds(15));
    assertTrue(world.isAwake("commit"));
    world.store.release();
    assertEquals("1", World.text(unsaid));
    world.pass(Duration.ofSeconds(11));
    assertFalse(world.isAwake("commit"));
  }

  @Test
  void whoIsIdleLongestMakesRoomWhenMemoryRunsShort() {
    world.ask("a", "#>");
    world.pass(Duration.ofSeconds(1));
    world.ask("b", "#>");
    world.pass(Duration.ofSeconds(1));
    world.ask("a", "#>");
    world.pass(Duration.ofSeconds(1));
    world.ask("c", "#>");
    assertFalse(world.isAwake("b"));
    assertTrue(world.isAwake("a"));
    assertEquals("2", world.ask("a", "~>"));
  }

  @Test
  void anActorThatGrowsMakesRoomByTheSameRule() {
    world.ask("a", "#>");
    world.pass(Duration.ofSeconds(1));
    world.ask("b", "#&>");
    assertFalse(world.isAwake("a"));
    assertEquals("1", world.ask("b", "~>"));
  }

  @Test
  void timersAreGivenUpOnlyWhereNobodyElseCanMakeRoom() {
    world.ask("timer", "$60000;>");
    world.pass(Duration.ofSeconds(1));
    world.ask("idle", ">");
    world.pass(Duration.ofSeconds(1));
    world.ask("third", "$60000;>");
    assertTrue(world.isAwake("timer"));
    assertFalse(world.isAwake("idle"));
    world.pass(Duration.ofSeconds(1));
    world.ask("fourth", ">");
    assertFalse(world.isAwake("timer"), "it had been idle longest of the two with timers");
    assertTrue(world.isAwake("third"));
  }

  @Test
  void whereNobodyCanMakeRoomTheNextActorIsRefusedUntilSomebodyCan() {
    var first = world.fetch("a", "?");
    world.tell("b", "?");
    world.run();
    var refused = world.fetch("c", ">");
    var socket = world.connect("c", "");
    world.run();
    assertEquals(Code.OVERLOADED, World.fault(refused));
    assertEquals(Code.OVERLOADED, World.fault(socket.opening));
    world.ask("a", "\"now\"/>");
    assertEquals("now", World.text(first));
    assertEquals("", world.ask("c", ">"));
    assertFalse(world.isAwake("a"));
  }

  @Test
  void memoryThatIsHeldByAHeldAnswerIsNotTaken() {
    world.store.hold();
    world.tell("a", "+>");
    world.tell("b", "+>");
    world.run();
    var refused = world.fetch("c", ">");
    world.run();
    assertEquals(Code.OVERLOADED, World.fault(refused));
    world.store.release();
    assertEquals("", world.ask("c", ">"));
  }

  @Test
  void instancesThatTrapGiveTheirMemoryBack() {
    for (int i = 0; i < 20; i++) {
      world.tell("a", "&!");
      world.run();
    }
    world.ask("b", "#>");
    world.ask("c", "#>");
    assertTrue(world.isAwake("b"), "both fit");
    assertTrue(world.isAwake("c"), "both fit");
  }
}
