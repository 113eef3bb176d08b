package dev.dormouse.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The files of a new app. They are the resources under {@code templates/LANG/}: a name that begins
 * with {@code dot-} gets a dot instead, and in the text {@code {{name}}} stands for the app's name
 * and {@code {{sdk}}} for the folder of the language's SDK.
 */
final class Templates {
  private static final String DOT = "dot-";

  private Templates() {}

  static void copy(Language language, Path target, String name) throws IOException {
    String sdk = Home.file(language.sdk()).toString().replace('\\', '/');
    URL folder = Templates.class.getResource("/templates/" + language.id() + "/");
    if (folder == null) {
      throw new CliFailure("this build of Dormouse has no template for " + language.title());
    }
    URI uri;
    try {
      uri = folder.toURI();
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
    if ("jar".equals(uri.getScheme())) {
      try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
        copy(jar.getPath("/templates/" + language.id()), target, name, sdk);
      }
    } else {
      copy(Path.of(uri), target, name, sdk);
    }
  }

  private static void copy(Path template, Path target, String name, String sdk) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(template)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Path out = target;
      for (Path part : template.relativize(file)) {
        String plain = part.toString();
        out = out.resolve(plain.startsWith(DOT) ? "." + plain.substring(DOT.length()) : plain);
      }
      Path parent = out.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.writeString(
          out, Files.readString(file).replace("{{name}}", name).replace("{{sdk}}", sdk));
    }
  }
}
