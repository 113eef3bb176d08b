package dev.dormouse.actor;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds what an actor's turns say until what they wrote is durable, and lets it out in the order of
 * the turns. A turn that wrote nothing waits only for the turns before it, since it may have read
 * what they wrote. When a commit fails, the gate breaks for good: everything held and everything
 * that comes later fails with the same fault, and the actor is told to start anew.
 *
 * <p>The loop passes turns in; commits complete on the store's thread. The lock is held while
 * effects are released, which keeps their order; releasing is brief.
 */
final class OutputGate {
  private record Held(List<Effect> effects, @Nullable CompletableFuture<Void> durable) {
    boolean isDurable() {
      return durable == null || durable.isDone();
    }
  }

  private final Consumer<Fault> onBroken;
  private final ArrayDeque<Held> held = new ArrayDeque<>(4);
  private @Nullable Fault broken;

  /**
   * @param onBroken called once, on the thread where the commit failed
   */
  OutputGate(Consumer<Fault> onBroken) {
    this.onBroken = onBroken;
  }

  /**
   * Takes a turn's effects.
   *
   * @param durable completes when the turn's writes are durable; null when it wrote nothing
   */
  void pass(List<Effect> effects, @Nullable CompletableFuture<Void> durable) {
    synchronized (this) {
      var fault = broken;
      if (fault != null) {
        effects.forEach(effect -> effect.fail(fault));
        return;
      }
      if (durable == null) {
        if (held.isEmpty()) {
          effects.forEach(Effect::release);
        } else if (!effects.isEmpty()) {
          held.add(new Held(effects, null));
        }
        return;
      }
      held.add(new Held(effects, durable));
    }
    var _ = durable.whenComplete((done, failure) -> settle());
  }

  /** Whether nothing is held. */
  synchronized boolean isEmpty() {
    return held.isEmpty();
  }

  synchronized @Nullable Fault broken() {
    return broken;
  }

  private void settle() {
    Fault fault = null;
    synchronized (this) {
      while (broken == null && !held.isEmpty() && held.getFirst().isDurable()) {
        var turn = held.removeFirst();
        fault = turn.durable() == null ? null : failure(turn.durable());
        if (fault == null) {
          turn.effects().forEach(Effect::release);
        } else {
          var failed = fault;
          broken = failed;
          turn.effects().forEach(effect -> effect.fail(failed));
          for (var later : held) {
            later.effects().forEach(effect -> effect.fail(failed));
          }
          held.clear();
        }
      }
    }
    if (fault != null) {
      onBroken.accept(fault);
    }
  }

  private static @Nullable Fault failure(CompletableFuture<Void> durable) {
    if (!durable.isCompletedExceptionally()) {
      return null;
    }
    Throwable thrown = durable.exceptionNow();
    if (thrown instanceof CompletionException && thrown.getCause() != null) {
      thrown = thrown.getCause();
    }
    return thrown instanceof Fault fault
        ? fault
        : new InternalFault(Code.STORAGE_FAILED, "the commit failed: " + thrown, thrown);
  }
}
