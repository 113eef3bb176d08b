package dev.dormouse.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dormouse.abi.Abi;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.Engine;
import dev.dormouse.guest.FuelMeter;
import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.GuestModule;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.guest.MemoryGrant;
import dev.dormouse.guest.TurnPacer;
import dev.dormouse.guest.fuel.ModuleBounds;
import dev.dormouse.guest.fuel.Rewriter;
import dev.dormouse.limits.Limits;
import dev.dormouse.time.TimeSource;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Compiles scripts to the bytecode that their actors start from. The compiler is the engine that
 * runs them, by its export {@value #COMPILE}: no code is compiled for it that the actors do not
 * need, too. Each script has an instance for itself, with the bounds of a guest, one script at a
 * time. Safe for use by many threads.
 */
final class ScriptCompiler {
  private static final String COMPILE = "dormouse:compile";

  /** Fuel for one script: enough for some megabytes. */
  private static final long FUEL = 20_000_000_000L;

  private static final Duration WALL = Duration.ofSeconds(60);
  private static final long STACK_BYTES = 64L << 20;

  /** Words of what {@value #COMPILE} answers: whether it did, and two slices. */
  private static final int WORD = 4;

  private static final Pattern PLACE = Pattern.compile("bundle\\.js:(\\d+):(\\d+)");

  private final GuestModule engine;
  private final Limits limits;
  private final TimeSource time;
  private final Semaphore turn = new Semaphore(1, true);

  /**
   * @param engine the engine of JavaScript actors
   * @param limits memory and call depth of the compiler; where they are those of a namespace, it
   *     shares the compiled code of the scripts there
   * @throws Fault {@code module_invalid}, when it is no engine that can compile
   */
  ScriptCompiler(
      byte[] engine, Engine engines, List<HostFunction> imports, Limits limits, TimeSource time) {
    var bounds = ModuleBounds.DEFAULTS.withMemoryBytes(limits.memoryBytes());
    this.engine = engines.load(Rewriter.meter(engine, bounds), imports);
    this.limits = limits;
    this.time = time;
    if (!this.engine.exports().contains(COMPILE)) {
      throw new UserFault(Code.MODULE_INVALID, "the JavaScript engine has no compiler in it");
    }
  }

  /**
   * The bytecode of an ES module.
   *
   * @param script UTF-8
   * @throws UserFault {@code module_invalid}, with line and column of a mistake, or naming the
   *     bound that the script does not keep
   * @throws ResourceFault {@code overloaded}, when other scripts take too long
   */
  byte[] compile(byte[] script) {
    requireText(script);
    var done = new CompletableFuture<byte[]>();
    try {
      if (!turn.tryAcquire(WALL.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new ResourceFault(
            Code.OVERLOADED, "other scripts are being compiled: try again in some seconds");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new ResourceFault(Code.SHUTTING_DOWN, "the server is stopping");
    }
    try {
      // The parser recurses, deeper than the caller's thread may.
      Thread.ofPlatform()
          .name("dormouse-script")
          .daemon()
          .stackSize(STACK_BYTES)
          .start(
              () -> {
                try {
                  done.complete(run(script));
                } catch (Throwable e) {
                  done.completeExceptionally(e);
                }
              });
      return done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    } finally {
      turn.release();
    }
  }

  private static void requireText(byte[] script) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(script));
    } catch (CharacterCodingException e) {
      throw new UserFault(
          Code.MODULE_INVALID, "the script is not UTF-8 text: save it in that encoding");
    }
  }

  private byte[] run(byte[] script) {
    var meter = new FuelMeter(new TurnPacer(1), time);
    meter.begin(FUEL, limits.stackBytes(), time.nanos() + WALL.toNanos());
    try (var guest = engine.instantiate(new Memory(limits.memoryBytes()), meter, this)) {
      return compile(guest, script);
    } catch (GuestFault fault) {
      throw new UserFault(
          Code.MODULE_INVALID,
          "compiling the script takes more than this server gives to it ("
              + fault.getMessage()
              + "): make it smaller, or build the app with `dormouse build`");
    } finally {
      meter.end();
    }
  }

  private static byte[] compile(GuestInstance guest, byte[] script) {
    // A C string.
    byte[] source = Arrays.copyOf(script, script.length + 1);
    int at = (int) guest.call(Abi.REALLOC, 0, 0, 1, source.length);
    guest.memory().write(at, source);
    int answer = (int) guest.call(COMPILE, at, script.length);
    byte[] first = slice(guest, answer + WORD);
    if (guest.memory().readInt(answer) == 1) {
      return first;
    }
    var place = PLACE.matcher(new String(slice(guest, answer + 3 * WORD), UTF_8));
    throw new UserFault(
        Code.MODULE_INVALID,
        "the script does not compile: "
            + new String(first, UTF_8)
            + (place.find() ? ", in line " + place.group(1) + ", column " + place.group(2) : ""));
  }

  private static byte[] slice(GuestInstance guest, int at) {
    return guest.memory().read(guest.memory().readInt(at), guest.memory().readInt(at + WORD));
  }

  /** Memory for a moment, of one instance at a time: bounded by its limit alone. */
  private record Memory(long limitBytes) implements MemoryGrant {
    @Override
    public boolean reserve(long bytes) {
      return true;
    }

    @Override
    public void release(long bytes) {}
  }
}
