package dev.dormouse.egress;

import dev.dormouse.time.TimeSource;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Connections that wait for another request. One goes only to the namespace and the origin that it
 * was opened for, and only where its address is among those that the policy has just allowed. One
 * on which anything has come in meanwhile, an end included, is not given out.
 *
 * <p>Where there is no room, the one that has waited longest is closed. Safe for use by many
 * threads; closing connections happens on threads that may wait.
 */
final class ConnectionPool implements AutoCloseable {
  private final TimeSource time;
  private final EgressBounds bounds;
  private final LongAdder reused = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();

  /** All that wait, in the order in which they began to. */
  private final LinkedHashSet<Idle> waiting = new LinkedHashSet<>();

  private final Map<Key, ArrayDeque<Idle>> byKey = new HashMap<>();
  private boolean sweepDue;
  private boolean closed;

  ConnectionPool(TimeSource time, EgressBounds bounds) {
    this.time = time;
    this.bounds = bounds;
  }

  /** Whose connections, and where to. */
  record Key(String namespace, String origin) {}

  /** Compared by identity. */
  private static final class Idle {
    private final Key key;
    private final Wire wire;
    private final long sinceNanos;

    Idle(Key key, Wire wire, long sinceNanos) {
      this.key = key;
      this.wire = wire;
      this.sinceNanos = sinceNanos;
    }
  }

  boolean keepsConnections() {
    return bounds.keepsConnections();
  }

  /** Connections that wait now. */
  int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many were given out since the start. */
  long reused() {
    return reused.sum();
  }

  /** The one that was used last, or null where there is none to any of the addresses. */
  @Nullable Wire take(Key key, List<InetAddress> allowed) {
    for (var wire = poll(key, allowed); wire != null; wire = poll(key, allowed)) {
      if (wire.isQuiet()) {
        reused.increment();
        return wire;
      }
      wire.close();
    }
    return null;
  }

  private @Nullable Wire poll(Key key, List<InetAddress> allowed) {
    lock.lock();
    try {
      var own = byKey.getOrDefault(key, new ArrayDeque<>()).descendingIterator();
      while (own.hasNext()) {
        var idle = own.next();
        if (allowed.contains(idle.wire.address())) {
          remove(idle);
          return idle.wire;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a connection whose exchange is over, and keeps or closes it. */
  void park(Key key, Wire wire) {
    Wire surplus = wire;
    lock.lock();
    try {
      if (!closed && bounds.keepsConnections()) {
        surplus = makeRoom(key);
        var idle = new Idle(key, wire, time.nanos());
        waiting.add(idle);
        byKey.computeIfAbsent(key, first -> new ArrayDeque<>()).add(idle);
        if (!sweepDue) {
          sweepDue = true;
          var _ = time.after(bounds.idleTime(), this::sweep);
        }
      }
    } finally {
      lock.unlock();
    }
    if (surplus != null) {
      surplus.close();
    }
  }

  private @Nullable Wire makeRoom(Key key) {
    var own = byKey.get(key);
    Idle oldest = null;
    if (own != null && own.size() >= bounds.idleOfOrigin()) {
      oldest = own.getFirst();
    } else if (waiting.size() >= bounds.idle()) {
      oldest = waiting.getFirst();
    }
    if (oldest == null) {
      return null;
    }
    remove(oldest);
    return oldest.wire;
  }

  private void remove(Idle idle) {
    waiting.remove(idle);
    var own = byKey.get(idle.key);
    if (own != null) {
      own.remove(idle);
      if (own.isEmpty()) {
        byKey.remove(idle.key);
      }
    }
  }

  private void sweep() {
    var over = new ArrayList<Wire>();
    lock.lock();
    try {
      long now = time.nanos();
      long limit = bounds.idleTime().toNanos();
      sweepDue = false;
      while (!waiting.isEmpty()) {
        var oldest = waiting.getFirst();
        long left = limit - (now - oldest.sinceNanos);
        if (left > 0) {
          sweepDue = true;
          var _ = time.after(Duration.ofNanos(left), this::sweep);
          break;
        }
        remove(oldest);
        over.add(oldest.wire);
      }
    } finally {
      lock.unlock();
    }
    if (!over.isEmpty()) {
      time.start("egress-close", () -> over.forEach(Wire::close));
    }
  }

  @Override
  public void close() {
    var left = new ArrayList<Wire>();
    lock.lock();
    try {
      closed = true;
      waiting.forEach(idle -> left.add(idle.wire));
      waiting.clear();
      byKey.clear();
    } finally {
      lock.unlock();
    }
    left.forEach(Wire::close);
  }
}
