package dev.dormouse.observe;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.jul.LevelChangePropagator;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * What Logback does where {@link Logging} was installed, in place of a file of its own: reading
 * such a file takes a good part of a server's start. {@code DORMOUSE_LOG_LEVEL} and {@code
 * DORMOUSE_GUEST_LOG_LEVEL}, as system properties or in the environment, set the levels.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogSetUp extends ContextAwareBase implements Configurator {
  private static final String LEVEL = "DORMOUSE_LOG_LEVEL";
  private static final String GUEST_LEVEL = "DORMOUSE_GUEST_LOG_LEVEL";
  private static final int QUEUE_LINES = 8_192;
  private static final String FOR_PEOPLE =
      "%d{HH:mm:ss.SSS} %-5level %logger{0}%replace( %kvp){'^ $', ''} %msg%n";

  private final @Nullable Boolean readable;

  /** As {@link Logging} was installed; what Logback calls. */
  public LogSetUp() {
    this(Logging.readable());
  }

  /**
   * @param readable whether people read the log, rather than machines; null leaves it to Logback
   */
  LogSetUp(@Nullable Boolean readable) {
    this.readable = readable;
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (readable == null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    var levels = new LevelChangePropagator();
    levels.setContext(context);
    levels.setResetJUL(true);
    levels.start();
    context.addListener(levels);
    var encoder = readable ? lines(context) : objects(context);
    encoder.start();
    var stderr = new ConsoleAppender<ILoggingEvent>();
    stderr.setContext(context);
    stderr.setName("stderr");
    stderr.setTarget("System.err");
    stderr.setEncoder(encoder);
    stderr.start();
    // A turn never waits for whoever reads stderr: when too many lines wait, new ones are dropped.
    var async = new AsyncAppender();
    async.setContext(context);
    async.setName("async");
    async.setQueueSize(QUEUE_LINES);
    async.setDiscardingThreshold(0);
    async.setNeverBlock(true);
    async.addAppender(stderr);
    async.start();
    context.getLogger("guest").setLevel(level(GUEST_LEVEL, readable ? Level.DEBUG : Level.INFO));
    context.getLogger("io.helidon").setLevel(Level.WARN);
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(level(LEVEL, Level.INFO));
    root.addAppender(async);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static Encoder<ILoggingEvent> objects(LoggerContext context) {
    var json = new JsonEncoder();
    json.setContext(context);
    json.setWithSequenceNumber(false);
    json.setWithNanoseconds(false);
    json.setWithContext(false);
    json.setWithMessage(false);
    json.setWithArguments(false);
    json.setWithFormattedMessage(true);
    return json;
  }

  private static Encoder<ILoggingEvent> lines(LoggerContext context) {
    var pattern = new PatternLayoutEncoder();
    pattern.setContext(context);
    pattern.setPattern(FOR_PEOPLE);
    return pattern;
  }

  private static Level level(String name, Level otherwise) {
    String given = System.getProperty(name, System.getenv(name));
    return Level.toLevel(given, otherwise);
  }
}
