package dev.dormouse.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.ActorStore.ActorState;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import dev.dormouse.storage.h2.H2Store;
import dev.dormouse.storage.h2.StoreOptions;
import dev.dormouse.time.SystemTime;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it takes until a turn's write is on disk: of one actor alone, and of many at the same time,
 * which share what the disk does; and a read of what was written. In the folder of temporary files.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xss24m")
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up first.
public class StoreBenchmark {
  private static final int TOGETHER = 64;
  private static final StorageKey KEY = StorageKey.of("count");

  private H2Store store;
  private final List<ActorState> actors = new ArrayList<>();
  private long count;

  @Setup
  public void setUp() throws Exception {
    store =
        H2Store.open(StoreOptions.in(Files.createTempDirectory("bench-store")), new SystemTime());
    for (int i = 0; i < TOGETHER; i++) {
      actors.add(store.open(new ActorId(InlineActors.NAMESPACE, "actor-" + i)));
    }
    commit(0).join();
  }

  @TearDown
  public void tearDown() {
    store.close();
  }

  @Benchmark
  public void commitOfOne() {
    commit(0).join();
  }

  @Benchmark
  @OperationsPerInvocation(TOGETHER)
  public void commitOfManyAtOnce() {
    var durable = new CompletableFuture<?>[TOGETHER];
    for (int i = 0; i < TOGETHER; i++) {
      durable[i] = commit(i);
    }
    CompletableFuture.allOf(durable).join();
  }

  @Benchmark
  public byte @Nullable [] read() {
    return actors.getFirst().get(KEY);
  }

  private CompletableFuture<Void> commit(int actor) {
    var entries = new TreeMap<StorageKey, byte @Nullable []>();
    entries.put(KEY, Long.toString(++count).getBytes(US_ASCII));
    return actors.get(actor).commit(new WriteSet(false, entries, null));
  }
}
