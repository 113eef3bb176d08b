package dev.dormouse.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.status.Status;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoggingTest {

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void logbackHasNothingToComplainAbout(boolean readable) {
    var context = configured(readable);
    try {
      var complaints =
          context.getStatusManager().getCopyOfStatusList().stream()
              .filter(status -> status.getEffectiveLevel() > Status.INFO)
              .map(Object::toString)
              .toList();
      assertEquals(List.of(), complaints);
    } finally {
      context.stop();
    }
  }

  @Test
  void theServersLogIsOneJsonObjectALineWithWhoSaidIt() throws Exception {
    String written =
        written(
            false,
            context ->
                context
                    .getLogger("guest")
                    .atWarn()
                    .addKeyValue("namespace", "chat")
                    .addKeyValue("actor", "room \"1\"\n")
                    .log("one\ntwo"));
    assertEquals(1, written.lines().count(), written);
    var json = JsonMapper.builder().build().readTree(written);
    assertEquals("WARN", json.get("level").asText());
    assertEquals("guest", json.get("loggerName").asText());
    assertEquals("one\ntwo", json.get("formattedMessage").asText());
    assertEquals("chat", json.get("kvpList").get(0).get("namespace").asText());
    assertEquals("room \"1\"\n", json.get("kvpList").get(1).get("actor").asText());
  }

  @Test
  void developersReadLines() {
    String written =
        written(
            true,
            context -> {
              context.getLogger("a.b.Node").info("started");
              context.getLogger("guest").atDebug().addKeyValue("actor", "a").log("hi");
            });
    assertTrue(written.contains(" INFO  Node started"), written);
    assertTrue(written.contains(" DEBUG guest actor=\"a\" hi"), written);
  }

  private static String written(boolean readable, Consumer<LoggerContext> work) {
    var bytes = new ByteArrayOutputStream();
    PrintStream stderr = System.err;
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      var context = configured(readable);
      work.accept(context);
      context.stop();
    } finally {
      System.setErr(stderr);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static LoggerContext configured(boolean readable) {
    var context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    var setUp = new LogSetUp(readable);
    setUp.setContext(context);
    assertEquals(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY, setUp.configure(context));
    return context;
  }
}
