package dev.dormouse.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dormouse.time.SystemTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Uploads a module to a server. */
@Command(
    name = "deploy",
    description = {
      "Upload a module, or build the app in DIR and upload that, and bind a namespace to it.",
      "A script that needs no bundling (.js, .mjs) is uploaded as it is.",
      "Actors that run move to the new version at their next turn and keep what they stored."
    },
    mixinStandardHelpOptions = true)
final class DeployCommand implements Callable<Integer> {
  @Mixin AdminOptions admin = new AdminOptions();

  @Parameters(
      paramLabel = "FILE.wasm|DIR",
      description = "A module, a script, or the folder of an app.")
  Path source = Path.of(".");

  @Option(
      names = "--as",
      paramLabel = "NAMESPACE",
      description = "The namespace; default the name in the app's manifest.")
  @Nullable String namespace;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Let the app's gateway answer at / for requests to this host, too.")
  @Nullable String host;

  @Option(names = "--json", description = "Print the server's JSON as it is.")
  boolean json;

  @Override
  public Integer call() {
    AdminClient client = admin.client();
    String target = namespace;
    Upload upload;
    try (SystemTime time = new SystemTime()) {
      if (Files.isDirectory(source)) {
        App app = App.read(source).warned();
        Path file = app.defaultOutput();
        target = target == null ? app.name() : target;
        new Builder(time).build(app, file);
        upload = new Upload("application/wasm", Modules.withSecrets(file, app));
      } else if (target == null) {
        throw new CliMistake("name the namespace with --as NAMESPACE");
      } else {
        upload = Upload.of(source);
      }
      AdminClient.Answer answer = upload(client, time, target, host, upload);
      if (json) {
        System.out.println(answer.body().toPrettyString());
      } else {
        print(target, answer);
      }
    }
    return Cli.WORKED;
  }

  /** What is sent to the server. */
  record Upload(String contentType, byte[] body) {
    static Upload of(Path file) {
      String name = String.valueOf(file.getFileName());
      if (name.endsWith(".js") || name.endsWith(".mjs")) {
        return new Upload("text/javascript", Modules.bytes(file));
      }
      if (name.endsWith(".ts") || name.endsWith(".mts")) {
        throw new CliMistake(
            "a TypeScript file has to be built: name the folder with its manifest instead");
      }
      return new Upload("application/wasm", Modules.read(file));
    }
  }

  static AdminClient.Answer upload(
      AdminClient client, SystemTime time, String namespace, @Nullable String host, Upload upload) {
    String path = AdminClient.path("v1", "namespaces", namespace);
    try (Progress _ = Progress.of(time, "deploying " + namespace)) {
      return client.put(
          host == null ? path : path + "?host=" + AdminClient.encode(host),
          upload.contentType(),
          upload.body());
    }
  }

  private static void print(String namespace, AdminClient.Answer answer) {
    JsonNode body = answer.body();
    boolean changed = answer.status() == 201;
    System.out.println(
        namespace
            + (changed ? " is now at version " : " is unchanged at version ")
            + Show.text(body, "version"));
    System.out.println("  sha256   " + Show.text(body, "sha256"));
    System.out.println("  size     " + Show.bytes(body.path("size")));
    System.out.println("  exports  " + Show.list(body.path("exports")));
  }
}
