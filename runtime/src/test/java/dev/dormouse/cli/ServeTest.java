package dev.dormouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.testkit.HostileModule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server in its own process, and the commands that talk to it. */
class ServeTest {
  @TempDir Path temp;

  @Test
  void aServerIsDeployedToLookedAtAndDrained() throws Exception {
    Path module = Files.write(temp.resolve("m.wasm"), HostileModule.assemble());
    Path data = temp.resolve("data");
    try (Program server = serve(data)) {
      String admin = server.adminUrl();
      assertEquals(1, server.out().lines().count(), server.out());
      String[] refused = {"deploy", module.toString(), "--as", "app", "--server", admin};
      CliTest.run(refused).isOneLine(1, "give it with --token");

      Path tokenFile = data.resolve("admin-token");
      String token = Files.readString(tokenFile).strip();
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(tokenFile)));
      String[] access = {"--server", admin, "--token", token};

      var deployed = run(access, "deploy", module.toString(), "--as", "app");
      assertEquals(0, deployed.status(), deployed.err());
      assertTrue(deployed.out().startsWith("app is now at version 1\n"), deployed.out());
      assertTrue(deployed.out().contains("fetch"), deployed.out());
      assertTrue(
          run(access, "deploy", module.toString(), "--as", "app")
              .out()
              .startsWith("app is unchanged at version 1\n"));
      assertTrue(run(access, "namespaces").out().contains("\napp "));

      server.request("GET", "/app/a%20mouse/x");
      var actors = run(access, "actors", "app");
      assertTrue(actors.out().contains("\na mouse  awake"), actors.out());
      assertTrue(run(access, "actors", "app", "--json").out().contains("\"name\" : \"a mouse\""));
      assertEquals("no actors\n", run(access, "actors", "app", "--prefix", "b").out());
      assertEquals(0, run(access, "storage", "app", "a mouse").status());
      assertEquals(0, run(access, "logs", "app").status());
      run(access, "actors", "nowhere").isOneLine(1, "namespace_not_found");
      run(access, "storage", "app", "b").isOneLine(1, "actor_not_found");

      Path bad = Files.write(temp.resolve("bad.wasm"), new byte[] {0, 'a', 's', 'm', 9, 9, 9, 9});
      run(access, "deploy", bad.toString(), "--as", "app").isOneLine(1, "module_invalid");

      assertEquals(
          "deleted actor a mouse of namespace app\n",
          run(access, "delete", "app", "a mouse", "--yes").out());
      assertEquals(0, run(access, "delete", "app", "-y").status());
      assertTrue(run(access, "namespaces").out().startsWith("no namespaces yet"));

      assertEquals(0, server.terminate(), server.err());
      assertEquals(1, server.out().lines().count(), server.out());
    }
  }

  @Test
  void aPortThatIsTakenIsSaidInOneLine() throws Exception {
    try (Program first = serve(temp.resolve("first"))) {
      String port = first.publicUrl().replaceFirst(".*:", "");
      try (Program second =
          Program.start(
              temp, "serve", "--port", port, "--admin-port", "0", "--data", temp + "/second")) {
        assertEquals(1, second.status());
        assertEquals("", second.out());
        assertTrue(second.err().contains("dormouse: cannot listen on 127.0.0.1:" + port));
      }
    }
  }

  @Test
  void aConfigurationWithAMistakeIsSaidInOneLine() throws Exception {
    Path config = Files.writeString(temp.resolve("c.json"), "{\"prot\": 1}");
    CliTest.run("serve", "--config", config.toString()).isOneLine(1, "prot");
    assertFalse(Files.exists(temp.resolve("data")));
  }

  private Program serve(Path data) throws Exception {
    return Program.start(
        temp, "serve", "--port", "0", "--admin-port", "0", "--data", data.toString());
  }

  private static CliTest.Ran run(String[] access, String... command) {
    String[] all = new String[command.length + access.length];
    System.arraycopy(command, 0, all, 0, command.length);
    System.arraycopy(access, 0, all, command.length, access.length);
    return CliTest.run(all);
  }
}
