package dev.dormouse.guest.fuel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.MeteredModule;
import dev.dormouse.guest.Metering;
import dev.dormouse.guest.chicory.ChicoryEngine;
import dev.dormouse.testkit.HostileModule;
import dev.dormouse.testkit.TallyModule;
import dev.dormouse.time.SystemTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes bytes of good uploads and hands them in as an upload would come. Whatever comes, it is
 * either refused with a fault of the user's, or rewritten into a module that counts its fuel and
 * that the engine finds valid; and soon. {@code -Ddormouse.fuzzSeconds=600} runs it for longer.
 */
class UploadFuzzTest {
  private static final Duration TIME =
      Duration.ofSeconds(Integer.getInteger("dormouse.fuzzSeconds", 4));
  private static final long SOON_NANOS = Duration.ofSeconds(20).toNanos();

  /** Seeds that once found something, run first. */
  private static final long[] KNOWN = {1, 2, 3, 7, 11, 42, 20_261_121};

  private long refused;
  private long rewritten;

  @Test
  void noUploadCrashesTheRewriterOrComesOutUnmetered(@TempDir Path cache) {
    var seeds = List.of(HostileModule.assemble(), TallyModule.assemble());
    try (var time = new SystemTime();
        var engine = new ChicoryEngine(cache, ChicoryEngine.Mode.INTERPRETER, 1 << 20, time)) {
      for (long seed : KNOWN) {
        for (int i = 0; i < 200; i++) {
          one(engine, seeds, new Random(seed * 1_000 + i), "seed " + seed + "/" + i);
        }
      }
      long end = System.nanoTime() + TIME.toNanos();
      for (long n = 0; System.nanoTime() < end; n++) {
        one(engine, seeds, new Random(n), "seed " + n);
      }
    }
    System.out.printf("rewriter fuzz: %d refused, %d rewritten and valid%n", refused, rewritten);
    assertTrue(refused > 100 && rewritten > 10, refused + " refused, " + rewritten + " rewritten");
  }

  private void one(ChicoryEngine engine, List<byte[]> seeds, Random random, String what) {
    var wasm = mutate(seeds.get(random.nextInt(seeds.size())), random);
    long start = System.nanoTime();
    try {
      MeteredModule metered;
      try {
        metered = Rewriter.meter(wasm, ModuleBounds.DEFAULTS);
      } catch (UserFault expected) {
        refused++;
        return;
      }
      try {
        engine.validate(wasm);
      } catch (UserFault expected) {
        // An upload is validated before it is rewritten, so what comes out of this one never runs.
        refused++;
        return;
      }
      engine.validate(metered.wasm());
      assertTrue(
          metered.imports().stream().anyMatch(i -> i.name().equals(Metering.REFILL_IMPORT)), what);
      rewritten++;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError(what + " crashed it", e);
    } finally {
      assertTrue(System.nanoTime() - start < SOON_NANOS, what + " took too long");
    }
  }

  private static byte[] mutate(byte[] good, Random random) {
    var wasm = good.clone();
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = 8 + random.nextInt(wasm.length - 8);
      switch (random.nextInt(5)) {
        case 0 -> wasm[at] = (byte) random.nextInt(256);
        case 1 -> wasm[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> wasm[at] = (byte) (random.nextBoolean() ? 0xff : 0x80);
        case 3 -> {
          int length = Math.min(1 + random.nextInt(16), wasm.length - at);
          int from = 8 + random.nextInt(wasm.length - 8 - length + 1);
          System.arraycopy(good, from, wasm, at, length);
        }
        default -> wasm = Arrays.copyOf(wasm, Math.max(16, at));
      }
    }
    return wasm;
  }
}
