package dev.dormouse.module;

import dev.dormouse.abi.Abi;
import dev.dormouse.abi.FlatSignature;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.guest.Metering;
import dev.dormouse.module.ModuleOutline.Export;
import dev.dormouse.module.ModuleOutline.Import;
import dev.dormouse.module.ModuleOutline.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds a module's outside to the guest contract: it imports only what the server has, with the
 * right types, and exports what the server will call, with the right types.
 */
final class AbiCheck {
  private static final int MOST_NAMED = 10;

  /** Exports that the host hands strings and lists to. */
  private static final Set<String> TAKE_LISTS =
      Set.of("connect", "message", "close", "fetch", "call", "complete");

  /** Imports that hand strings and lists to the guest, by interface and name. */
  private static final Set<String> ANSWER_LISTS =
      Set.of(
          "identity/name",
          "identity/id",
          "identity/namespace",
          "storage/get",
          "storage/get-many",
          "storage/list",
          "connection/get-attachment",
          "connection/tags",
          "connection/list",
          "actors/id-of",
          "actors/name-of",
          "crypto/digest",
          "crypto/hmac",
          "crypto/aes-encrypt",
          "crypto/aes-decrypt",
          "crypto/generate-key-pair",
          "crypto/ecdsa-sign",
          "crypto/pbkdf2",
          "crypto/hkdf",
          "app/section",
          "random/bytes",
          "env/get",
          "env/all");

  private final Map<String, Map<String, FlatSignature>> functions = new HashMap<>();

  /**
   * @param imports every function that guests may import
   */
  AbiCheck(List<HostFunction> imports) {
    for (var function : imports) {
      functions
          .computeIfAbsent(function.module(), module -> new HashMap<>())
          .put(function.name(), function.signature());
    }
  }

  /**
   * Checks a module.
   *
   * @return the functions of the contract that it exports
   * @throws dev.dormouse.fault.UserFault {@code module_invalid}, saying what is wrong
   */
  SortedSet<String> check(ModuleOutline module) {
    checkImports(module.imports());
    SortedSet<String> handlers = checkExports(module.exports());
    checkMemory(module, handlers);
    return handlers;
  }

  private void checkImports(List<Import> imports) {
    var unknown = new ArrayList<String>();
    String help = null;
    for (var wanted : imports) {
      if (wanted.module().startsWith(Metering.RESERVED)) {
        throw ModuleOutline.invalid(
            "the module imports "
                + show(wanted)
                + ": names that start with "
                + Metering.RESERVED
                + " belong to the server");
      }
      if (wanted.kind() != Kind.FUNCTION) {
        throw ModuleOutline.invalid(
            "the module imports the "
                + wanted.kind().noun()
                + " "
                + show(wanted)
                + ", but a module may import functions only: let it define its own");
      }
      checkVersion(wanted);
      var known = functions.getOrDefault(wanted.module(), Map.of());
      FlatSignature signature = known.get(wanted.name());
      if (signature == null) {
        unknown.add(show(wanted));
        help = help == null ? help(wanted, known) : help;
      } else if (!FunctionType.of(signature).equals(wanted.type())) {
        throw ModuleOutline.invalid(
            "the module imports %s as %s, but its type is %s"
                .formatted(show(wanted), wanted.type(), FunctionType.of(signature)));
      }
    }
    if (!unknown.isEmpty()) {
      int named = Math.min(MOST_NAMED, unknown.size());
      throw ModuleOutline.invalid(
          "the module imports what this server does not have: "
              + String.join(", ", unknown.subList(0, named))
              + (named < unknown.size() ? " and " + (unknown.size() - named) + " more" : "")
              + help);
    }
  }

  /** What there is in place of what was asked for. */
  private String help(Import wanted, Map<String, FlatSignature> known) {
    if (!known.isEmpty()) {
      return "; of "
          + wanted.module()
          + " it has "
          + String.join(", ", new TreeSet<>(known.keySet()));
    }
    return "; it has " + String.join(", ", new TreeSet<>(functions.keySet()));
  }

  private static void checkVersion(Import wanted) {
    if (!wanted.module().startsWith(Abi.PACKAGE + "/")) {
      return;
    }
    int at = wanted.module().indexOf('@');
    String version = at < 0 ? "none" : wanted.module().substring(at + 1);
    if (!version.equals(Abi.VERSION)) {
      throw ModuleOutline.invalid(
          "the module imports %s, version %s of the guest contract, but this server speaks version %s: build it with an SDK of that version"
              .formatted(show(wanted), version, Abi.VERSION));
    }
  }

  private static SortedSet<String> checkExports(Map<String, Export> exports) {
    var handlers = new TreeSet<String>();
    for (var entry : exports.entrySet()) {
      String name = entry.getKey();
      if (name.startsWith(Metering.RESERVED)) {
        throw ModuleOutline.invalid(
            "the module exports \""
                + name
                + "\": names that start with "
                + Metering.RESERVED
                + " belong to the server");
      }
      FlatSignature signature = Abi.EXPORTS.get(name);
      if (signature != null) {
        requireFunction(name, entry.getValue(), signature);
        handlers.add(name);
      }
    }
    if (Collections.disjoint(handlers, Abi.HANDLERS)) {
      throw ModuleOutline.invalid(
          "the module exports none of "
              + String.join(", ", new TreeSet<>(Abi.HANDLERS))
              + ", so nothing could reach its actors: export at least one");
    }
    return Collections.unmodifiableSortedSet(handlers);
  }

  private static void checkMemory(ModuleOutline module, Set<String> handlers) {
    String usesMemory = null;
    String usesRealloc = null;
    for (var wanted : module.imports()) {
      if (usesMemory == null && takesPointer(wanted)) {
        usesMemory = "imports " + show(wanted);
      }
      if (usesRealloc == null && answersList(wanted)) {
        usesRealloc = "imports " + show(wanted);
      }
    }
    for (String handler : handlers) {
      if (TAKE_LISTS.contains(handler)) {
        String exports = "exports " + handler;
        usesMemory = usesMemory == null ? exports : usesMemory;
        usesRealloc = usesRealloc == null ? exports : usesRealloc;
      }
    }
    Export memory = module.exports().get(Abi.MEMORY);
    if (usesMemory != null && (memory == null || memory.kind() != Kind.MEMORY)) {
      throw ModuleOutline.invalid(
          "the module %s, but does not export its memory as \"%s\""
              .formatted(usesMemory, Abi.MEMORY));
    }
    Export realloc = module.exports().get(Abi.REALLOC);
    if (realloc != null) {
      requireFunction(Abi.REALLOC, realloc, Abi.REALLOC_SIGNATURE);
    } else if (usesRealloc != null) {
      throw ModuleOutline.invalid(
          "the module %s, but does not export \"%s\" of type %s, which gives room for strings and lists"
              .formatted(usesRealloc, Abi.REALLOC, FunctionType.of(Abi.REALLOC_SIGNATURE)));
    }
  }

  /** Every i32 parameter of the contract has to do with memory, but for the exit code. */
  private static boolean takesPointer(Import wanted) {
    var type = wanted.type();
    return type != null && type.params().contains("i32") && !wanted.name().equals("proc_exit");
  }

  private static boolean answersList(Import wanted) {
    String prefix = Abi.PACKAGE + "/";
    String suffix = "@" + Abi.VERSION;
    return wanted.module().startsWith(prefix)
        && wanted.module().endsWith(suffix)
        && ANSWER_LISTS.contains(
            wanted.module().substring(prefix.length(), wanted.module().length() - suffix.length())
                + "/"
                + wanted.name());
  }

  private static void requireFunction(String name, Export export, FlatSignature signature) {
    @Nullable FunctionType type = export.type();
    var expected = FunctionType.of(signature);
    if (!expected.equals(type)) {
      throw ModuleOutline.invalid(
          "the module exports %s as %s, but its type must be %s"
              .formatted(
                  name, type == null ? "a " + export.kind().noun() : type.toString(), expected));
    }
  }

  private static String show(Import wanted) {
    return "\"" + wanted.module() + "\" \"" + wanted.name() + "\"";
  }
}
