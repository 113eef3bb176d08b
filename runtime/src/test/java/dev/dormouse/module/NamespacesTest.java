package dev.dormouse.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.guest.chicory.ChicoryEngine;
import dev.dormouse.host.HostImports;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.limits.Limits;
import dev.dormouse.limits.Settings;
import dev.dormouse.time.SystemTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class NamespacesTest {
  @TempDir Path data;

  private final SystemTime time = new SystemTime();
  private LimitPolicy policy = LimitPolicy.DEFAULTS;
  private Map<String, Map<String, String>> serverEnv = Map.of();
  private ChicoryEngine engine;
  private Namespaces namespaces;

  @BeforeEach
  void start() {
    engine =
        new ChicoryEngine(
            data.resolve("cache"),
            ChicoryEngine.Mode.COMPILER,
            ChicoryEngine.DEFAULT_CACHE_BYTES,
            time);
    namespaces = new Namespaces(data, engine, HostImports.all(), policy, serverEnv, time);
  }

  @AfterEach
  void stop() {
    namespaces.close();
    engine.close();
    time.close();
  }

  @Test
  void aModuleIsThereAfterARestartAndIsLoadedWhenItIsFirstAskedFor() {
    byte[] wasm = module("one");
    var deployment = namespaces.put("chat", wasm);
    assertEquals(
        new Deployment(
            "chat",
            1,
            Hash.sha256(wasm),
            wasm.length,
            "0.1.0",
            new TreeSet<>(Set.of("alarm")),
            true),
        deployment);
    var before = namespaces.find("chat").orElseThrow();

    restart();
    assertEquals(List.of("chat"), names());
    var after = namespaces.find("chat").orElseThrow();
    assertEquals(before.createdMillis(), after.createdMillis());
    assertEquals(deployment.sha256(), after.deployment().orElseThrow().sha256());
    assertEquals(0, namespaces.loads().getAsLong(), "nothing is loaded by listing");
    var version = after.current();
    assertSame(version, after.current());
    assertEquals(1, version.number());
    assertTrue(version.module().exports().contains("alarm"));
    assertEquals(1, namespaces.loads().getAsLong());
    assertEquals(0, engine.compilations(), "a restart compiles nothing");
  }

  @Test
  void theSameBytesAgainChangeNothing() {
    namespaces.put("chat", module("one"));
    var version = namespaces.find("chat").orElseThrow().current();
    var again = namespaces.put("chat", module("one"));
    assertFalse(again.created());
    assertEquals(1, again.version());
    assertSame(version, namespaces.find("chat").orElseThrow().current());
  }

  @Test
  void anotherModuleMakesTheNextVersionOfTheSameNamespace() {
    namespaces.put("chat", module("one"));
    var namespace = namespaces.find("chat").orElseThrow();
    var first = namespace.current();
    assertEquals(2, namespaces.put("chat", module("two")).version());
    assertSame(namespace, namespaces.find("chat").orElseThrow());
    assertNotSame(first, namespace.current());
    assertEquals(2, namespace.current().number());
    assertEquals(3, namespaces.put("chat", module("one")).version(), "going back goes on");
  }

  @Test
  void aBadModuleLeavesEverythingAsItWas() throws IOException {
    namespaces.put("chat", module("one"));
    var before = files();
    var current = namespaces.find("chat").orElseThrow().current();
    var unknown =
        new ModuleBytes().importFunction("env", "abort", "_").function("alarm", "iI_").build();
    assertTrue(fails(Code.MODULE_INVALID, () -> namespaces.put("chat", unknown)).contains("abort"));
    fails(Code.MODULE_INVALID, () -> namespaces.put("new", new byte[100]));
    assertEquals(before, files());
    assertSame(current, namespaces.find("chat").orElseThrow().current());
    assertTrue(namespaces.find("new").isEmpty());
  }

  @Test
  void megabytesOfGarbageAreRefused() {
    var garbage = new byte[8 << 20];
    new Random(3).nextBytes(garbage);
    System.arraycopy(module("x"), 0, garbage, 0, 8);
    fails(Code.MODULE_INVALID, () -> namespaces.put("chat", garbage));
  }

  @Test
  void aModuleThatIsTooLargeIsRefusedByItsSize() {
    restartWith(limits("{\"moduleBytes\": \"1KiB\"}"));
    String message = fails(Code.PAYLOAD_TOO_LARGE, () -> namespaces.put("a", new byte[1_025]));
    assertTrue(message.contains("1025") && message.contains("moduleBytes"), message);
  }

  @Test
  void onlyPlainNamesAreNamespaces() {
    for (String name :
        List.of("", "Chat", "a/b", "..", ".a", "-a", "a b", "ä", "a".repeat(65), "a\n")) {
      fails(Code.BAD_REQUEST, () -> namespaces.put(name, module("one")));
      assertFalse(namespaces.delete(name, deleted -> {}));
    }
    for (String name : List.of("a", "0", "a.b-c_d", "a.json", "a".repeat(64))) {
      assertTrue(namespaces.put(name, module("one")).created());
    }
    restart();
    assertEquals(List.of("0", "a", "a.b-c_d", "a.json", "a".repeat(64)), names());
  }

  @Test
  void aDeletedNamespaceIsGoneWithItsModule() throws IOException {
    namespaces.put("chat", module("one"));
    var held = namespaces.find("chat").orElseThrow();
    assertTrue(namespaces.delete("chat", deleted -> {}));
    assertFalse(namespaces.delete("chat", deleted -> {}));
    assertTrue(namespaces.find("chat").isEmpty());
    fails(Code.NAMESPACE_NOT_FOUND, held::current);
    assertEquals(Set.of(), files());
    assertEquals(1, namespaces.put("chat", module("one")).version());
  }

  @Test
  void aDeletionThatDidNotEndIsFinishedByTheNextStartAndHoldsTheNameUntilThen() {
    namespaces.put("chat", module("one"));
    namespaces.put("other", module("two"));
    var failure = new InternalFault(Code.STORAGE_FAILED, "the actors stay", null);
    fails(
        Code.STORAGE_FAILED,
        () ->
            namespaces.delete(
                "chat",
                name -> {
                  fails(Code.OVERLOADED, () -> namespaces.delete("chat", again -> {}));
                  throw failure;
                }));
    assertEquals(List.of("other"), names());
    fails(Code.OVERLOADED, () -> namespaces.put("chat", module("one")));
    restart();
    assertEquals(List.of("other"), names());
    fails(Code.OVERLOADED, () -> namespaces.put("chat", module("one")));
    var finished = new ArrayList<String>();
    namespaces.finishDeletions(finished::add);
    assertEquals(List.of("chat"), finished);
    namespaces.finishDeletions(name -> Assertions.fail("it was finished"));
    assertEquals(1, namespaces.put("chat", module("one")).version());
    restart();
    assertEquals(List.of("chat", "other"), names());
  }

  @Test
  void onlyModulesOfTheLastVersionsAreKept() throws IOException {
    for (int i = 0; i < 6; i++) {
      namespaces.put("chat", module("version " + i));
    }
    namespaces.put("other", module("version 0"));
    var expected = new TreeSet<>(Set.of("chat.json", "other.json"));
    for (int i : new int[] {0, 2, 3, 4, 5}) {
      expected.add(Hash.sha256(module("version " + i)) + ".wasm");
    }
    assertEquals(expected, files());
  }

  @Test
  void aDamagedModuleIsItsNamespacesTroubleAlone() throws IOException {
    namespaces.put("broken", module("one"));
    namespaces.put("well", module("two"));
    Path file = data.resolve("modules").resolve(Hash.sha256(module("one")) + ".wasm");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);

    restart();
    var broken = namespaces.find("broken").orElseThrow();
    String message = fails(Code.STORAGE_FAILED, broken::current);
    assertTrue(message.contains("\"broken\"") && message.contains(".wasm"), message);
    assertTrue(broken.damage().isPresent());
    assertEquals(1, namespaces.find("well").orElseThrow().current().number());

    assertEquals(2, namespaces.put("broken", module("one")).version());
    assertEquals(2, broken.current().number());
    assertTrue(broken.damage().isEmpty());
  }

  @Test
  void aFlippedBitInAnyByteOfABindingIsNoticed() throws IOException {
    namespaces.put("chat", module("one"));
    namespaces.put("well", module("one"));
    Path file = data.resolve("namespaces").resolve("chat.json");
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= (byte) (1 << (i % 8));
      Files.write(file, bad);
      try (var reopened = new Namespaces(data, engine, List.of(), policy, time)) {
        var chat = reopened.find("chat").orElseThrow();
        assertTrue(chat.damage().isPresent(), "byte " + i);
        fails(Code.STORAGE_FAILED, chat::current);
        assertTrue(reopened.find("well").orElseThrow().damage().isEmpty());
      }
    }
    restart();
    var chat = namespaces.find("chat").orElseThrow();
    assertTrue(namespaces.put("chat", module("one")).created());
    assertEquals(1, chat.current().number());
    restart();
    assertTrue(namespaces.find("chat").orElseThrow().damage().isEmpty());
  }

  @Test
  void aBindingThatIsNotOfThisVersionsFormIsDamage() throws IOException {
    Files.writeString(data.resolve("namespaces").resolve("chat.json"), "");
    restart();
    fails(Code.STORAGE_FAILED, () -> namespaces.find("chat").orElseThrow().current());
  }

  @Test
  void whatACrashLeftUnfinishedIsClearedAway() throws IOException {
    namespaces.put("chat", module("one"));
    var before = files();
    Files.write(data.resolve("modules").resolve("0123.wasm.tmp"), new byte[10]);
    Files.write(data.resolve("namespaces").resolve("chat.json.tmp"), new byte[10]);
    restart();
    assertEquals(before, files());
    assertEquals(1, namespaces.find("chat").orElseThrow().current().number());
  }

  @Test
  void theManifestLowersLimitsAndGivesValuesAndTheServersValuesWin() {
    serverEnv = Map.of("chat", Map.of("B", "server", "C", "server"));
    restart();
    namespaces.put(
        "chat",
        app(
            """
            {"limits": {"memoryBytes": "1MiB"}, "env": {"A": "app", "B": "app"}}
            """));
    for (int round = 0; round < 2; round++) {
      var version = namespaces.find("chat").orElseThrow().current();
      assertEquals(1 << 20, version.limits().memoryBytes());
      assertEquals(Limits.DEFAULTS.valueBytes(), version.limits().valueBytes());
      assertEquals(Map.of("A", "app", "B", "server", "C", "server"), version.env());
      restart();
    }
  }

  @Test
  void aManifestThatAsksForMoreThanTheServerGivesIsRefused() {
    byte[] greedy = app("{\"limits\": {\"memoryBytes\": \"1GiB\"}}");
    String message = fails(Code.MODULE_INVALID, () -> namespaces.put("chat", greedy));
    assertTrue(message.contains("limits.memoryBytes") && message.contains("128MiB"), message);
  }

  @Test
  void anAppThatWasTakenStaysWhenTheServerGivesLess() {
    namespaces.put("chat", app("{\"limits\": {\"memoryBytes\": \"64MiB\"}}"));
    restartWith(limits("{\"memoryBytes\": \"32MiB\"}"));
    var version = namespaces.find("chat").orElseThrow().current();
    assertEquals(32 << 20, version.limits().memoryBytes());
  }

  @Test
  void putsAtTheSameTimeHappenOneAfterAnother() throws Exception {
    List<Callable<Deployment>> puts = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      String name = i % 3 == 0 ? "a" : "b";
      byte[] wasm = module("version " + i);
      puts.add(() -> namespaces.put(name, wasm));
    }
    var versions = new TreeSet<String>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var done : threads.invokeAll(puts)) {
        versions.add(done.get().namespace() + done.get().version());
      }
    }
    var expected = new TreeSet<String>();
    IntStream.rangeClosed(1, 4).forEach(i -> expected.add("a" + i));
    IntStream.rangeClosed(1, 8).forEach(i -> expected.add("b" + i));
    assertEquals(expected, versions);
    var last = namespaces.find("b").orElseThrow().current();
    restart();
    assertEquals(last.sha256(), namespaces.find("b").orElseThrow().current().sha256());
  }

  @Test
  void manyMayAskForAModuleThatIsNotLoadedYetAndItIsLoadedOnce() throws Exception {
    namespaces.put("chat", module("one"));
    restart();
    var namespace = namespaces.find("chat").orElseThrow();
    var seen = ConcurrentHashMap.<Version>newKeySet();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 50; i++) {
        threads.execute(() -> seen.add(namespace.current()));
      }
    }
    assertEquals(1, seen.size());
    assertEquals(1, namespaces.loads().getAsLong());
  }

  @Test
  void afterClosingNothingIsDeployedAnyMore() {
    namespaces.close();
    fails(Code.SHUTTING_DOWN, () -> namespaces.put("chat", module("one")));
  }

  /** A module that is told from others by a remark. */
  private static byte[] module(String remark) {
    return ModuleBytes.minimal().custom("remark", remark).build();
  }

  private static byte[] app(String manifest) {
    return AppSection.attach(
        module("app"), Manifest.read("dormouse.json", manifest.getBytes(StandardCharsets.UTF_8)));
  }

  private static Limits limits(String json) {
    return LimitPolicy.read(
        "limits", Settings.parse("limits", json.getBytes(StandardCharsets.UTF_8)), Limits.DEFAULTS);
  }

  private void restart() {
    namespaces.close();
    engine.close();
    start();
  }

  private void restartWith(Limits limits) {
    policy = new LimitPolicy(limits, Map.of());
    restart();
  }

  private List<String> names() {
    return namespaces.list().stream().map(Namespace::name).toList();
  }

  private Set<String> files() throws IOException {
    var names = new TreeSet<String>();
    for (String directory : List.of("modules", "namespaces")) {
      try (var files = Files.list(data.resolve(directory))) {
        files.forEach(file -> names.add(file.getFileName().toString()));
      }
    }
    return names;
  }

  private static String fails(Code code, Executable work) {
    var fault = assertThrows(Fault.class, work);
    assertEquals(code, fault.code(), fault::getMessage);
    return fault.getMessage();
  }
}
