package dev.dormouse.observe;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.time.TimeSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What actors say. The recent lines of every namespace are kept in memory, handed to those who
 * follow, and written to the server's own log under the logger {@code guest}.
 *
 * <p>A guest cannot use it to hurt the server: a line costs at most {@link LogLine#MAX_BYTES}
 * bytes, a namespace keeps at most {@link #KEPT_LINES} lines and {@link #KEPT_BYTES} bytes, an
 * actor writes at most {@link #ACTOR_LINES_PER_SECOND} and a namespace {@link
 * #NAMESPACE_LINES_PER_SECOND} lines a second, followers that read slowly lose the oldest lines,
 * and no write ever waits for anyone. What was dropped is counted, and said in the next line that
 * is kept.
 *
 * <p>All methods may be called from any thread. Every namespace has one lock, held briefly.
 */
public final class ActorLog {
  /** Lines that are kept of one namespace. */
  public static final int KEPT_LINES = 1_000;

  /** Bytes that the kept lines of one namespace take, roughly. */
  public static final int KEPT_BYTES = 1024 * 1024;

  public static final int ACTOR_LINES_PER_SECOND = 1_000;
  public static final int NAMESPACE_LINES_PER_SECOND = 10_000;

  /** Streams that may follow at a time. */
  public static final int MAX_SUBSCRIPTIONS = 256;

  private static final int MAX_NAMESPACES = 4_096;
  private static final int WATCHED_ACTORS = 4_096;
  private static final Logger GUEST = LoggerFactory.getLogger("guest");

  private final TimeSource time;
  private final Map<String, Ring> rings = new ConcurrentHashMap<>();
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private final LongAdder dropped = new LongAdder();

  public ActorLog(TimeSource time) {
    this.time = time;
  }

  /** Adds a line, or drops it when the actor or its namespace has written too many. */
  public void write(String namespace, String actor, LogLevel level, String message) {
    long now = time.millis();
    Ring ring = ring(namespace);
    long lost = ring.admit(actor, time.nanos());
    if (lost < 0) {
      dropped.increment();
      return;
    }
    if (lost > 0) {
      keep(
          ring,
          LogLine.of(now, namespace, actor, LogLevel.WARN, lost + " lines of log were dropped"));
    }
    keep(ring, LogLine.of(now, namespace, actor, level, message));
  }

  /**
   * The newest lines that are kept, oldest first.
   *
   * @param actor null for all actors of the namespace
   */
  public List<LogLine> recent(String namespace, @Nullable String actor, int limit) {
    Ring ring = rings.get(namespace);
    return ring == null ? List.of() : ring.recent(actor, limit);
  }

  /**
   * Follows what is written from now on.
   *
   * @param namespace null for all namespaces
   * @param actor null for all actors
   * @throws dev.dormouse.fault.ResourceFault {@code overloaded}, when too many follow already
   */
  public Subscription subscribe(@Nullable String namespace, @Nullable String actor) {
    var subscription = new Subscription(namespace, actor, subscriptions::remove);
    synchronized (subscriptions) {
      if (subscriptions.size() >= MAX_SUBSCRIPTIONS) {
        throw new ResourceFault(
            Code.OVERLOADED,
            "already " + MAX_SUBSCRIPTIONS + " streams follow the log: close one first");
      }
      subscriptions.add(subscription);
    }
    return subscription;
  }

  /** Forgets the lines of a namespace. */
  public void remove(String namespace) {
    rings.remove(namespace);
  }

  /** Lines that were dropped because an actor or a namespace wrote too many. */
  public LongSupplier droppedLines() {
    return dropped::sum;
  }

  private Ring ring(String namespace) {
    Ring ring = rings.get(namespace);
    if (ring != null) {
      return ring;
    }
    // Names of namespaces come from operators; the bound is for the forgotten remove.
    String key = rings.size() < MAX_NAMESPACES ? namespace : "";
    return rings.computeIfAbsent(key, name -> new Ring());
  }

  private void keep(Ring ring, LogLine line) {
    ring.add(line);
    for (Subscription subscription : subscriptions) {
      subscription.offer(line);
    }
    var event =
        switch (line.level()) {
          case DEBUG -> GUEST.atDebug();
          case INFO -> GUEST.atInfo();
          case WARN -> GUEST.atWarn();
          case ERROR -> GUEST.atError();
        };
    event
        .addKeyValue("namespace", line.namespace())
        .addKeyValue("actor", line.actor())
        .log(line.message());
  }

  /** Recent lines of a namespace, and who wrote how many. */
  private static final class Ring {
    private final ArrayDeque<LogLine> lines = new ArrayDeque<>();
    private int weight;
    private final Rate all = new Rate(NAMESPACE_LINES_PER_SECOND);
    private final LinkedHashMap<String, Rate> actors =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Rate> eldest) {
            return size() > WATCHED_ACTORS;
          }
        };

    /** Lines of this actor that were dropped since the last kept one, or -1 to drop this too. */
    synchronized long admit(String actor, long nanos) {
      Rate own = actors.computeIfAbsent(actor, name -> new Rate(ACTOR_LINES_PER_SECOND));
      if (!own.has(nanos) || !all.has(nanos)) {
        own.lost++;
        return -1;
      }
      own.take();
      all.take();
      long lost = own.lost;
      own.lost = 0;
      return lost;
    }

    synchronized void add(LogLine line) {
      lines.addLast(line);
      weight += line.weight();
      while (lines.size() > KEPT_LINES || weight > KEPT_BYTES) {
        weight -= lines.removeFirst().weight();
      }
    }

    synchronized List<LogLine> recent(@Nullable String actor, int limit) {
      var newest = new ArrayList<LogLine>();
      var it = lines.descendingIterator();
      while (it.hasNext() && newest.size() < limit) {
        LogLine line = it.next();
        if (actor == null || actor.equals(line.actor())) {
          newest.add(line);
        }
      }
      return List.copyOf(newest.reversed());
    }
  }

  /** A token bucket that holds one second's worth. */
  private static final class Rate {
    private final int perSecond;
    private double tokens;
    private long lastNanos;
    private boolean begun;
    private long lost;

    Rate(int perSecond) {
      this.perSecond = perSecond;
      this.tokens = perSecond;
    }

    boolean has(long nanos) {
      if (begun) {
        tokens = Math.min(perSecond, tokens + (nanos - lastNanos) * 1e-9 * perSecond);
      }
      begun = true;
      lastNanos = nanos;
      return tokens >= 1;
    }

    void take() {
      tokens--;
    }
  }
}
