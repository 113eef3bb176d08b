package dev.dormouse.module;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.UserFault;
import dev.dormouse.limits.SettingsException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AppSectionTest {
  private static final String FULL =
      """
      // comments are welcome
      {"name": "chat", "lang": "rust", "module": "target/chat.wasm",
       "limits": {"memoryBytes": "16MiB", "turnWall": "5s"},
       "env": {"GREETING": "hello", "EMPTY": ""}, "gateway": true,
       "egress": ["HTTPS://API.example.com/", "http://localhost:8080", "*"]}
      """;

  @Test
  void aManifestTravelsWithItsModule() {
    byte[] wasm = AppSection.attach(ModuleBytes.minimal().build(), manifest(FULL));
    var read = AppSection.read(ModuleOutline.read(wasm));
    assertEquals("chat", read.name());
    assertEquals(Map.of("GREETING", "hello", "EMPTY", ""), read.env());
    assertEquals("16MiB", read.limits().get("memoryBytes").asText());
    assertTrue(read.gateway());
    assertEquals(Set.of("https://api.example.com", "http://localhost:8080", "*"), read.egress());
  }

  @Test
  void valuesCanBeAddedToTheEnvOfAModuleWithoutTouchingTheRest() {
    String guest = "{\"classes\":[\"A\",\"B\"],\"bindings\":{\"X\":\"A\"},\"vars\":{\"n\":5}}";
    byte[] wasm = ModuleBytes.minimal().custom(AppSection.NAME, guest).build();
    byte[] once = AppSection.withEnv(wasm, Map.of("KEY", "one", "OTHER", "kept"));
    var read = AppSection.read(ModuleOutline.read(AppSection.withEnv(once, Map.of("KEY", "two"))));
    assertEquals(Map.of("KEY", "two", "OTHER", "kept"), read.env());
    assertEquals(guest, read.guest().toString());
  }

  @Test
  void attachingAgainReplacesTheManifestAndKeepsTheRest() {
    byte[] bare = ModuleBytes.minimal().custom("note", "kept").build();
    byte[] once = AppSection.attach(bare, manifest("{\"name\": \"one\"}"));
    byte[] twice = AppSection.attach(once, manifest("{\"name\": \"two\"}"));
    var outline = ModuleOutline.read(twice);
    assertEquals("two", AppSection.read(outline).name());
    assertEquals(2, outline.customSections().size());
    assertArrayEquals(twice, AppSection.attach(bare, manifest("{\"name\": \"two\"}")));
  }

  @Test
  void aModuleWithoutAManifestHasAnEmptyOne() {
    assertEquals(
        Manifest.EMPTY, AppSection.read(ModuleOutline.read(ModuleBytes.minimal().build())));
  }

  @Test
  void mistakesInTheManifestAreToldOneByOne() {
    mistake("{\"nam\": \"x\"}", "\"nam\"", "egress, env, gateway, lang, limits, module, name");
    mistake("{\"name\": 5}", "name must be a string");
    mistake("{\"name\": \"Chat Room\"}", "Chat Room", "lower-case");
    mistake("{\"env\": {\"A\": 1}}", "env.A must be a string");
    mistake("{\"env\": {\"A\": \"" + "x".repeat(70_000) + "\"}}", "env takes 70001 bytes", "65536");
    mistake("{\"limits\": {\"memory\": \"1MiB\"}}", "\"memory\"", "memoryBytes");
    mistake("{\"limits\": {\"memoryBytes\": \"1 parsec\"}}", "limits.memoryBytes", "128MiB");
    mistake("{\"name\": \"a\", \"name\": \"b\"}", "Duplicate", "line 1");
    mistake("{\"gateway\": \"yes\"}", "gateway must be true or false");
    mistake("{\"egress\": \"*\"}", "egress must be an array");
    mistake("{\"egress\": [\"example.com\"]}", "\"example.com\"", "https://api.example.com");
    mistake("{\"egress\": [\"https://example.com/path\"]}", "no origin");
    mistake("{\"egress\": [\"ftp://example.com\"]}", "no origin");
    mistake("[]", "must be a JSON object");
    mistake("{\"name\": \"a\"} trailing", "not JSON");
  }

  @Test
  void aBrokenManifestInAModuleMakesTheModuleInvalid() {
    byte[] wasm = ModuleBytes.minimal().custom(AppSection.NAME, "{\"lang\": \"rust\"}").build();
    var fault = assertThrows(UserFault.class, () -> AppSection.read(ModuleOutline.read(wasm)));
    assertTrue(fault.getMessage().contains("\"lang\""), fault::getMessage);
  }

  private static Manifest manifest(String json) {
    return Manifest.read("dormouse.json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static void mistake(String json, String... words) {
    var mistake = assertThrows(SettingsException.class, () -> manifest(json));
    for (String word : words) {
      assertTrue(mistake.getMessage().contains(word), () -> word + " in: " + mistake.getMessage());
    }
  }
}
