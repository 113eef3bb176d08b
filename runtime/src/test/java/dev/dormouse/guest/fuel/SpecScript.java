package dev.dormouse.guest.fuel;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Store;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dormouse.guest.fuel.CountingMeter.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One script of the specification's test suite, as converted to JSON, run once. The outcome of each
 * command is a line of text, so that runs can be compared.
 */
final class SpecScript {
  /** Outcomes that start so are what the specification expects. */
  static final String PASSED = "passed";

  /** Outcomes that start so say why a command could not be tried. */
  static final String SKIPPED = "skipped";

  private static final String PROPOSAL = ": the rewriter refuses modules with several memories";

  private static final int STACK_BYTES = 512 * 1024;
  private static final ModuleBounds BOUNDS =
      new ModuleBounds(
              64 << 20,
              10_000_000,
              10_000,
              100_000,
              1_000,
              10_000,
              10_000,
              1_000,
              10_000_000,
              65_536,
              10_000,
              60_000,
              4_096,
              2_000,
              false)
          .withForeignImports();

  private final Path folder;
  private final boolean metered;
  private final Engine engine;
  private final Map<String, Guest> named = new HashMap<>();
  private final Store store = new Store();
  private Guest current;
  private boolean refusedForProposal;

  private record Guest(Instance instance, CountingMeter meter) {}

  private SpecScript(Path folder, boolean metered, Engine engine) {
    this.folder = folder;
    this.metered = metered;
    this.engine = engine;
    addSpectest();
  }

  static List<String> run(Path json, boolean metered, Engine engine) throws IOException {
    var script = new SpecScript(json.getParent(), metered, engine);
    var outcomes = new ArrayList<String>();
    for (JsonNode command : new ObjectMapper().readTree(json.toFile()).get("commands")) {
      outcomes.add(script.outcome(command) + " [line " + command.get("line") + "]");
    }
    return outcomes;
  }

  private void addSpectest() {
    String from = "spectest";
    Map<String, List<ValType>> prints =
        Map.of(
            "print", List.of(),
            "print_i32", List.of(ValType.I32),
            "print_i64", List.of(ValType.I64),
            "print_f32", List.of(ValType.F32),
            "print_f64", List.of(ValType.F64),
            "print_i32_f32", List.of(ValType.I32, ValType.F32),
            "print_f64_f64", List.of(ValType.F64, ValType.F64));
    prints.forEach(
        (name, params) ->
            store.addFunction(
                new ImportFunction(
                    from, name, FunctionType.of(params, List.of()), (i, a) -> null)));
    store.addGlobal(
        new ImportGlobal(from, "global_i32", new GlobalInstance(Value.i32(666))),
        new ImportGlobal(from, "global_i64", new GlobalInstance(Value.i64(666))),
        new ImportGlobal(from, "global_f32", new GlobalInstance(Value.fromFloat(666.6f))),
        new ImportGlobal(from, "global_f64", new GlobalInstance(Value.fromDouble(666.6))));
    store.addTable(
        new ImportTable(
            from,
            "table",
            new TableInstance(new Table(ValType.FuncRef, new TableLimits(10, 20)), -1)));
    store.addMemory(new ImportMemory(from, "memory", new ByteArrayMemory(new MemoryLimits(1, 2))));
  }

  private String outcome(JsonNode command) throws IOException {
    String type = command.get("type").asText();
    return switch (type) {
      case "module" -> module(command);
      case "register" -> {
        Guest guest = guest(command);
        if (guest == null) {
          yield withoutModule();
        }
        store.register(command.get("as").asText(), guest.instance());
        yield PASSED;
      }
      case "action", "assert_return" -> returns(command);
      case "assert_trap", "assert_exhaustion" -> traps(command, type);
      case "assert_invalid", "assert_malformed", "assert_unlinkable", "assert_uninstantiable" ->
          refused(command);
      default -> SKIPPED + ": command " + type;
    };
  }

  private String withoutModule() {
    return refusedForProposal ? SKIPPED + PROPOSAL : "there is no module";
  }

  private Guest guest(JsonNode command) {
    return command.has("name") ? named.get(command.get("name").asText()) : current;
  }

  private Guest instantiate(JsonNode command) throws IOException {
    byte[] wasm = Files.readAllBytes(folder.resolve(command.get("filename").asText()));
    if (metered) {
      wasm = Rewriter.meter(wasm, BOUNDS).wasm();
    }
    var meter = new CountingMeter(1_000_000_000_000L, STACK_BYTES);
    return new Guest(meter.instantiate(Parser.parse(wasm), store, engine), meter);
  }

  private String module(JsonNode command) throws IOException {
    try {
      current = instantiate(command);
      if (command.has("name")) {
        named.put(command.get("name").asText(), current);
      }
      return PASSED;
    } catch (RuntimeException e) {
      current = null;
      return isForProposal(e) ? SKIPPED + PROPOSAL : "module refused: " + e;
    }
  }

  private String refused(JsonNode command) throws IOException {
    if (command.get("filename").asText().endsWith(".wat")) {
      return SKIPPED + ": a test of the text format";
    }
    try {
      instantiate(command);
    } catch (RuntimeException e) {
      return isForProposal(e) ? SKIPPED + PROPOSAL : PASSED;
    }
    return "accepted, and should be refused: " + command.get("text");
  }

  private boolean isForProposal(RuntimeException e) {
    boolean is = String.valueOf(e.getMessage()).contains("multiple memories");
    refusedForProposal |= is;
    return is;
  }

  private String returns(JsonNode command) {
    if (current == null) {
      return withoutModule();
    }
    long[] results;
    try {
      results = invoke(command.get("action"));
    } catch (RuntimeException e) {
      return refusedForProposal ? withoutModule() : "threw " + e;
    }
    JsonNode expected = command.get("expected");
    for (int i = 0; i < expected.size(); i++) {
      if (!matches(expected.get(i), results[i])) {
        return "answered " + results[i] + " for " + expected.get(i);
      }
    }
    return PASSED;
  }

  private String traps(JsonNode command, String type) {
    try {
      invoke(command.get("action"));
    } catch (CountingMeter.TooDeep e) {
      return type.equals("assert_exhaustion") ? PASSED : "too deep";
    } catch (RuntimeException e) {
      String expected = command.get("text").asText();
      return String.valueOf(e.getMessage()).contains(expected)
          ? PASSED
          : "trapped with " + e + " for " + expected;
    }
    return "did not trap";
  }

  private long[] invoke(JsonNode action) {
    Guest guest = action.has("module") ? named.get(action.get("module").asText()) : current;
    if (guest == null) {
      throw new IllegalStateException("no module");
    }
    guest.meter().reset();
    var arguments = action.get("args");
    long[] values = new long[arguments.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = bits(arguments.get(i));
    }
    return guest.instance().export(action.get("field").asText()).apply(values);
  }

  private static long bits(JsonNode value) {
    String text = value.get("value").asText();
    return switch (value.get("type").asText()) {
      case "i32", "f32" -> Integer.parseUnsignedInt(text);
      case "i64", "f64" -> Long.parseUnsignedLong(text);
      default -> text.equals("null") ? Value.REF_NULL_VALUE : Long.parseLong(text);
    };
  }

  private static boolean matches(JsonNode expected, long actual) {
    String type = expected.get("type").asText();
    String text = expected.get("value").asText();
    boolean nan = text.startsWith("nan:");
    return switch (type) {
      case "i32" -> (int) actual == (int) bits(expected);
      case "f32" ->
          nan
              ? Float.isNaN(Float.intBitsToFloat((int) actual))
              : (int) actual == (int) bits(expected);
      case "f64" -> nan ? Double.isNaN(Double.longBitsToDouble(actual)) : actual == bits(expected);
      case "i64" -> actual == bits(expected);
      default -> (int) actual == (int) bits(expected);
    };
  }
}
