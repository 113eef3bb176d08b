package dev.dormouse.actor;

import dev.dormouse.identity.ActorId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/**
 * How busy the gateways of each namespace are. A gateway is an actor without name and state, so any
 * of them may take any request: the one that the fewest wait for takes it, and among equals the
 * first, so that those behind it fall idle and sleep. Safe for use by many threads.
 */
final class GatewayPool {
  private final int size;
  private final Map<String, AtomicIntegerArray> waiting = new ConcurrentHashMap<>();

  /**
   * @param size most gateways of a namespace
   */
  GatewayPool(int size) {
    this.size = size;
  }

  /** The gateway that the fewest wait for. */
  ActorId leastBusy(String namespace) {
    var seats = seats(namespace);
    int best = 0;
    for (int i = 1; i < size && seats.get(best) > 0; i++) {
      if (seats.get(i) < seats.get(best)) {
        best = i;
      }
    }
    return ActorId.gateway(namespace, best);
  }

  /** Somebody waits for an answer of this gateway; does nothing for an actor. */
  void count(ActorId id, CompletableFuture<?> answer) {
    if (id.isGateway()) {
      var seats = seats(id.namespace());
      seats.incrementAndGet(id.gatewayNumber());
      var _ = answer.whenComplete((done, failure) -> seats.decrementAndGet(id.gatewayNumber()));
    }
  }

  /** All that a namespace may have. */
  List<ActorId> all(String namespace) {
    return IntStream.range(0, size).mapToObj(number -> ActorId.gateway(namespace, number)).toList();
  }

  private AtomicIntegerArray seats(String namespace) {
    return waiting.computeIfAbsent(namespace, name -> new AtomicIntegerArray(size));
  }
}
