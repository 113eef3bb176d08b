package dev.dormouse.script;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.Engine;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.limits.Limits;
import dev.dormouse.module.AppSection;
import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a module of a script that comes alone: one ES module that needs no bundling. The engine is
 * that of the checkout that the server runs from; it is built when it is first needed, which takes
 * some ten seconds and npm, and kept from then on. Safe for use by many threads.
 */
public final class ScriptEngine {
  private static final Logger LOG = LoggerFactory.getLogger(ScriptEngine.class);
  private static final String SCRIPT = "sdk-js-quickjs-wasm/toolchain/js-wasm.sh";
  private static final long PATIENCE_MINUTES = 4;

  private final @Nullable Path home;
  private final Engine engines;
  private final List<HostFunction> imports;
  private final Limits limits;
  private final TimeSource time;
  private final ReentrantLock building = new ReentrantLock();
  private @Nullable Ready ready;

  /** The engine, and itself as the compiler. */
  private record Ready(byte[] wasm, ScriptCompiler compiler) {}

  /**
   * @param home the checkout, null where there is none
   * @param imports every function that guests may import
   * @param limits memory and call depth that compiling a script may take
   */
  public ScriptEngine(
      @Nullable Path home,
      Engine engines,
      List<HostFunction> imports,
      Limits limits,
      TimeSource time) {
    this.home = home;
    this.engines = engines;
    this.imports = imports;
    this.limits = limits;
    this.time = time;
  }

  /** Of the checkout that the launcher named. */
  public static ScriptEngine ofThisCheckout(
      Engine engines, List<HostFunction> imports, Limits limits, TimeSource time) {
    String home = System.getProperty("dormouse.home");
    return new ScriptEngine(home == null ? null : Path.of(home), engines, imports, limits, time);
  }

  /**
   * A module of an ES module's text, which is compiled here. The first one waits until the engine
   * itself is compiled.
   *
   * @throws UserFault {@code module_invalid}, with line and column of a mistake in the script; or
   *     when there is no engine, with the reason
   * @throws dev.dormouse.fault.ResourceFault {@code overloaded}
   */
  public byte[] wrap(byte[] script) {
    var engine = ready();
    return AppSection.withBundle(engine.wasm(), script, engine.compiler().compile(script));
  }

  private Ready ready() {
    building.lock();
    try {
      var made = ready;
      if (made == null) {
        byte[] wasm = build();
        made = new Ready(wasm, new ScriptCompiler(wasm, engines, imports, limits, time));
        ready = made;
      }
      return made;
    } finally {
      building.unlock();
    }
  }

  private byte[] build() {
    if (home == null || !Files.isRegularFile(home.resolve(SCRIPT))) {
      throw missing("the server does not run from a checkout of Dormouse");
    }
    try {
      Process process =
          new ProcessBuilder("sh", home.resolve(SCRIPT).toString(), "--engine")
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
        process.destroy();
        throw missing("building it took more than " + PATIENCE_MINUTES + " minutes");
      }
      String last = said.strip().lines().reduce("", (before, line) -> line);
      if (process.exitValue() != 0) {
        LOG.warn("The JavaScript engine could not be built: {}", said.strip());
        throw missing(last);
      }
      return Files.readAllBytes(Path.of(last));
    } catch (IOException failed) {
      throw missing(String.valueOf(failed.getMessage()));
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw missing("the server is stopping");
    }
  }

  private static UserFault missing(String why) {
    return new UserFault(
        Code.MODULE_INVALID,
        "this server has no JavaScript engine to run a script with ("
            + why
            + "): build the app with `dormouse build`, and upload the module");
  }
}
