package dev.dormouse.script;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.module.AppSection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a module of a script that comes alone: one ES module that needs no bundling. The engine is
 * that of the checkout that the server runs from; it is built when it is first needed, which takes
 * some ten seconds and npm. Safe for use by many threads.
 */
public final class ScriptEngine {
  private static final Logger LOG = LoggerFactory.getLogger(ScriptEngine.class);
  private static final String SCRIPT = "sdk-js-quickjs-wasm/toolchain/js-wasm.sh";
  private static final long PATIENCE_MINUTES = 4;

  private final @Nullable Path home;
  private final ReentrantLock building = new ReentrantLock();

  /**
   * @param home the checkout, null where there is none
   */
  public ScriptEngine(@Nullable Path home) {
    this.home = home;
  }

  /** Of the checkout that the launcher named. */
  public static ScriptEngine ofThisCheckout() {
    String home = System.getProperty("dormouse.home");
    return new ScriptEngine(home == null ? null : Path.of(home));
  }

  /**
   * A module of an ES module's text. What the text says is looked at when the first actor runs.
   *
   * @throws UserFault {@code module_invalid}, when there is no engine, with the reason
   */
  public byte[] wrap(byte[] script) {
    return AppSection.withBundle(engine(), script);
  }

  private byte[] engine() {
    if (home == null || !Files.isRegularFile(home.resolve(SCRIPT))) {
      throw missing("the server does not run from a checkout of Dormouse");
    }
    building.lock();
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
    } finally {
      building.unlock();
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
