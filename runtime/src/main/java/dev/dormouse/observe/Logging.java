package dev.dormouse.observe;

import ch.qos.logback.classic.LoggerContext;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * The server's own log. It goes to stderr: one JSON object a line, or lines for people to read in
 * the dev command. What libraries log through java.util.logging goes there too.
 */
public final class Logging {
  private static final String CONFIGURATION = "logback.configurationFile";

  private static volatile @Nullable Boolean readable;

  private Logging() {}

  /**
   * Sets the log up. To be called before anything else makes a logger; a configuration that the
   * operator names with {@code -Dlogback.configurationFile} stays.
   *
   * @param forPeople whether people read it, rather than machines
   */
  public static void install(boolean forPeople) {
    if (System.getProperty(CONFIGURATION) == null) {
      readable = forPeople;
    }
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    // Logback decides what is written; its own listener keeps the levels of JUL's loggers in step.
    Logger.getLogger("").setLevel(Level.INFO);
  }

  /** Whether people read the log; null where nobody has installed it. */
  static @Nullable Boolean readable() {
    return readable;
  }

  /** Writes out what waits. Nothing can be logged afterwards. */
  public static void close() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context.stop();
    }
  }
}
