package dev.dormouse.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.abi.Abi;
import dev.dormouse.testkit.HostileModule;
import dev.dormouse.testkit.TestServer;
import dev.dormouse.testkit.Wat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls every import with arguments that are wrong in every way that numbers can be: the server
 * answers a fault of the guest's or nothing special, never {@code internal}, and goes on. {@code
 * -Ddormouse.fuzzSeconds=600} runs it for longer.
 */
class AbiFuzzTest {
  private static final Duration TIME =
      Duration.ofSeconds(Integer.getInteger("dormouse.fuzzSeconds", 4));
  private static final Set<String> GUEST_FAULTS =
      Set.of("actor_trapped", "memory_exceeded", "out_of_fuel", "timeout", "stack_exhausted");
  private static final int[] EDGES = {
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    16,
    255,
    1_024,
    65_528,
    65_532,
    65_535,
    65_536,
    131_071,
    131_072,
    -1,
    -2,
    -4,
    -8,
    -65_536,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE
  };

  @Test
  void noArgumentsOfAnImportHarmTheServer(@TempDir Path data) {
    try (var server = TestServer.start(data)) {
      long end = System.nanoTime() + TIME.toNanos();
      int faults = 0;
      int fine = 0;
      for (long seed = 0; seed < 4 || System.nanoTime() < end; seed++) {
        server.deploy("fuzz", module(new Random(seed)));
        for (int call = 0; call < CALLS; call++) {
          var answer = server.get("/fuzz/actor-" + seed + "/" + (char) ('A' + call));
          if (answer.statusCode() == 200) {
            fine++;
          } else {
            faults++;
            var code = TestServer.code(answer);
            assertTrue(GUEST_FAULTS.contains(code), "seed " + seed + ": " + answer.body());
          }
        }
      }
      System.out.printf("abi fuzz: %d calls ended in a guest's fault, %d in none%n", faults, fine);
      assertTrue(faults > 0 && fine > 0);
      assertEquals(200, server.get("/fuzz/actor-0/~").statusCode(), "the server goes on");
    }
  }

  private static final int CALLS = 26;

  private static byte[] module(Random random) {
    var names = new ArrayList<String[]>();
    HostileModule.IMPORTS.forEach(name -> names.add(name.split("\\.", 2)));
    var imports = new StringBuilder();
    for (int i = 0; i < names.size(); i++) {
      var name = names.get(i);
      var signature = Abi.IMPORTS.get(name[0]).get(name[1]);
      imports.append(
          "(import \"%s\" \"%s\" (func $i%d".formatted(Abi.importModule(name[0]), name[1], i));
      signature
          .params()
          .chars()
          .forEach(c -> imports.append(c == 'i' ? " (param i32)" : " (param i64)"));
      signature
          .results()
          .chars()
          .forEach(c -> imports.append(c == 'i' ? " (result i32)" : " (result i64)"));
      imports.append("))\n");
    }
    var calls = new StringBuilder();
    for (int call = 0; call < CALLS; call++) {
      int i = random.nextInt(names.size());
      var signature = Abi.IMPORTS.get(names.get(i)[0]).get(names.get(i)[1]);
      calls.append(
          "(if (i32.eq (local.get $c) (i32.const %d)) (then (call $i%d".formatted('A' + call, i));
      signature
          .params()
          .chars()
          .forEach(
              c ->
                  calls.append(
                      c == 'i'
                          ? " (i32.const " + number(random) + ")"
                          : " (i64.const " + number(random) + ")"));
      calls.append(signature.results().isEmpty() ? ")))\n" : ") drop))\n");
    }
    int respond = -1;
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i)[0].equals("http") && names.get(i)[1].equals("respond")) {
        respond = i;
      }
    }
    return Wat.assemble(
        """
        (module
        %s
          (memory (export "memory") 2)
          (data (i32.const 0) "%s")
          (global $heap (mut i32) (i32.const 4096))
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
            (local $p i32)
            (local.set $p (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
            (global.set $heap (i32.add (local.get $p) (local.get 3)))
            (if (i32.gt_u (global.get $heap) (i32.const 131072)) (then unreachable))
            (local.get $p))
          (func (export "complete") (param i64 i32 i32 i32))
          (func (export "alarm") (param i32 i64))
          (func (export "fetch") (param $r i64) (param i32 i32) (param $url i32) (param i32)
              (param i32 i32 i32 i32) (local $c i32)
            (local.set $c (i32.load8_u offset=1 (local.get $url)))
        %s
            (global.set $heap (i32.const 4096))
            (drop (call $i%d (local.get $r) (i32.const 200) (i32.const 0) (i32.const 0)
              (i32.const 0) (i32.const 0)))))
        """
            .formatted(imports, noise(random), calls, respond));
  }

  private static String number(Random random) {
    return String.valueOf(
        random.nextInt(8) == 0 ? random.nextInt() : EDGES[random.nextInt(EDGES.length)]);
  }

  /** Memory that the pointers meet: lengths and pointers, text, bytes that are no UTF-8. */
  private static String noise(Random random) {
    var noise = new StringBuilder();
    for (int i = 0; i < 512; i++) {
      int value = random.nextBoolean() ? EDGES[random.nextInt(EDGES.length)] : random.nextInt();
      for (int shift = 0; shift < 32; shift += 8) {
        noise.append("\\\\%02x".formatted((value >>> shift) & 0xff));
      }
    }
    return noise.toString().replace("\\\\", "\\");
  }
}
