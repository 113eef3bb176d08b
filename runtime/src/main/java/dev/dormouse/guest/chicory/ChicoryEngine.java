package dev.dormouse.guest.chicory;

import com.dylibso.chicory.wasm.WasmModule;
import dev.dormouse.guest.Engine;
import dev.dormouse.guest.GuestModule;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.guest.MeteredModule;
import dev.dormouse.time.TimeSource;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs modules on Chicory, as JVM classes or interpreted.
 *
 * <p>A module is compiled once for each code hash: compiled code is shared in memory among all
 * modules that have the hash, and kept on disk, so that a restart compiles nothing. Work on
 * binaries is done on platform threads with a deep stack of their own, two at a time: it is long,
 * takes much memory, and what comes from outside may be nested deeply.
 */
public final class ChicoryEngine implements Engine {
  /** Default bound on the compiled code that is kept on disk. */
  public static final long DEFAULT_CACHE_BYTES = 2L << 30;

  private static final Logger LOG = LoggerFactory.getLogger(ChicoryEngine.class);
  private static final long READER_STACK_BYTES = 64L << 20;
  private static final int READERS = 2;

  /** How guest code runs. Results, traps and fuel are the same. */
  public enum Mode {
    COMPILER,
    INTERPRETER
  }

  private final CodeCache cache;
  private final Mode mode;
  private final Semaphore readers = new Semaphore(READERS, true);
  private final Map<String, Shared> shared = new HashMap<>();
  private final AtomicLong compilations = new AtomicLong();
  private final AtomicLong interpretedFunctions = new AtomicLong();

  /** The compiled code of one hash, while something holds it; also the lock for compiling it. */
  private static final class Shared {
    private WeakReference<@Nullable CompiledCode> code = new WeakReference<>(null);

    /** Threads that are loading this code; guarded by the map. */
    private int users;
  }

  /**
   * @param cacheDirectory where compiled code is kept; made when it is not there
   * @param cacheBytes bound on all of it together
   */
  public ChicoryEngine(Path cacheDirectory, Mode mode, long cacheBytes, TimeSource time) {
    this.cache = new CodeCache(cacheDirectory, cacheBytes, time);
    this.mode = mode;
  }

  @Override
  public void validate(byte[] wasm) {
    onReader(() -> ModuleReader.uploaded(wasm));
  }

  @Override
  public GuestModule load(MeteredModule module, List<HostFunction> imports) {
    return onReader(() -> read(module, imports));
  }

  /**
   * How many modules have been compiled since the start, those taken from the cache not counted.
   */
  public long compilations() {
    return compilations.get();
  }

  /** How many functions of modules loaded since the start were too large to compile. */
  public long interpretedFunctions() {
    return interpretedFunctions.get();
  }

  private GuestModule read(MeteredModule module, List<HostFunction> imports) {
    var linked = Linker.link(module, imports);
    var code = mode == Mode.INTERPRETER ? CompiledCode.interpreter() : code(module);
    boolean interprets = mode == Mode.INTERPRETER || !code.interpreted().isEmpty();
    WasmModule wasm =
        interprets ? ModuleReader.whole(module.wasm()) : ModuleReader.withoutCode(module.wasm());
    var names = new FunctionNames(ModuleReader.names(module.wasm()));
    interpretedFunctions.addAndGet(code.interpreted().size());
    return new ChicoryModule(module, wasm, code, linked, names);
  }

  private CompiledCode code(MeteredModule module) {
    var key = CodeCache.key(module.codeHash());
    var slot = enter(key);
    try {
      synchronized (slot) {
        var code = slot.code.get();
        if (code == null) {
          code = defined(key, module);
          slot.code = new WeakReference<>(code);
        }
        return code;
      }
    } finally {
      leave(slot);
    }
  }

  private Shared enter(String key) {
    synchronized (shared) {
      var slot = shared.computeIfAbsent(key, _ -> new Shared());
      slot.users++;
      return slot;
    }
  }

  private void leave(Shared slot) {
    synchronized (shared) {
      slot.users--;
      shared.values().removeIf(unused -> unused.users == 0 && unused.code.refersTo(null));
    }
  }

  private CompiledCode defined(String key, MeteredModule module) {
    var kept = cache.read(key);
    if (kept != null) {
      try {
        return CompiledCode.define(kept);
      } catch (LinkageError e) {
        LOG.warn("compiled code {} does not load and is compiled again: {}", key, e.toString());
        cache.delete(key);
      }
    }
    return ModuleReader.guarded(
        () -> {
          var wasm = ModuleReader.whole(module.wasm());
          compilations.incrementAndGet();
          var compiled = ModuleCompiler.compile(wasm, module.codeHash());
          var code = CompiledCode.define(compiled);
          cache.write(key, compiled);
          return code;
        });
  }

  private <T> T onReader(Supplier<T> work) {
    var result = new CompletableFuture<T>();
    readers.acquireUninterruptibly();
    try {
      Thread.ofPlatform()
          .name("module-reader")
          .daemon()
          .stackSize(READER_STACK_BYTES)
          .start(
              () -> {
                try {
                  result.complete(work.get());
                } catch (Throwable e) {
                  result.completeExceptionally(e);
                } finally {
                  readers.release();
                }
              });
    } catch (Throwable e) {
      readers.release();
      throw e;
    }
    try {
      return result.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  @Override
  public void close() {}
}
