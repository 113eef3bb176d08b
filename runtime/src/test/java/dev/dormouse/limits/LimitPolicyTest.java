package dev.dormouse.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitPolicyTest {

  @Test
  void sizesTimesAndCountsAreReadInTheirUnits() {
    Limits limits =
        read(
            """
            {"memoryBytes": "1.5MiB", "frameBytes": 4096, "turnWall": "250ms", "idleSleep": "2m",
             "mailboxEvents": 5000, "fuelPerTurn": 1e6, "keyBytes": "1 KiB"}
            """);
    assertEquals(1_572_864, limits.memoryBytes());
    assertEquals(4_096, limits.frameBytes());
    assertEquals(Duration.ofMillis(250), limits.turnWall());
    assertEquals(Duration.ofMinutes(2), limits.idleSleep());
    assertEquals(5_000, limits.mailboxEvents());
    assertEquals(1_000_000, limits.fuelPerTurn());
    assertEquals(1_024, limits.keyBytes());
  }

  @Test
  void whatIsNotNamedStaysAsItWas() {
    assertEquals(Limits.DEFAULTS, read("{}"));
    assertEquals(Limits.DEFAULTS.turnWall(), read("{\"keyBytes\": 100}").turnWall());
  }

  @Test
  void everyMistakeHasOneClearSentence() {
    mistake("{\"keyByte\": 1}", "limits has no setting \"keyByte\"", "keyBytes");
    mistake("{\"keyBytes\": \"2KB\"}", "limits.keyBytes is \"2KB\"", "KiB");
    mistake("{\"keyBytes\": true}", "limits.keyBytes is true");
    mistake("{\"keyBytes\": \"100MiB\"}", "limits.keyBytes is 100MiB", "from 1B to 64KiB");
    mistake("{\"keyBytes\": -1}", "from 1B");
    mistake("{\"keyBytes\": 1.5}", "limits.keyBytes is 1.5");
    mistake("{\"turnWall\": 30}", "limits.turnWall is 30", "\"30s\"");
    mistake("{\"turnWall\": \"0s\"}", "limits.turnWall is 0s", "from 1ms");
    mistake("{\"mailboxEvents\": \"many\"}", "a whole number such as 5000");
    mistake("{\"mailboxEvents\": 1e999999999}", "limits.mailboxEvents");
    mistake("{\"mailboxEvents\": 1e-999999999}", "limits.mailboxEvents");
    mistake("{\"fuelPerTurn\": 99999999999999999999}", "limits.fuelPerTurn");
    mistake("{\"stackBytes\": \"1GiB\"}", "limits.stackBytes");
  }

  @Test
  void aNamespaceHasItsOwnLimitsOrTheServers() {
    Limits own = read("{\"keyBytes\": 100}");
    var policy = new LimitPolicy(Limits.DEFAULTS, Map.of("small", own));
    assertEquals(own, policy.forNamespace("small"));
    assertEquals(Limits.DEFAULTS, policy.forNamespace("other"));
  }

  @Test
  void anAppMayAskForLessButNotForMore() {
    var policy = new LimitPolicy(Limits.DEFAULTS, Map.of("small", read("{\"keyBytes\": 100}")));
    assertEquals(50, policy.lowered("small", json("{\"keyBytes\": 50}")).keyBytes());
    assertEquals(100, policy.lowered("small", null).keyBytes());
    var fault =
        assertThrows(
            UserFault.class, () -> policy.lowered("small", json("{\"keyBytes\": \"1KiB\"}")));
    assertEquals(Code.MODULE_INVALID, fault.code());
    for (String word : new String[] {"limits.keyBytes", "1KiB", "100B", "\"small\""}) {
      assertTrue(fault.getMessage().contains(word), fault::getMessage);
    }
  }

  @Test
  void anAppThatWasTakenWhenTheServerGaveMoreIsBroughtDown() {
    var policy = new LimitPolicy(read("{\"keyBytes\": 100}"), Map.of());
    Limits limits = policy.clamped("a", json("{\"keyBytes\": 1000, \"valueBytes\": 10}"));
    assertEquals(100, limits.keyBytes());
    assertEquals(10, limits.valueBytes());
  }

  @Test
  void theNodeHasBoundsToFitTheMachine() {
    NodeLimits defaults = NodeLimits.defaults();
    assertEquals(Runtime.getRuntime().maxMemory() / 2, defaults.memoryBytes());
    NodeLimits read =
        NodeLimits.read("node", json("{\"openStores\": 7, \"drainTime\": \"0s\"}"), defaults);
    assertEquals(7, read.openStores());
    assertEquals(Duration.ZERO, read.drainTime());
  }

  @Test
  void aJournalThatCouldNotWorkIsRefused() {
    for (String json :
        new String[] {
          "{\"journalSegmentBytes\": 1048577}",
          "{\"journalSegmentBytes\": \"64MiB\", \"journalBytes\": \"128MiB\"}"
        }) {
      var mistake =
          assertThrows(
              SettingsException.class,
              () -> NodeLimits.read("node", json(json), NodeLimits.defaults()));
      assertTrue(mistake.getMessage().contains("journalSegmentBytes"), mistake::getMessage);
    }
  }

  @Test
  void theDocumentationNamesEverySettingWithItsDefault() throws Exception {
    String doc = Files.readString(Path.of("../docs/configuration.md"));
    for (var component : Limits.class.getRecordComponents()) {
      Object value = Settings.component(component, Limits.DEFAULTS);
      String row = "| `%s` | %s |".formatted(component.getName(), Settings.show(component, value));
      assertTrue(doc.contains(row), row);
    }
    for (var component : NodeLimits.class.getRecordComponents()) {
      assertTrue(doc.contains("| `" + component.getName() + "` |"), component.getName());
    }
  }

  private static ObjectNode json(String text) {
    return Settings.parse("the text", text.getBytes(StandardCharsets.UTF_8));
  }

  private static Limits read(String text) {
    return LimitPolicy.read("limits", json(text), Limits.DEFAULTS);
  }

  private static void mistake(String text, String... words) {
    var mistake = assertThrows(SettingsException.class, () -> read(text));
    for (String word : words) {
      assertTrue(mistake.getMessage().contains(word), () -> word + " in: " + mistake.getMessage());
    }
  }
}
