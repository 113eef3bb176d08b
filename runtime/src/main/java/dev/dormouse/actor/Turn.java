package dev.dormouse.actor;

import dev.dormouse.identity.ActorId;
import dev.dormouse.limits.Limits;
import dev.dormouse.observe.LogLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One event's handling by one actor: what the guest may read and do while it runs. Everything it
 * does is collected here and takes effect only if the turn ends well: storage in {@link
 * TurnStorage}, what is said to the outside as {@link Effect}s behind the output gate, changes of
 * connections in {@link TurnConnections}, what is asked of others in {@link TurnOperations}.
 * Confined to the thread of the turn.
 *
 * <p>Failures that a guest can handle are a {@link dev.dormouse.abi.Status}; calls that break the
 * contract end the turn with a fault.
 */
public final class Turn {
  private final Actor actor;
  private final Limits limits;
  private final TurnStorage storage;
  private final long nowMillis;

  private final List<Effect> effects = new ArrayList<>(4);
  private final TurnConnections connections;
  private final TurnOperations operations;

  Turn(Actor actor, Event event, Limits limits, TurnStorage storage, long nowMillis) {
    this.actor = actor;
    this.limits = limits;
    this.storage = storage;
    this.nowMillis = nowMillis;
    this.connections = new TurnConnections(actor, event, limits, effects);
    this.operations = new TurnOperations(actor, event.origin(), limits, effects);
  }

  public ActorId id() {
    return actor.id();
  }

  /** What made the actor's instance start. */
  public WakingReason wakingReason() {
    return actor.wakingReason();
  }

  public TurnStorage storage() {
    return storage;
  }

  public TurnConnections connections() {
    return connections;
  }

  public TurnOperations operations() {
    return operations;
  }

  public Limits limits() {
    return limits;
  }

  /** The name of an actor of this namespace, if it is known which has this id. */
  public @Nullable String nameOf(String hex) {
    return actor.services().names().find(id().namespace(), hex);
  }

  /** The id of an actor of this namespace, whose name is then known for a while. */
  public String idOf(String name) {
    return actor.services().names().remember(new ActorId(id().namespace(), name));
  }

  /** Unix time in milliseconds, the same during the whole turn. */
  public long nowMillis() {
    return nowMillis;
  }

  public byte[] random(int length) {
    var bytes = new byte[length];
    actor.services().time().random(bytes);
    return bytes;
  }

  public long randomLong() {
    return actor.services().time().randomLong();
  }

  /** Writes a line to the actor's log. It stays even when the turn is thrown away. */
  public void log(LogLevel level, String message) {
    actor.services().log().write(id().namespace(), id().label(), level, message);
  }

  /** A custom section of the module, by name; not to be changed, null where there is none. */
  public byte @Nullable [] section(String name) {
    return actor.section(name);
  }

  /** The values configured for the actor's namespace. */
  public Map<String, String> env() {
    return actor.env();
  }

  /** Adds an effect of the host itself. */
  void effect(Effect effect) {
    effects.add(effect);
  }

  /** Adds an effect that is let out before all others of this turn. */
  void effectFirst(Effect effect) {
    effects.addFirst(effect);
  }

  List<Effect> effects() {
    return effects;
  }

  /** Applies what the turn has changed beside storage. */
  void apply() {
    connections.apply();
    operations.apply();
  }
}
