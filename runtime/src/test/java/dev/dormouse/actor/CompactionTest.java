package dev.dormouse.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.testkit.ScriptModule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Actors that rest take little memory, and keep all that they have in it. */
class CompactionTest {
  private static final Duration REST = Duration.ofSeconds(2);

  private static Guests guests;
  private World world;

  @BeforeAll
  static void deploy(@TempDir Path data) {
    guests = new Guests(data, "{\"idleSleep\": \"1h\", \"idleCompact\": \"1s\"}");
  }

  @AfterAll
  static void close() {
    guests.close();
  }

  @BeforeEach
  void roomForFour() {
    guests.startAnew();
    world = new World(guests, 1, 4);
  }

  private double metric(String name) {
    return guests
        .metrics
        .scrape()
        .lines()
        .filter(line -> line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Test
  void actorsThatRestGiveBackWhatTheyHaveInCommonAndKeepTheirState() {
    var names = List.of("a", "b", "c");
    names.forEach(name -> world.ask(name, "##\"kept\">"));
    double used = metric("dormouse_compactions_total");
    world.pass(REST);
    assertEquals(used + 3, metric("dormouse_compactions_total"));
    long held = world.directory().memoryBytes() - 3 * MemoryBudget.ACTOR_BYTES;
    assertTrue(held < ScriptModule.MEMORY_BYTES + 3_000, "bytes: " + held);
    world.pass(REST);
    assertEquals(used + 3, metric("dormouse_compactions_total"), "they rest already");
    for (var name : names) {
      assertTrue(world.isAwake(name));
      assertEquals("3", world.ask(name, "#~>"));
    }
    assertEquals(3 * World.ACTOR_BYTES, world.directory().memoryBytes(), "they are as before");
  }

  @Test
  void anActorThatIsUsedIsLeftAlone() {
    double before = metric("dormouse_compactions_total");
    for (int i = 0; i < 10; i++) {
      world.ask("a", "#>");
      world.pass(Duration.ofMillis(700));
    }
    assertEquals(before, metric("dormouse_compactions_total"));
  }

  @Test
  void whereMemoryRunsShortActorsAreMadeCompactAndMoreStayAwakeThanWouldFit() {
    var names = IntStream.range(0, 10).mapToObj(i -> "a" + i).toList();
    for (int round = 1; round <= 3; round++) {
      for (var name : names) {
        assertEquals(Integer.toString(round), world.ask(name, "#~>"));
      }
    }
    names.forEach(name -> assertTrue(world.isAwake(name), name));
  }

  @Test
  void whenThatIsNotEnoughTheLongestIdleSleep() {
    var names = IntStream.range(0, 40).mapToObj(i -> "a" + i).toList();
    for (var name : names) {
      world.ask(name, "#>");
      world.pass(Duration.ofMillis(10));
    }
    assertFalse(world.isAwake("a0"));
    assertTrue(world.isAwake("a39"));
    assertEquals("2", world.ask("a39", "#~>"));
    assertEquals("1", world.ask("a0", "#~>"));
  }

  @Test
  void aTimerGoesOffInAnActorThatRests() {
    world.ask("a", "{complete:#}$5000;>");
    world.ask("b", ">");
    world.pass(Duration.ofSeconds(4));
    assertEquals(world.directory().memoryBytes(), compactBytes(2));
    world.pass(Duration.ofSeconds(2));
    assertEquals("1", world.ask("a", "~>"));
  }

  private long compactBytes(int actors) {
    long held = world.directory().memoryBytes();
    long least = ScriptModule.MEMORY_BYTES + actors * MemoryBudget.ACTOR_BYTES;
    assertTrue(held >= least && held < least + actors * 1_000L, "bytes: " + held);
    return held;
  }

  @Test
  void connectionsAndHeldRequestsStay() {
    var client = world.connect("a", "#");
    var held = world.fetch("a", "#?");
    world.ask("b", ">");
    world.run();
    world.pass(REST);
    compactBytes(2);
    client.say("#~>");
    world.run();
    assertEquals(List.of("3"), client.heard);
    world.ask("a", "\"late\"/>");
    assertEquals("late", World.text(held));
  }

  /** Two actors that rest and may not sleep, since each has a request that waits for its answer. */
  private Client twoThatRest(String script) {
    world = new World(guests, 1, 5);
    world.tell("b", "?");
    var client = world.connect("a", "");
    world.tell("a", script + "?");
    world.run();
    world.pass(REST);
    compactBytes(2);
    return client;
  }

  /** Others, that may not sleep or be made compact, take so much that none of the two fits. */
  private void fillTheNode() {
    for (int i = 0; i < 3; i++) {
      world.ask("full" + i, ">");
      world.store.hold();
      world.tell("full" + i, "+" + (i == 0 ? "&" : "") + ">");
      world.run();
    }
    assertTrue(world.isAwake("full2"));
  }

  private void roomAgain() {
    world.store.release();
    world.run();
  }

  @Test
  void whereThereIsNoRoomToExpandAnEventIsRefusedAndTheStateKept() {
    var client = twoThatRest("#");
    fillTheNode();
    var refused = world.fetch("a", "#~>");
    world.run();
    assertEquals(Code.OVERLOADED, World.fault(refused));
    client.say("#");
    world.run();
    assertTrue(client.isClosed());
    assertTrue(world.isAwake("a"));
    roomAgain();
    assertEquals("1", world.ask("a", "~>"));
  }

  @Test
  void theEndOfATimerOrConnectionWaitsUntilThereIsRoom() {
    var client = twoThatRest("{complete:#}{close:##}$2500;");
    fillTheNode();
    double refused = metric("dormouse_overloads_total");
    client.leave();
    world.pass(Duration.ofMillis(700));
    assertTrue(metric("dormouse_overloads_total") >= refused + 3, "they have been tried");
    roomAgain();
    world.pass(Duration.ofSeconds(1));
    assertEquals("3", world.ask("a", "~>"));
  }

  @Test
  void anAlarmThatFindsNoRoomComesAgain() {
    twoThatRest("{alarm:#}@2500;");
    fillTheNode();
    world.pass(Duration.ofMillis(700));
    roomAgain();
    world.pass(Duration.ofMinutes(2));
    assertEquals("1", world.ask("a", "~>"));
  }

  @Test
  void anActorThatWouldSleepAsSoonIsNeverMadeCompact(@TempDir Path data) {
    try (var never = new Guests(data, "{\"idleSleep\": \"5s\", \"idleCompact\": \"5s\"}")) {
      var node = new World(never, 1, 2);
      node.ask("a", "#>");
      node.ask("b", "#>");
      node.pass(Duration.ofSeconds(4));
      assertEquals(2 * World.ACTOR_BYTES, node.directory().memoryBytes());
      node.ask("c", "#>");
      assertEquals(2, node.directory().residentCount());
    }
  }

  @Test
  void aRedeployedActorStartsAnewAndGivesAllBack() {
    world.ask("a", "#>");
    world.ask("b", "#>");
    world.pass(REST);
    guests.redeploy();
    assertEquals("0", world.ask("a", "~>"));
    assertEquals("0", world.ask("b", "~>"));
    assertEquals(2 * World.ACTOR_BYTES, world.directory().memoryBytes());
  }
}
