package dev.dormouse.actor;

import dev.dormouse.abi.Abi;
import dev.dormouse.actor.Mailbox.Offer;
import dev.dormouse.egress.Egress;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.identity.ActorId;
import dev.dormouse.limits.Limits;
import dev.dormouse.module.Namespaces;
import dev.dormouse.observe.ActorLog;
import dev.dormouse.observe.Metrics;
import dev.dormouse.storage.ActorStore;
import dev.dormouse.storage.ActorStore.StoredActor;
import dev.dormouse.storage.Alarm;
import dev.dormouse.time.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds actors and wakes them on demand. An actor is in the directory while it is awake or has open
 * connections; every other actor exists only as what the store holds of it. Safe for use by many
 * threads.
 */
public final class Directory implements AutoCloseable {
  private static final Comparator<String> BY_UTF8 =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  /** When ids began to be counted, in Unix time: so they stay below 2^53 for 70 years. */
  private static final long IDS_BEGAN = 1_735_689_600_000L;

  private final ConcurrentHashMap<ActorId, Actor> actors = new ConcurrentHashMap<>();
  private final Services services;
  private final AlarmClock alarms;
  private final Sweeper sweeper;
  private final GatewayPool gateways;
  private final Duration drainTime;
  private volatile boolean draining;

  /**
   * @param memoryBytes linear memory of all awake actors together
   * @param awakeActors most actors that are awake at a time
   * @param drainTime how long {@link #close} waits for turns that run or wait
   */
  public Directory(
      ActorStore store,
      Namespaces namespaces,
      TimeSource time,
      TurnPacer pacer,
      Metrics metrics,
      ActorLog log,
      Egress egress,
      int gatewaysPerNamespace,
      long memoryBytes,
      int awakeActors,
      Duration drainTime) {
    this.sweeper = new Sweeper(actors, time);
    this.gateways = new GatewayPool(gatewaysPerNamespace);
    // Ids go on from the clock, so that one of an earlier run is not met again.
    var ids = new AtomicLong(Math.max(Abi.FIRST_ID, (time.millis() - IDS_BEGAN) << 12));
    this.services =
        new Services(
            store,
            namespaces,
            time,
            pacer,
            new MemoryBudget(memoryBytes, awakeActors, sweeper),
            metrics,
            log,
            ids,
            new Names(store),
            egress,
            this);
    this.alarms = new AlarmClock(store, time, this::deliver);
    this.drainTime = drainTime;
    metrics.gauge(
        "dormouse_actors_resident", "Actors awake, or asleep with connections", actors::size);
    metrics.gauge(
        "dormouse_gateways_resident",
        "Gateways awake, or asleep with connections",
        () -> actors.keySet().stream().filter(ActorId::isGateway).count());
    metrics.gauge("dormouse_actors_awake", "Actors awake", services.memory()::awakeActors);
    metrics.gauge(
        "dormouse_memory_reserved_bytes",
        "Linear memory that awake actors hold",
        services.memory()::usedBytes);
  }

  /** Starts firing alarms and putting idle actors to sleep. */
  public void start() {
    alarms.start();
    sweeper.start();
  }

  /** The gateway of a namespace that should take the next request. */
  public ActorId gateway(String namespace) {
    return gateways.leastBusy(namespace);
  }

  /** An actor being connected to: the connection, and what becomes of the attempt. */
  public record Connecting(Connection connection, CompletableFuture<Connection.Opening> opening) {}

  /**
   * Sends a request to an actor. Never blocks.
   *
   * @return its answer, once that is durable; completes exceptionally with a {@link Fault}. A
   *     caller that gives up completes it itself, which takes the request back.
   */
  public CompletableFuture<HttpReply> fetch(ActorId id, HttpRequest request) {
    return fetch(id, request, Origin.NONE);
  }

  CompletableFuture<HttpReply> fetch(ActorId id, HttpRequest request, Origin origin) {
    var reply = new CompletableFuture<HttpReply>();
    deliverOr(id, reply, from -> new Event.Fetch(request, reply, from), origin, false);
    return reply;
  }

  /**
   * The same, but where nobody runs the actor the calling thread does, until the request is
   * handled: so an idle actor costs no hand-over between threads. To be called on a virtual thread
   * that holds no lock.
   */
  public CompletableFuture<HttpReply> fetchHere(ActorId id, HttpRequest request) {
    var reply = new CompletableFuture<HttpReply>();
    deliverOr(id, reply, from -> new Event.Fetch(request, reply, from), Origin.NONE, true);
    return reply;
  }

  /** Calls an actor for another one. Never blocks. */
  CompletableFuture<Outcome> call(ActorId id, byte[] payload, Origin origin) {
    var reply = new CompletableFuture<Outcome>();
    deliverOr(id, reply, from -> new Event.Call(payload, reply, from), origin, false);
    return reply;
  }

  /**
   * Asks an actor to take a connection. Never blocks.
   *
   * @param onOutbound see {@link Outbound}
   * @throws Fault when the actor is not even asked
   */
  public Connecting connect(ActorId id, String url, List<Header> headers, Runnable onOutbound) {
    return connect(id, url, headers, onOutbound, Origin.NONE);
  }

  Connecting connect(
      ActorId id, String url, List<Header> headers, Runnable onOutbound, Origin origin) {
    var limits = limits(id.namespace());
    var opening = new CompletableFuture<Connection.Opening>();
    while (true) {
      var actor = resident(id);
      if (actor.figures().connections() >= limits.connectionsPerActor()) {
        throw new ResourceFault(
            Code.OVERLOADED,
            id + " has " + limits.connectionsPerActor() + " connections, which is its limit");
      }
      var connection =
          Connection.incoming(
              services.nextId(),
              actor,
              url,
              headers,
              new Outbound(limits.outboundBytes(), onOutbound));
      var from = waiting(origin, limits, opening);
      switch (admit(actor, new Event.Connect(connection, opening, from), false)) {
        case FULL -> throw overloaded(id);
        case RETIRED -> Thread.onSpinWait();
        default -> {
          gateways.count(id, opening);
          return new Connecting(connection, opening);
        }
      }
    }
  }

  /**
   * The limits of a namespace as it is deployed now.
   *
   * @throws dev.dormouse.fault.UserFault {@code namespace_not_found}
   */
  public Limits limits(String namespace) {
    return services.namespace(namespace).current().limits();
  }

  /** One actor, if it has ever stored anything or is in memory now. */
  public Optional<ActorStatus> status(ActorId id) {
    var actor = actors.get(id);
    var stored = services.store().find(id);
    return actor == null && stored.isEmpty()
        ? Optional.empty()
        : Optional.of(status(id, actor, stored.orElse(null)));
  }

  /**
   * Actors of a namespace that have stored anything or are in memory, ordered by the UTF-8 bytes of
   * their names.
   *
   * @param after exclusive lower bound on the name
   */
  public List<ActorStatus> list(
      String namespace, String prefix, @Nullable String after, int limit) {
    var found = new TreeMap<String, ActorStatus>(BY_UTF8);
    for (var stored : services.store().list(namespace, prefix, after, limit)) {
      found.put(stored.id().name(), status(stored.id(), actors.get(stored.id()), stored));
    }
    for (var actor : actors.values()) {
      var id = actor.id();
      if (id.namespace().equals(namespace)
          && !id.isGateway()
          && id.name().startsWith(prefix)
          && (after == null || BY_UTF8.compare(id.name(), after) > 0)) {
        found.computeIfAbsent(id.name(), name -> status(id, actor, null));
      }
    }
    return found.values().stream().limit(limit).toList();
  }

  /** Deletes an actor: its instance, connections and durable state. */
  public CompletableFuture<Boolean> delete(ActorId id) {
    return destroy(id, Code.ACTOR_NOT_FOUND)
        .thenApplyAsync(
            done -> {
              // Without state and connections it has no place in memory either.
              sweeper.retire(id);
              return done;
            },
            task -> services.time().start("delete", task));
  }

  /**
   * Deletes all actors of a namespace. The namespace itself is to be deleted before, so that no new
   * ones come. Blocks until it is done.
   */
  public void deleteNamespace(String namespace) {
    var under = new ArrayList<CompletableFuture<Boolean>>();
    for (var gateway : gateways.all(namespace)) {
      if (actors.containsKey(gateway)) {
        under.add(destroy(gateway, Code.NAMESPACE_NOT_FOUND));
      }
    }
    while (true) {
      var some = list(namespace, "", null, 1_000);
      if (some.isEmpty()) {
        return;
      }
      some.forEach(actor -> under.add(destroy(actor.id(), Code.NAMESPACE_NOT_FOUND)));
      under.forEach(CompletableFuture::join);
      under.clear();
      some.forEach(actor -> sweeper.retire(actor.id()));
    }
  }

  /** Whether an actor or gateway is awake, or has open connections. */
  boolean isResident(ActorId id) {
    return actors.containsKey(id);
  }

  /** What awake actors take of the node's memory. */
  long memoryBytes() {
    return services.memory().usedBytes();
  }

  public int residentCount() {
    return actors.size();
  }

  /**
   * Takes no new events, lets what runs and waits come to its end inside the drain time, and closes
   * every connection with {@code shutting_down}. The store stays open.
   */
  @Override
  public void close() {
    draining = true;
    alarms.close();
    sweeper.close();
    long deadline = services.time().nanos() + drainTime.toNanos();
    actors.values().forEach(actor -> actor.offerAlways(new Event.Shutdown()));
    for (var actor : actors.values()) {
      while (!actor.isSettled() && services.time().nanos() - deadline < 0) {
        pause();
      }
      actor.sleep(true);
    }
  }

  private void pause() {
    var passed = new CompletableFuture<Boolean>();
    services.time().after(Duration.ofMillis(2), () -> passed.complete(true));
    passed.join();
  }

  private CompletableFuture<Boolean> destroy(ActorId id, Code reason) {
    var done = new CompletableFuture<Boolean>();
    var event = new Event.Destroy(done, reason);
    while (shell(id, Limits.DEFAULTS).offerAlways(event) == Offer.RETIRED) {
      Thread.onSpinWait();
    }
    return done;
  }

  /** Until when somebody waits for this future: the caller says so, or the request's time does. */
  private Origin waiting(Origin origin, Limits limits, CompletableFuture<?> future) {
    long own = services.time().nanos() + limits.requestTime().toNanos();
    long deadline = origin.depth() == 0 ? own : Math.min(own, origin.deadlineNanos());
    return new Origin(origin.depth(), deadline, future);
  }

  private void deliverOr(
      ActorId id,
      CompletableFuture<?> waiting,
      Function<Origin, Event> event,
      Origin origin,
      boolean here) {
    try {
      gateways.count(id, waiting);
      var from = waiting(origin, limits(id.namespace()), waiting);
      if (deliver(id, event.apply(from), here) == Offer.FULL) {
        waiting.completeExceptionally(overloaded(id));
      }
    } catch (Fault fault) {
      waiting.completeExceptionally(fault);
    }
  }

  private Offer deliver(ActorId id, Event event) {
    return deliver(id, event, false);
  }

  private Offer deliver(ActorId id, Event event, boolean here) {
    while (true) {
      var offer = admit(resident(id), event, here);
      if (offer != Offer.RETIRED) {
        return offer;
      }
      // The actor is on its way out of the map; whoever retired it removes it at once.
      Thread.onSpinWait();
    }
  }

  private Offer admit(Actor actor, Event event, boolean here) {
    if (draining) {
      throw new ResourceFault(Code.SHUTTING_DOWN, "the server is shutting down: try again soon");
    }
    var offer = here ? actor.offerHere(event) : actor.tryOffer(event);
    if (offer == Offer.FULL) {
      services.metrics().namespace(actor.id().namespace()).overloaded();
    }
    return offer;
  }

  /** The actor's place in memory, if its namespace exists. */
  private Actor resident(ActorId id) {
    var actor = actors.get(id);
    if (actor != null) {
      return actor;
    }
    return shell(id, limits(id.namespace()));
  }

  private Actor shell(ActorId id, Limits limits) {
    return actors.computeIfAbsent(id, missing -> new Actor(missing, services, limits));
  }

  private static ResourceFault overloaded(ActorId id) {
    return new ResourceFault(
        Code.OVERLOADED, "too many events wait for " + id + ": slow down and try again");
  }

  private ActorStatus status(ActorId id, @Nullable Actor actor, @Nullable StoredActor stored) {
    var figures = actor == null ? null : actor.figures();
    return new ActorStatus(
        id,
        figures != null && figures.awake(),
        figures == null ? 0 : figures.memoryBytes(),
        stored == null ? 0 : stored.storedBytes(),
        stored == null ? null : stored.alarm().map(Alarm::dueMillis).orElse(null),
        figures == null ? 0 : figures.connections(),
        figures == null ? 0 : figures.fuelUsed(),
        figures == null || figures.lastTurnMillis() == 0 ? null : figures.lastTurnMillis());
  }
}
