package dev.dormouse.actor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dormouse.egress.Egress;
import dev.dormouse.egress.EgressBounds;
import dev.dormouse.egress.Trust;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.identity.ActorId;
import dev.dormouse.limits.NodeLimits;
import dev.dormouse.observe.ActorLog;
import dev.dormouse.sim.SimStore;
import dev.dormouse.sim.SimTime;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.testkit.ScriptModule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Real actors with real modules over a simulated disk and clock. Nothing happens on its own: the
 * test runs the threads, moves the disk and lets time pass.
 */
final class World {
  static final Duration DRAIN_TIME = Duration.ofSeconds(5);

  /** What one awake actor takes of the node's memory. */
  static final long ACTOR_BYTES = ScriptModule.MEMORY_BYTES + MemoryBudget.ACTOR_BYTES;

  final SimTime time;
  final SimStore store = new SimStore();
  private final Guests guests;
  private final int actorsInMemory;
  private Directory directory;

  /**
   * @param actorsInMemory how many actors the node has memory for
   */
  World(Guests guests, long seed, int actorsInMemory) {
    this.guests = guests;
    this.time = new SimTime(seed);
    this.actorsInMemory = actorsInMemory;
    this.directory = start();
  }

  private Directory start() {
    var started =
        new Directory(
            store,
            guests.namespaces,
            time,
            new TurnPacer(1),
            guests.metrics,
            new ActorLog(time),
            new Egress(time, true, EgressBounds.of(NodeLimits.defaults()), Trust.standard()),
            4,
            actorsInMemory * ACTOR_BYTES,
            100,
            DRAIN_TIME);
    started.start();
    return started;
  }

  Directory directory() {
    return directory;
  }

  static ActorId id(String actor) {
    return new ActorId(Guests.NAMESPACE, actor);
  }

  /** Runs all threads until they have nothing to do. */
  void run() {
    time.run();
  }

  void pass(Duration duration) {
    time.pass(duration);
  }

  /** The power goes and comes back: the server starts anew on what is durable. */
  void crash() {
    time.crash();
    store.crash();
    directory = start();
  }

  CompletableFuture<HttpReply> fetch(String actor, String script) {
    return directory.fetch(id(actor), request(script));
  }

  /** The same, by somebody who handles it himself if nobody runs the actor. */
  CompletableFuture<HttpReply> fetchHere(String actor, String script) {
    return directory.fetchHere(id(actor), request(script));
  }

  private static HttpRequest request(String script) {
    return new HttpRequest("GET", "/" + script, List.of(), new byte[0]);
  }

  /** Sends a request without waiting for its answer. */
  void tell(String actor, String script) {
    var _ = fetch(actor, script);
  }

  /** Sends a request and runs; the answer, which must be there then. */
  String ask(String actor, String script) {
    var reply = fetch(actor, script);
    run();
    return text(reply);
  }

  Client connect(String actor, String script) {
    return new Client(this, actor, script);
  }

  /** The stored count of an actor, as far as it is durable. */
  long durableCount(String actor) {
    return number(store.durable(id(actor), StorageKey.of("count")));
  }

  boolean isDurable(String actor, String key) {
    return store.durable(id(actor), StorageKey.of(key)) != null;
  }

  static long number(byte @Nullable [] value) {
    return value == null ? 0 : ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  boolean isAwake(String actor) {
    return directory.status(id(actor)).map(ActorStatus::awake).orElse(false);
  }

  /** The text of an answer. */
  static String text(CompletableFuture<HttpReply> reply) {
    if (!reply.isDone()) {
      throw new AssertionError("there is no answer");
    }
    return new String(reply.join().body(), UTF_8);
  }

  /** The code of the fault that came in place of an answer. */
  static Code fault(CompletableFuture<?> future) {
    if (!future.isCompletedExceptionally()) {
      throw new AssertionError("no fault, but " + future);
    }
    return ((Fault) future.exceptionNow()).code();
  }
}
