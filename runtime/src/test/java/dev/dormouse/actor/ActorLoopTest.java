package dev.dormouse.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one turn sees and says, and in which order. */
class ActorLoopTest {
  private static Guests guests;
  private final World world = new World(guests, 1, 10);

  @BeforeAll
  static void deploy(@TempDir Path data) {
    guests = new Guests(data, "{\"mailboxEvents\": 4, \"fuelPerTurn\": 1000000}");
  }

  @AfterAll
  static void close() {
    guests.close();
  }

  @Test
  void turnsSeeWhatEarlierTurnsWroteBeforeItIsDurableAndAreAnsweredWhenItIs() {
    world.store.hold();
    var first = world.fetch("a", "+=>");
    var second = world.fetch("a", "+=>");
    var reads = world.fetch("a", "=>");
    world.run();
    assertFalse(first.isDone() || second.isDone() || reads.isDone());
    world.store.completeNext();
    assertEquals("1", World.text(first));
    assertFalse(second.isDone() || reads.isDone());
    world.store.completeNext();
    assertEquals("2", World.text(second));
    assertEquals("2", World.text(reads), "it read what the second wrote");
  }

  @Test
  void whoAsksAnIdleActorHandlesTheRequestItselfAndIsAnsweredWhenItIsDurable() {
    world.store.hold();
    var writes = world.fetchHere("a", "+=>");
    assertFalse(writes.isDone());
    world.store.completeNext();
    assertEquals("1", World.text(writes), "no other thread has run");
    assertEquals("1", World.text(world.fetchHere("a", "=>")));
  }

  @Test
  void whoAsksAnActorThatIsRunWaitsForItsTurn() {
    var first = world.fetch("a", "+=>");
    var second = world.fetchHere("a", "+=>");
    assertFalse(second.isDone());
    world.run();
    assertEquals("1", World.text(first));
    assertEquals("2", World.text(second));
  }

  @Test
  void aTurnThatMayTakeLongerThanItsRequestIsLeftToAnotherThread(@TempDir Path data) {
    try (var slow = new Guests(data, "{\"turnWall\": \"40s\", \"requestTime\": \"30s\"}")) {
      var slowWorld = new World(slow, 1, 10);
      var waits = slowWorld.fetchHere("a", "=>");
      assertFalse(waits.isDone());
      slowWorld.run();
      assertEquals("0", World.text(waits));
    }
  }

  @Test
  void aTurnThatTrapsLeavesNothingBehindAndTheConnectionsStay() {
    var other = world.connect("a", "");
    world.run();
    world.ask("a", "+#>");
    var trapped = world.fetch("a", "+#[trapped]{alarm:+}@1;\"seen\"*>!");
    world.run();
    assertEquals(Code.ACTOR_TRAPPED, World.fault(trapped));
    assertFalse(world.isDurable("a", "trapped"));
    assertTrue(world.store.durableAlarm(World.id("a")).isEmpty());
    assertEquals(List.of(), other.heard);
    assertEquals("1 0", world.ask("a", "=\" \"~>"), "its memory is new, its storage as before");
    other.say("\"still here\">");
    world.run();
    assertEquals(List.of("still here"), other.heard);
  }

  @Test
  void aMessageThatTrapsClosesItsOwnConnectionOnly() {
    var cause = world.connect("a", "");
    var neighbour = world.connect("a", "");
    world.run();
    cause.say("+\"said\"*!");
    cause.say("\"later\"*");
    world.run();
    assertEquals("1011 actor_trapped", cause.closing());
    assertEquals(List.of(), cause.heard);
    assertEquals(List.of(), neighbour.heard);
    assertFalse(neighbour.isClosed());
    assertEquals("0", world.ask("a", "=>"));
  }

  @Test
  void aTurnThatNeverEndsEndsWithItsFuel() {
    var endless = world.fetch("a", "+^");
    world.run();
    assertEquals(Code.OUT_OF_FUEL, World.fault(endless));
    assertEquals("0", world.ask("a", "=>"));
  }

  @Test
  void whatIsSaidArrivesInTheOrderOfTheTurnsAndWithinThem() {
    var client = world.connect("a", "\"0\">");
    world.run();
    world.store.hold();
    client.say("\"1\">\"2\"*+");
    client.say("\"3\">");
    client.say("\"4\"*+\"5\">)");
    client.say("\"never\"*");
    world.run();
    assertEquals(List.of("0"), client.heard);
    world.store.completeNext();
    assertEquals(List.of("0", "1", "2", "3"), client.heard);
    world.store.release();
    world.run();
    assertEquals(List.of("0", "1", "2", "3", "4", "5"), client.heard);
    assertEquals("3001 ", client.closing());
  }

  @Test
  void aRejectedConnectionIsToldSoAndIsNoneOfTheActors() {
    var rejected = world.connect("a", "+(");
    world.run();
    assertEquals(new Connection.Opening.Rejected(403, ""), rejected.opening.join());
    world.ask("a", "\"all\"*>");
    assertEquals(List.of(), rejected.heard);
    assertEquals(1, world.durableCount("a"), "what its turn wrote stays");
  }

  @Test
  void aRefusedConnectionIsAnsweredInTheActorsOwnWords() {
    var refused = world.connect("a", "\"pay first\"r");
    world.run();
    if (!(refused.opening.join() instanceof Connection.Opening.Refused(HttpReply reply))) {
      throw new AssertionError(refused.opening.join());
    }
    assertEquals(402, reply.status());
    assertEquals("pay first", new String(reply.body(), StandardCharsets.UTF_8));
    world.ask("a", "\"all\"*>");
    assertEquals(List.of(), refused.heard);
  }

  @Test
  void aConnectTurnThatTrapsRefusesTheConnection() {
    var refused = world.connect("a", "!");
    world.run();
    assertEquals(Code.ACTOR_TRAPPED, World.fault(refused.opening));
    world.ask("a", "\"all\"*>");
    assertEquals(List.of(), refused.heard);
  }

  @Test
  void aClientThatLeavesHasItsCloseTurnOnce() {
    world.ask("a", "{close:+}>");
    var client = world.connect("a", "");
    world.run();
    client.leave();
    client.leave();
    world.run();
    assertEquals("1", world.ask("a", "=>"));
  }

  @Test
  void aRequestMayBeAnsweredInALaterTurnButOnlyOnce() {
    var kept = world.fetch("a", "?");
    world.run();
    assertFalse(kept.isDone());
    world.ask("a", "\"late\"/>");
    assertEquals("late", World.text(kept));
    world.ask("a", "\"again\"/>");
    assertEquals("late", World.text(kept));
  }

  @Test
  void aCallerThatGaveUpIsNotAnswered() {
    var givenUp = world.fetch("a", "+=>");
    givenUp.cancel(false);
    assertEquals("0", world.ask("a", "=>"), "it gave up before its turn, so there was none");
  }

  @Test
  void aTimerRunsOutInItsTimeAndNotBefore() {
    world.ask("a", "{complete:+}$1000;>");
    world.pass(Duration.ofMillis(999));
    assertEquals("0", world.ask("a", "=>"));
    world.pass(Duration.ofMillis(1));
    assertEquals("1", world.ask("a", "=>"));
  }

  @Test
  void aFullMailboxRefusesRequestsAndSlowsNobodyElse() {
    for (int i = 0; i < 4; i++) {
      world.tell("a", "+>");
    }
    assertEquals(Code.OVERLOADED, World.fault(world.fetch("a", "+>")));
    var neighbour = world.fetch("b", "+=>");
    world.run();
    assertEquals("1", World.text(neighbour));
    assertEquals("4", world.ask("a", "=>"));
  }

  @Test
  void onlySoManyRequestsOfOneActorWaitForTheirAnswers() {
    for (int i = 0; i < 4; i++) {
      world.tell("a", "?");
    }
    world.run();
    var fifth = world.fetch("a", "?");
    world.run();
    assertEquals(Code.OVERLOADED, World.fault(fifth));
    assertEquals("0", World.text(answered("a")), "a kept request is answered, and there is room");
  }

  private CompletableFuture<HttpReply> answered(String actor) {
    var client = world.connect(actor, "");
    world.run();
    client.say("=/");
    world.run();
    var again = world.fetch(actor, "=>");
    world.run();
    return again;
  }
}
