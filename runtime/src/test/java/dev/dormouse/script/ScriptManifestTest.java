package dev.dormouse.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.limits.Settings;
import dev.dormouse.limits.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptManifestTest {
  @TempDir Path dir;

  @Test
  void classesAreThoseThatAreNamedAndThoseThatBindingsOfThisAppMean() {
    var app =
        read(
            """
            {"name": "shop", "lang": "ts", "main": "src/index.ts", "classes": ["Cart"],
             "bindings": {"COUNTER": "Counter", "OTHER": {"class": "Far", "namespace": "far"}},
             "env": {"GREETING": "hello", "LIMIT": 5, "NESTED": {"a": [1]}},
             "egress": ["https://api.example.com"]}
            """);
    assertEquals("src/index.ts", app.main());
    assertEquals(Set.of("Cart", "Counter"), app.classes());
    assertEquals(Map.of("GREETING", "hello"), app.common().env());
    assertEquals(Set.of("https://api.example.com"), app.common().egress());
    assertEquals(
        "{\"vars\":{\"LIMIT\":5,\"NESTED\":{\"a\":[1]}},\"bindings\":{\"COUNTER\":{\"class\":\"Counter\"},"
            + "\"OTHER\":{\"class\":\"Far\",\"namespace\":\"far\"}}}",
        app.common().guest().toString());
    assertEquals(
        "{\"main\":\"src/index.ts\",\"worker\":null,\"classes\":[\"Cart\",\"Counter\"]}",
        app.plan());
  }

  @Test
  void anAppWithoutAGatewayNamesItsWorker() {
    assertEquals(
        "{\"main\":null,\"worker\":\"worker.js\",\"classes\":[]}",
        read("{\"name\": \"a\", \"lang\": \"js\", \"worker\": \"worker.js\"}").plan());
    assertEquals(
        "w.js", read("{\"name\": \"a\", \"lang\": \"js\", \"module\": \"w.js\"}").worker());
  }

  @Test
  void mistakesAreToldInOneSentence() {
    mistake("{\"lang\": \"js\", \"name\": \"a\"}", "\"module\"", "\"main\"");
    mistake("{\"lang\": \"js\", \"main\": \"a.js\", \"gateway\": true}", "\"main\"");
    mistake("{\"lang\": \"js\", \"main\": \"a.js\", \"module\": \"b.js\"}", "\"worker\"");
    mistake("{\"lang\": \"js\", \"main\": \"a.js\", \"clases\": []}", "\"clases\"", "classes");
    mistake("{\"lang\": \"js\", \"main\": \"a.js\", \"classes\": [\"a b\"]}", "\"a b\"");
    mistake(
        "{\"lang\": \"js\", \"main\": \"a.js\", \"bindings\": {\"X\": {\"namespace\": \"n\"}}}",
        "bindings.X",
        "\"class\"");
    mistake("{\"lang\": \"js\", \"main\": \"a.js\", \"bindings\": {\"X\": 5}}", "bindings.X");
  }

  @ParameterizedTest
  @ValueSource(strings = {"wrangler.jsonc", "wrangler.toml"})
  void aWranglerFileIsUnderstoodInPlaceOfOurs(String file) {
    var app = Wrangler.read(file, file, text(file.endsWith("toml") ? TOML : JSONC));
    assertEquals("shop", app.common().name());
    assertEquals("ts", app.common().lang());
    assertEquals("src/index.ts", app.main());
    assertEquals(Set.of("Counter"), app.classes());
    assertEquals(Map.of("GREETING", "hello"), app.common().env());
    var guest = app.common().guest();
    assertEquals(5, guest.path("vars").path("LIMIT").asInt());
    assertEquals("Counter", guest.at("/bindings/COUNTER/class").asText());
    assertEquals("far", guest.at("/bindings/OTHER/namespace").asText());
    assertEquals(
        List.of(file + ": Dormouse has nothing for kv_namespaces, routes, and leaves them out"),
        app.warnings());
  }

  private static final String JSONC =
      """
      {
        // what Cloudflare's tool reads
        "$schema": "node_modules/wrangler/config-schema.json",
        "name": "shop", "main": "src/index.ts", "compatibility_date": "2025-05-01",
        "durable_objects": {"bindings": [
          {"name": "COUNTER", "class_name": "Counter"},
          {"name": "OTHER", "class_name": "Far", "script_name": "far"},
        ]},
        "migrations": [{"tag": "v1", "new_sqlite_classes": ["Counter"]}],
        "vars": {"GREETING": "hello", "LIMIT": 5},
        "kv_namespaces": [{"binding": "KV", "id": "1"}],
        "routes": ["example.com/*"],
      }
      """;

  private static final String TOML =
      """
      name = "shop" # the app
      main = "src/index.ts"
      compatibility_flags = ["nodejs_compat"]
      routes = ["example.com/*"]

      [[durable_objects.bindings]]
      name = "COUNTER"
      class_name = "Counter"

      [[durable_objects.bindings]]
      name = "OTHER"
      class_name = "Far"
      script_name = "far"

      [[migrations]]
      tag = "v1"
      new_classes = ["Counter"]

      [vars]
      GREETING = "hello"
      LIMIT = 5

      [[kv_namespaces]]
      binding = "KV"
      id = "1"
      """;

  @Test
  void aBrokenWranglerFileIsToldWithItsPlace() {
    var mistake =
        assertThrows(
            SettingsException.class,
            () -> Wrangler.read("wrangler.toml", "wrangler.toml", text("name = \nmain = 1")));
    assertTrue(mistake.getMessage().contains("line 1"), mistake::getMessage);
    mistake =
        assertThrows(
            SettingsException.class,
            () -> Wrangler.read("wrangler.json", "wrangler.json", text("{\"name\": \"a\"}")));
    assertTrue(mistake.getMessage().contains("\"main\""), mistake::getMessage);
  }

  @Test
  void secretsComeFromTheirFileAndTheEnvironmentWins() throws IOException {
    Files.writeString(
        dir.resolve("keys.env"),
        """
        # comments are welcome
        export A=plain  # also here
        B="two\\nlines"
        C='it is # not one'
        EMPTY=
        """);
    var app =
        read(
            "{\"name\": \"a\", \"lang\": \"js\", \"main\": \"a.js\", \"secrets\": [\"A\", \"FAR\"], \"secretsFile\": \"keys.env\"}");
    assertEquals(
        Map.of("A", "plain", "B", "two\nlines", "C", "it is # not one", "EMPTY", "", "FAR", "x"),
        Secrets.read(dir, app, Map.of("FAR", "x")::get));
    assertEquals("z", Secrets.read(dir, app, Map.of("FAR", "x", "A", "z")::get).get("A"));
    var missing = assertThrows(SettingsException.class, () -> Secrets.read(dir, app, name -> null));
    assertTrue(missing.getMessage().contains("FAR has no value"), missing::getMessage);
    assertEquals(Map.of("K", "v"), Secrets.parse("s.json", text("{\"K\": \"v\"}")));
  }

  @Test
  void noMessageAboutSecretsShowsAValue() throws IOException {
    Files.writeString(dir.resolve("keys.env"), "A=1\nhunter2\n");
    var app =
        read(
            "{\"name\": \"a\", \"lang\": \"js\", \"main\": \"a.js\", \"secretsFile\": \"keys.env\"}");
    var mistake = assertThrows(SettingsException.class, () -> Secrets.read(dir, app, name -> null));
    assertTrue(mistake.getMessage().contains("keys.env line 2"), mistake::getMessage);
    assertFalse(mistake.getMessage().contains("hunter2"), mistake::getMessage);
  }

  private static ScriptManifest read(String json) {
    return ScriptManifest.read("dormouse.json", Settings.parse("dormouse.json", text(json)));
  }

  private static void mistake(String json, String... words) {
    var mistake = assertThrows(SettingsException.class, () -> read(json));
    for (String word : words) {
      assertTrue(mistake.getMessage().contains(word), () -> word + " in: " + mistake.getMessage());
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
