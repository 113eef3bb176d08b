package dev.dormouse.bench;

import java.io.IOException;
import java.nio.file.Files;

/** Three pieces of work as WebAssembly text, each exported as {@code run: (i32) -> i32}. */
final class Kernels {
  private Kernels() {}

  /** Assembles a kernel with wabt's {@code wat2wasm}. */
  static byte[] assemble(String kernel) throws IOException, InterruptedException {
    var text =
        switch (kernel) {
          case "hash" -> HASH;
          case "sort" -> SORT;
          case "interpreter" -> INTERPRETER;
          default -> throw new IllegalArgumentException(kernel);
        };
    var source = Files.createTempFile("kernel", ".wat");
    var binary = Files.createTempFile("kernel", ".wasm");
    Files.writeString(source, text);
    int status =
        new ProcessBuilder("wat2wasm", source.toString(), "-o", binary.toString())
            .inheritIO()
            .start()
            .waitFor();
    if (status != 0) {
      throw new IOException("wat2wasm failed; it is in the package wabt");
    }
    return Files.readAllBytes(binary);
  }

  /** Murmur-like mixing of 64 KiB, as many times as asked. */
  private static final String HASH =
      """
      (module (memory (export "memory") 2)
        (func $rotate (param $x i32) (param $by i32) (result i32)
          (i32.or (i32.shl (local.get $x) (local.get $by))
                  (i32.shr_u (local.get $x) (i32.sub (i32.const 32) (local.get $by)))))
        (func $mix (param $h i32) (param $k i32) (result i32)
          (i32.add (i32.mul (call $rotate (i32.xor (local.get $h)
            (i32.mul (call $rotate (i32.mul (local.get $k) (i32.const 0xcc9e2d51)) (i32.const 15))
              (i32.const 0x1b873593))) (i32.const 13)) (i32.const 5)) (i32.const 0xe6546b64)))
        (func (export "run") (param $times i32) (result i32) (local $p i32) (local $h i32)
          (loop $again
            (local.set $p (i32.const 0))
            (loop $words
              (local.set $h (call $mix (local.get $h) (i32.load (local.get $p))))
              (i32.store (local.get $p) (local.get $h))
              (local.set $p (i32.add (local.get $p) (i32.const 4)))
              (br_if $words (i32.lt_u (local.get $p) (i32.const 65536))))
            (local.set $times (i32.sub (local.get $times) (i32.const 1)))
            (br_if $again (i32.gt_s (local.get $times) (i32.const 0))))
          (local.get $h)))
      """;

  /** Fills 16,384 words from a generator and sorts them with a recursive quicksort. */
  private static final String SORT =
      """
      (module (memory (export "memory") 2)
        (func $sort (param $lo i32) (param $hi i32) (local $i i32) (local $j i32) (local $pivot i32) (local $t i32)
          (if (i32.ge_s (local.get $lo) (local.get $hi)) (then (return)))
          (local.set $pivot (i32.load (i32.shl
            (i32.shr_u (i32.add (local.get $lo) (local.get $hi)) (i32.const 1)) (i32.const 2))))
          (local.set $i (local.get $lo))
          (local.set $j (local.get $hi))
          (loop $partition
            (block $up (loop $l
              (br_if $up (i32.ge_u (i32.load (i32.shl (local.get $i) (i32.const 2))) (local.get $pivot)))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br $l)))
            (block $down (loop $l
              (br_if $down (i32.le_u (i32.load (i32.shl (local.get $j) (i32.const 2))) (local.get $pivot)))
              (local.set $j (i32.sub (local.get $j) (i32.const 1)))
              (br $l)))
            (if (i32.le_s (local.get $i) (local.get $j)) (then
              (local.set $t (i32.load (i32.shl (local.get $i) (i32.const 2))))
              (i32.store (i32.shl (local.get $i) (i32.const 2)) (i32.load (i32.shl (local.get $j) (i32.const 2))))
              (i32.store (i32.shl (local.get $j) (i32.const 2)) (local.get $t))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (local.set $j (i32.sub (local.get $j) (i32.const 1)))))
            (br_if $partition (i32.le_s (local.get $i) (local.get $j))))
          (call $sort (local.get $lo) (local.get $j))
          (call $sort (local.get $i) (local.get $hi)))
        (func (export "run") (param $times i32) (result i32) (local $p i32) (local $x i32)
          (local.set $x (i32.const 12345))
          (loop $again
            (local.set $p (i32.const 0))
            (loop $fill
              (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
              (i32.store (local.get $p) (local.get $x))
              (local.set $p (i32.add (local.get $p) (i32.const 4)))
              (br_if $fill (i32.lt_u (local.get $p) (i32.const 65536))))
            (call $sort (i32.const 0) (i32.const 16383))
            (local.set $times (i32.sub (local.get $times) (i32.const 1)))
            (br_if $again (i32.gt_s (local.get $times) (i32.const 0))))
          (i32.load (i32.const 4096))))
      """;

  /** A bytecode interpreter that runs a small loop of eight instructions, 10,000 times a turn. */
  private static final String INTERPRETER =
      """
      (module (memory (export "memory") 1)
        (data (i32.const 0) "\\00\\01\\02\\03\\04\\05\\06\\07")
        (func (export "run") (param $times i32) (result i32)
          (local $pc i32) (local $a i32) (local $b i32) (local $left i32)
          (local.set $left (i32.mul (local.get $times) (i32.const 10000)))
          (local.set $a (i32.const 1))
          (block $halt
            (loop $next
              (block $i7 (block $i6 (block $i5 (block $i4 (block $i3 (block $i2 (block $i1 (block $i0
                (br_table $i0 $i1 $i2 $i3 $i4 $i5 $i6 $i7 (i32.load8_u (local.get $pc))))
                  (local.set $a (i32.add (local.get $a) (local.get $b)))
                  (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $next))
                  (local.set $b (i32.xor (local.get $b) (local.get $a)))
                  (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $next))
                  (local.set $a (i32.mul (local.get $a) (i32.const 31)))
                  (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $next))
                  (i32.store offset=64 (i32.and (local.get $a) (i32.const 1020)) (local.get $b))
                  (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $next))
                  (local.set $b (i32.load offset=64 (i32.and (local.get $b) (i32.const 1020))))
                  (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $next))
                  (local.set $b (i32.add (local.get $b) (i32.const 7)))
                  (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $next))
                  (local.set $a (i32.shr_u (local.get $a) (i32.const 1)))
                  (local.set $pc (i32.add (local.get $pc) (i32.const 1))) (br $next))
              (local.set $pc (i32.const 0))
              (local.set $left (i32.sub (local.get $left) (i32.const 1)))
              (br_if $next (i32.gt_s (local.get $left) (i32.const 0)))))
          (local.get $a)))
      """;
}
