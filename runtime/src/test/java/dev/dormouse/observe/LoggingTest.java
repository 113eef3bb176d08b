package dev.dormouse.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
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
  @ValueSource(strings = {"/logback.xml", "/logback-dev.xml"})
  void theConfigurationHasNothingThatLogbackDoesNotKnow(String resource) throws Exception {
    var context = configured(resource);
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
            "/logback.xml",
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
  void developersReadLines() throws Exception {
    String written =
        written(
            "/logback-dev.xml",
            context -> {
              context.getLogger("a.b.Node").info("started");
              context.getLogger("guest").atDebug().addKeyValue("actor", "a").log("hi");
            });
    assertTrue(written.contains(" INFO  Node started"), written);
    assertTrue(written.contains(" DEBUG guest actor=\"a\" hi"), written);
  }

  private static String written(String resource, Consumer<LoggerContext> work) throws Exception {
    var bytes = new ByteArrayOutputStream();
    PrintStream stderr = System.err;
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      var context = configured(resource);
      work.accept(context);
      context.stop();
    } finally {
      System.setErr(stderr);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static LoggerContext configured(String resource) throws Exception {
    var context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    var configurator = new JoranConfigurator();
    configurator.setContext(context);
    try (var stream = LoggingTest.class.getResourceAsStream(resource)) {
      configurator.doConfigure(stream);
    }
    return context;
  }
}
