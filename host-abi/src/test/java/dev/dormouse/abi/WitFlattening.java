package dev.dormouse.abi;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Reads the part of WIT that dormouse.wit is written in, and flattens its functions by the
 * canonical ABI: at most 16 flat parameters and one flat result, more going through memory.
 */
final class WitFlattening {
  private static final int MAX_FLAT_PARAMS = 16;
  private static final int MAX_FLAT_RESULTS = 1;
  private static final Pattern TOKEN = Pattern.compile("[a-z][a-z0-9-]*|->|[{}()<>,:;@/=.]|\\S");

  private final Map<String, Map<String, FlatSignature>> imports = new TreeMap<>();
  private final Map<String, FlatSignature> exports = new TreeMap<>();

  /** Named types, each with its flat form. Names are unique in the whole text. */
  private final Map<String, String> types = new HashMap<>();

  private final Map<String, List<String>> enums = new HashMap<>();
  private final List<String> tokens = new ArrayList<>();
  private int at;

  WitFlattening(String wit) {
    var matcher = TOKEN.matcher(wit.replaceAll("///?[^\n]*", ""));
    while (matcher.find()) {
      tokens.add(matcher.group());
    }
    while (at < tokens.size()) {
      switch (next()) {
        case "package" -> skipTo(";");
        case "interface" -> {
          var name = next();
          var functions = body();
          if (!functions.isEmpty()) {
            imports.put(name, functions);
          }
        }
        case "world" -> {
          next();
          body();
        }
        default -> throw unexpected();
      }
    }
  }

  Map<String, Map<String, FlatSignature>> imports() {
    return imports;
  }

  Map<String, FlatSignature> exports() {
    return exports;
  }

  List<String> cases(String enumName) {
    return enums.getOrDefault(enumName, List.of());
  }

  private Map<String, FlatSignature> body() {
    var functions = new TreeMap<String, FlatSignature>();
    expect("{");
    while (!peek().equals("}")) {
      var word = next();
      switch (word) {
        case "use", "import" -> skipTo(";");
        case "enum" -> enumeration();
        case "record" -> record();
        case "variant" -> variant();
        case "export" -> {
          var name = next();
          expect(":");
          exports.put(name, function(false));
        }
        default -> {
          expect(":");
          functions.put(word, function(true));
        }
      }
    }
    expect("}");
    return functions;
  }

  private void enumeration() {
    var name = next();
    var cases = new ArrayList<String>();
    expect("{");
    while (!peek().equals("}")) {
      cases.add(next());
      accept(",");
    }
    expect("}");
    enums.put(name, cases);
    types.put(name, "i");
  }

  private void record() {
    var name = next();
    var flat = new StringBuilder();
    expect("{");
    while (!peek().equals("}")) {
      next();
      expect(":");
      flat.append(type());
      accept(",");
    }
    expect("}");
    types.put(name, flat.toString());
  }

  private void variant() {
    var name = next();
    var payload = "";
    expect("{");
    while (!peek().equals("}")) {
      next();
      if (accept("(")) {
        payload = join(payload, type());
        expect(")");
      }
      accept(",");
    }
    expect("}");
    types.put(name, "i" + payload);
  }

  private FlatSignature function(boolean imported) {
    expect("func");
    expect("(");
    var params = new StringBuilder();
    while (!peek().equals(")")) {
      next();
      expect(":");
      params.append(type());
      accept(",");
    }
    expect(")");
    var results = accept("->") ? type() : "";
    expect(";");
    var flat = params.length() > MAX_FLAT_PARAMS ? "i" : params.toString();
    if (results.length() <= MAX_FLAT_RESULTS) {
      return new FlatSignature(flat, results);
    }
    return imported ? new FlatSignature(flat + "i", "") : new FlatSignature(flat, "i");
  }

  private String type() {
    var name = next();
    return switch (name) {
      case "bool", "u8", "u16", "u32", "s8", "s16", "s32", "char" -> "i";
      case "u64", "s64" -> "I";
      case "string" -> "ii";
      case "list" -> {
        arguments();
        yield "ii";
      }
      case "tuple" -> String.join("", arguments());
      case "option" -> "i" + arguments().getFirst();
      case "result" -> "i" + arguments().stream().reduce("", WitFlattening::join);
      default -> {
        var known = types.get(name);
        if (known == null) {
          throw unexpected();
        }
        yield known;
      }
    };
  }

  private List<String> arguments() {
    var arguments = new ArrayList<String>();
    expect("<");
    do {
      arguments.add(type());
    } while (accept(","));
    expect(">");
    return arguments;
  }

  /** The flat form that holds either of two: i32 and i64 join to i64. */
  private static String join(String one, String other) {
    var joined = new StringBuilder();
    for (int i = 0; i < Math.max(one.length(), other.length()); i++) {
      char a = i < one.length() ? one.charAt(i) : other.charAt(i);
      char b = i < other.length() ? other.charAt(i) : a;
      joined.append(a == b ? a : 'I');
    }
    return joined.toString();
  }

  private String peek() {
    return tokens.get(at);
  }

  private String next() {
    return tokens.get(at++);
  }

  private boolean accept(String token) {
    boolean found = peek().equals(token);
    at += found ? 1 : 0;
    return found;
  }

  private void expect(String token) {
    if (!accept(token)) {
      throw new IllegalStateException("expected " + token + " and found " + peek());
    }
  }

  private void skipTo(String token) {
    while (!next().equals(token)) {}
  }

  private IllegalStateException unexpected() {
    return new IllegalStateException("unexpected " + tokens.get(at - 1));
  }
}
