package dev.dormouse.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.abi.Abi;
import dev.dormouse.abi.FlatSignature;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.HostFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AbiCheckTest {
  private static final String STORAGE = Abi.importModule("storage");
  private static final String WASI = "wasi_snapshot_preview1";

  private final AbiCheck abi = new AbiCheck(imports());

  /** The whole contract and a little of WASI. */
  static List<HostFunction> imports() {
    var functions = new ArrayList<HostFunction>();
    Abi.IMPORTS.forEach(
        (name, table) ->
            table.forEach(
                (function, signature) ->
                    functions.add(
                        new HostFunction(
                            Abi.importModule(name), function, signature, (caller, in) -> 0))));
    functions.add(
        new HostFunction(WASI, "fd_write", FlatSignature.of("iiii_i"), (caller, in) -> 0));
    functions.add(new HostFunction(WASI, "proc_exit", FlatSignature.of("i_"), (caller, in) -> 0));
    return functions;
  }

  @Test
  void aModuleWithOneHandlerAndNothingElseIsTaken() {
    assertEquals(Set.of("alarm"), check(ModuleBytes.minimal()));
  }

  @Test
  void onlyTheFunctionsOfTheContractAreAnsweredAndInOrder() {
    var module = ModuleBytes.fetching().function("helper", "f_").function("alarm", "iI_");
    assertEquals(List.of("alarm", "fetch"), List.copyOf(check(module)));
  }

  @Test
  void everyFunctionOfTheContractMayBeImportedWithItsType() {
    var module = new ModuleBytes();
    Abi.IMPORTS.forEach(
        (name, table) ->
            table.forEach(
                (function, signature) ->
                    module.importFunction(Abi.importModule(name), function, signature.toString())));
    module.memory("memory").function("alarm", "iI_").function(Abi.REALLOC, "iiii_i");
    assertEquals(Set.of("alarm"), check(module));
  }

  @Test
  void whatTheServerDoesNotHaveIsRefusedByName() {
    var module =
        new ModuleBytes()
            .importFunction("env", "abort", "iiii_")
            .importFunction(WASI, "path_open", "iiiiiIIii_i")
            .function("alarm", "iI_");
    refused(module, "\"env\" \"abort\"", "\"wasi_snapshot_preview1\" \"path_open\"");
  }

  @Test
  void anUnknownFunctionOfAKnownInterfaceIsRefusedWithThoseThatThereAre() {
    refused(
        new ModuleBytes().importFunction(STORAGE, "fetch", "ii_").function("alarm", "iI_"),
        "\"" + STORAGE + "\" \"fetch\"",
        "delete-all, delete-many, get");
  }

  @Test
  void aLongListOfUnknownImportsIsCutShort() {
    var module = new ModuleBytes();
    for (int i = 0; i < 30; i++) {
      module.importFunction("env", "f" + i, "_");
    }
    refused(module.function("alarm", "iI_"), "\"f9\"", "and 20 more");
  }

  @Test
  void anotherVersionOfTheContractIsRefusedNamingBoth() {
    refused(
        new ModuleBytes()
            .importFunction("dormouse:host/storage@0.9.0", "get", "iii_")
            .function("alarm", "iI_"),
        "version 0.9.0",
        "version " + Abi.VERSION);
  }

  @Test
  void anImportOfTheContractWithoutAVersionIsRefused() {
    refused(
        new ModuleBytes()
            .importFunction("dormouse:host/storage", "get", "iii_")
            .function("alarm", "iI_"),
        "version none",
        "version " + Abi.VERSION);
  }

  @Test
  void aWronglyTypedImportIsRefusedNamingBothTypes() {
    refused(
        new ModuleBytes().importFunction(STORAGE, "get", "ii_i").function("alarm", "iI_"),
        "(i32, i32) -> (i32)",
        "(i32, i32, i32) -> ()");
  }

  @Test
  void aWronglyTypedExportIsRefusedNamingBothTypes() {
    refused(new ModuleBytes().function("alarm", "if_"), "(i32, f32) -> ()", "(i32, i64) -> ()");
    refused(new ModuleBytes().memory("alarm"), "exports alarm as a memory", "(i32, i64) -> ()");
  }

  @Test
  void aModuleThatNothingCanReachIsRefused() {
    refused(
        new ModuleBytes().function("start", "_"), "none of alarm, call, connect, fetch, message");
  }

  @Test
  void aModuleThatNeedsAMemoryMustExportOne() {
    refused(
        new ModuleBytes().importFunction(STORAGE, "put", "iiii_i").function("alarm", "iI_"),
        "\"put\"",
        "export its memory");
    refused(
        new ModuleBytes().function("message", "Iiii_").function(Abi.REALLOC, "iiii_i"),
        "exports message",
        "export its memory");
  }

  @Test
  void aModuleThatIsHandedListsMustExportAnAllocatorOfTheRightType() {
    refused(
        new ModuleBytes()
            .importFunction(STORAGE, "get", "iii_")
            .memory("memory")
            .function("alarm", "iI_"),
        "\"get\"",
        "cabi_realloc",
        "(i32, i32, i32, i32) -> (i32)");
    refused(
        ModuleBytes.minimal().function(Abi.REALLOC, "ii_i"), "cabi_realloc", "(i32, i32) -> (i32)");
  }

  @Test
  void writingNeedsAMemoryButNoAllocator() {
    var module =
        new ModuleBytes()
            .importFunction(STORAGE, "put", "iiii_i")
            .memory("memory")
            .function("alarm", "iI_");
    assertEquals(Set.of("alarm"), check(module));
  }

  @Test
  void leavingNeedsNoMemory() {
    var module = new ModuleBytes().importFunction(WASI, "proc_exit", "i_").function("alarm", "iI_");
    assertEquals(Set.of("alarm"), check(module));
  }

  @Test
  void anImportedMemoryIsRefused() {
    refused(
        new ModuleBytes().importMemory("env", "memory").function("alarm", "iI_"),
        "the memory \"env\" \"memory\"",
        "functions only");
  }

  @Test
  void theNamesOfTheMeterAreTheServers() {
    refused(
        new ModuleBytes().importFunction("dormouse:meter", "refill", "_").function("alarm", "iI_"),
        "belong to the server");
    refused(ModuleBytes.minimal().function("dormouse:meter/fuel", "_"), "belong to the server");
  }

  private Set<String> check(ModuleBytes module) {
    return abi.check(ModuleOutline.read(module.build()));
  }

  private void refused(ModuleBytes module, String... words) {
    var fault = assertThrows(UserFault.class, () -> check(module));
    assertEquals(Code.MODULE_INVALID, fault.code());
    for (String word : words) {
      assertTrue(fault.getMessage().contains(word), () -> word + " in: " + fault.getMessage());
    }
  }
}
