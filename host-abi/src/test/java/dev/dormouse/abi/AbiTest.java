package dev.dormouse.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The contract is written down four times; these tests allow no difference. */
class AbiTest {
  private static final Pattern ROW = Pattern.compile("\\| `([a-z0-9-]+)`[ ✱]*\\| `([^`]*)` \\|.*");
  private static final Pattern C_IMPORT =
      Pattern.compile(
          "DORMOUSE_IMPORT\\(\"([^\"]+)\", \"([^\"]+)\"\\)\\s+(\\w+) \\w+\\(([^)]*)\\)\\s*;");
  private static final Pattern C_EXPORT =
      Pattern.compile(
          "^DORMOUSE_EXPORT\\((\\w+)\\)\\s+(\\w+ ?\\*?)\\s*\\w+\\(([^)]*)\\);", Pattern.MULTILINE);

  private final WitFlattening wit = new WitFlattening(text("dormouse.wit"));

  @Test
  void theTablesAreTheFlattenedWit() {
    assertEquals(new TreeMap<>(wit.imports()), sorted(Abi.IMPORTS));
    assertEquals(wit.exports(), new TreeMap<>(Abi.EXPORTS));
  }

  @Test
  void theVersionIsThatOfThePackage() {
    assertTrue(text("dormouse.wit").contains("package " + Abi.PACKAGE + "@" + Abi.VERSION + ";"));
    assertTrue(text("ABI.md").contains(Abi.importModule("storage")));
    assertTrue(text("dormouse.h").contains("DORMOUSE_VERSION \"" + Abi.VERSION + "\""));
  }

  @Test
  void theStatusesAreThoseOfTheWit() {
    var names =
        Arrays.stream(Status.values())
            .map(status -> status.name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .toList();
    assertEquals(wit.cases("status"), names);
    for (var status : Status.values()) {
      var name = names.get(status.wire());
      assertEquals(status, Status.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')));
      assertTrue(text("ABI.md").contains("| " + status.wire() + " | `" + name + "` |"));
    }
    assertEquals(
        names.stream()
            .map(name -> "DORMOUSE_" + name.toUpperCase(Locale.ROOT).replace('-', '_'))
            .toList(),
        cEnum("dormouse_status"));
  }

  @Test
  void theEnumsOfTheHeaderHaveTheCasesOfTheWit() {
    assertEquals(
        wit.cases("waking-reason").stream()
            .map(name -> "DORMOUSE_WOKEN_BY_" + name.toUpperCase(Locale.ROOT))
            .toList(),
        cEnum("dormouse_waking_reason"));
    assertEquals(
        wit.cases("role").stream()
            .map(name -> "DORMOUSE_" + name.toUpperCase(Locale.ROOT))
            .toList(),
        cEnum("dormouse_role"));
    assertEquals(
        wit.cases("level").stream()
            .map(name -> "DORMOUSE_" + name.toUpperCase(Locale.ROOT))
            .toList(),
        cEnum("dormouse_level"));
  }

  @Test
  void thePageOfFlatSignaturesSaysTheSame() {
    Map<String, Map<String, FlatSignature>> imports = new TreeMap<>();
    Map<String, FlatSignature> exports = new TreeMap<>();
    var section = "";
    for (var line : text("ABI.md").lines().toList()) {
      if (line.startsWith("#")) {
        section = line.replaceFirst("#+ ", "");
      }
      var row = ROW.matcher(line);
      if (row.matches() && row.group(2).startsWith("(")) {
        var functions =
            section.equals("Exports")
                ? exports
                : imports.computeIfAbsent(section, name -> new TreeMap<>());
        functions.put(row.group(1), flat(row.group(2)));
      }
    }
    assertEquals(sorted(Abi.IMPORTS), imports);
    assertEquals(new TreeMap<>(Abi.EXPORTS), exports);
    assertTrue(text("ABI.md").contains("`cabi_realloc: (i32, i32, i32, i32) -> i32`"));
    assertEquals(FlatSignature.of("iiii_i"), Abi.REALLOC_SIGNATURE);
  }

  @Test
  void thePageMarksWhatCallsTheAllocator() {
    for (var line : text("ABI.md").lines().toList()) {
      var row = ROW.matcher(line);
      if (row.matches() && row.group(2).startsWith("(") && line.contains("area ")) {
        boolean plain = line.contains("option of u64");
        assertEquals(!plain, line.contains("✱"), line);
      }
    }
  }

  @Test
  void thePageNamesTheFixedLimits() {
    var page = text("ABI.md");
    for (var limit :
        new String[] {
          "attachment of a connection | " + grouped(Abi.MAX_ATTACHMENT_BYTES) + " bytes",
          "tags of a connection | " + Abi.MAX_TAGS + " ",
          "a tag | " + Abi.MAX_TAG_BYTES + " bytes",
          "close reason | " + Abi.MAX_CLOSE_REASON_BYTES + " bytes",
          "one `random.bytes` | " + grouped(Abi.MAX_RANDOM_BYTES) + " bytes",
          "timers of an instance | " + grouped(Abi.MAX_TIMERS) + " ",
          "open operations of an instance | " + Abi.MAX_OPERATIONS + " ",
          "depth of calls from actor to actor | " + Abi.MAX_CALL_DEPTH + " ",
          "what one `pbkdf2` or `hkdf` answers | " + grouped(Abi.MAX_DERIVED_BYTES) + " bytes",
          "actor's name | " + Abi.MAX_NAME_BYTES + " bytes",
        }) {
      assertTrue(page.contains("| " + limit), limit);
    }
  }

  @Test
  void theHeaderDeclaresTheSame() {
    var header = text("dormouse.h");
    Map<String, Map<String, FlatSignature>> imports = new TreeMap<>();
    var declaration = C_IMPORT.matcher(header);
    while (declaration.find()) {
      imports
          .computeIfAbsent(declaration.group(1), name -> new TreeMap<>())
          .put(declaration.group(2), flatC(declaration.group(3), declaration.group(4)));
    }
    assertEquals(sorted(Abi.IMPORTS), imports);

    Map<String, FlatSignature> exports = new TreeMap<>();
    declaration = C_EXPORT.matcher(header);
    while (declaration.find()) {
      exports.put(declaration.group(1), flatC(declaration.group(2), declaration.group(3)));
    }
    assertEquals(Abi.REALLOC_SIGNATURE, exports.remove(Abi.REALLOC));
    assertEquals(new TreeMap<>(Abi.EXPORTS), exports);
  }

  @Test
  void flatteningFollowsTheCanonicalAbi() {
    var small =
        new WitFlattening(
            """
            interface a {
              enum e { x, y }
              record r { a: option<u64>, b: e }
              variant v { n, s(string), w(u64) }
              f: func(r: r, v: v, t: tuple<u8, s64>) -> option<string>;
              g: func(a: string, b: string, c: string, d: string, e: string, f: string,
                  g: string, h: string, i: bool);
              h: func() -> result<u32, string>;
            }
            """);
    assertEquals(
        Map.of(
            "f", FlatSignature.of("iIi" + "iIi" + "iI" + "i_"),
            "g", FlatSignature.of("i_"),
            "h", FlatSignature.of("i_")),
        small.imports().get("a"));
    assertFalse(small.imports().containsKey("b"));
  }

  private static FlatSignature flat(String written) {
    var parts = written.split(" -> ", -1);
    var params = parts[0].replaceAll("[(), ]", "");
    var word = params + "_" + (parts.length > 1 ? parts[1] : "");
    return FlatSignature.of(word.replace("i32", "i").replace("i64", "I"));
  }

  private static FlatSignature flatC(String result, String parameters) {
    var params =
        parameters.equals("void")
            ? ""
            : Arrays.stream(parameters.split(",", -1))
                .map(parameter -> flatC(parameter.strip()))
                .collect(Collectors.joining());
    return new FlatSignature(params, result.strip().equals("void") ? "" : flatC(result.strip()));
  }

  private static String flatC(String declaration) {
    if (declaration.contains("*") || declaration.matches("(size_t|uint32_t)( \\w+)?")) {
      return "i";
    }
    if (declaration.matches("uint64_t( \\w+)?")) {
      return "I";
    }
    throw new IllegalArgumentException("a type that the flat contract lacks: " + declaration);
  }

  private static java.util.List<String> cEnum(String name) {
    var body = Pattern.compile("enum " + name + " \\{([^}]*)\\}").matcher(text("dormouse.h"));
    assertTrue(body.find(), name);
    return Arrays.stream(body.group(1).split(",", -1)).map(String::strip).toList();
  }

  private static String grouped(int number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static Map<String, Map<String, FlatSignature>> sorted(
      Map<String, Map<String, FlatSignature>> tables) {
    Map<String, Map<String, FlatSignature>> sorted = new TreeMap<>();
    tables.forEach((name, functions) -> sorted.put(name, new TreeMap<>(functions)));
    return sorted;
  }

  private static String text(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
