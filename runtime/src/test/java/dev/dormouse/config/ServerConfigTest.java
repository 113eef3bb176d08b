package dev.dormouse.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.limits.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerConfigTest {
  @TempDir Path directory;

  @Test
  void aFileMayNameEverything() throws IOException {
    var config =
        read(
            """
            {
              "host": "127.0.0.2", "port": 1, "adminHost": "127.0.0.3", "adminPort": 0,
              "data": "state", "adminToken": "0123456789abcdef",
              "webCertificates": "own.pem",
              "limits": {"keyBytes": 100},
              "node": {"openStores": 5},
              "namespaces": {
                "chat": {"limits": {"valueBytes": "1KiB"}, "env": {"KEY": "value"}}
              }
            }
            """);
    assertEquals("127.0.0.2", config.host());
    assertEquals(1, config.port());
    assertEquals(0, config.adminPort());
    assertEquals(directory.resolve("state"), config.data());
    assertEquals(directory.resolve("own.pem"), config.webCertificates());
    assertEquals(5, config.node().openStores());
    assertEquals(100, config.limits().forNamespace("other").keyBytes());
    assertEquals(100, config.limits().forNamespace("chat").keyBytes());
    assertEquals(1_024, config.limits().forNamespace("chat").valueBytes());
    assertEquals(Map.of("chat", Map.of("KEY", "value")), config.env());
  }

  @Test
  void anEmptyFileLeavesTheDefaults() throws IOException {
    var config = read("{}");
    assertEquals("127.0.0.1", config.host());
    assertEquals(8787, config.port());
    assertEquals(8788, config.adminPort());
  }

  @Test
  void theTokenIsNeverShown() throws IOException {
    assertFalse(read("{\"adminToken\": \"0123456789abcdef\"}").toString().contains("0123"));
  }

  @Test
  void everyMistakeNamesTheFileAndTheSetting() {
    mistake("{\"prot\": 1}", "has no setting \"prot\"");
    mistake("{\"port\": 70000}", "port is 70000", "from 0 to 65535");
    mistake("{\"adminToken\": \"short\"}", "adminToken");
    mistake("{\"namespaces\": {\"a\": {\"limit\": {}}}}", "namespaces.a has no setting \"limit\"");
    mistake(
        "{\"namespaces\": {\"a\": {\"limits\": {\"keyBytes\": \"x\"}}}}",
        "namespaces.a.limits.keyBytes");
    mistake("{\"port\": }", "not JSON", "line 1");
  }

  @Test
  void aMissingFileIsSaidToBeMissing() {
    var mistake =
        assertThrows(
            SettingsException.class, () -> ServerConfig.read(directory.resolve("no.json")));
    assertTrue(mistake.getMessage().contains("there is no configuration file"));
  }

  private ServerConfig read(String json) throws IOException {
    return ServerConfig.read(Files.writeString(directory.resolve("config.json"), json));
  }

  private void mistake(String json, String... words) {
    var mistake = assertThrows(SettingsException.class, () -> read(json));
    assertTrue(mistake.getMessage().contains("config.json"), mistake::getMessage);
    for (String word : words) {
      assertTrue(mistake.getMessage().contains(word), () -> word + " in: " + mistake.getMessage());
    }
  }
}
