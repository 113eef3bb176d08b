package dev.dormouse.testkit;

/**
 * A small module that counts durably. {@code POST …/increment} adds one and answers the new count;
 * {@code POST …?in=MILLIS} sets the alarm; {@code GET} answers how often it counted and how often
 * its alarm fired, with a space between. The counts are unsigned 64-bit little-endian values under
 * the keys {@code count} and {@code fired}.
 */
public final class TallyModule {
  private TallyModule() {}

  public static byte[] assemble() {
    return Wat.assemble(TEXT);
  }

  private static final String TEXT =
      """
      (module
        (import "dormouse:host/storage@0.1.0" "get" (func $get (param i32 i32 i32)))
        (import "dormouse:host/storage@0.1.0" "put" (func $put (param i32 i32 i32 i32) (result i32)))
        (import "dormouse:host/alarm@0.1.0" "set" (func $set (param i64)))
        (import "dormouse:host/clock@0.1.0" "now" (func $now (result i64)))
        (import "dormouse:host/http@0.1.0" "respond"
          (func $respond (param i64 i32 i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 2)
        (data (i32.const 0) "count")
        (data (i32.const 8) "fired")
        (global $heap (mut i32) (i32.const 4096))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
          (local $p i32)
          (local.set $p (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
          (global.set $heap (i32.add (local.get $p) (local.get 3)))
          (if (i32.gt_u (global.get $heap) (i32.const 131072)) (then unreachable))
          (local.get $p))
        (func $read (param $key i32) (result i64)
          (call $get (local.get $key) (i32.const 5) (i32.const 32))
          (if (result i64) (i32.load8_u (i32.const 32))
            (then (i64.load (i32.load (i32.const 36))))
            (else (i64.const 0))))
        (func $add (param $key i32) (result i64) (local $n i64)
          (local.set $n (i64.add (call $read (local.get $key)) (i64.const 1)))
          (i64.store (i32.const 48) (local.get $n))
          (if (call $put (local.get $key) (i32.const 5) (i32.const 48) (i32.const 8))
            (then unreachable))
          (local.get $n))
        ;; Writes a number in decimal in front of an address, and answers where it begins.
        (func $print (param $n i64) (param $end i32) (result i32)
          (loop $digits
            (local.set $end (i32.sub (local.get $end) (i32.const 1)))
            (i32.store8 (local.get $end)
              (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.const 10)))))
            (local.set $n (i64.div_u (local.get $n) (i64.const 10)))
            (br_if $digits (i64.ne (local.get $n) (i64.const 0))))
          (local.get $end))
        (func $parse (param $p i32) (param $end i32) (result i64) (local $n i64)
          (block $done (loop $digits
            (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
            (local.set $n (i64.add (i64.mul (local.get $n) (i64.const 10))
              (i64.sub (i64.load8_u (local.get $p)) (i64.const 48))))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (br $digits)))
          (local.get $n))
        (func $answer (param $request i64) (param $from i32) (param $end i32)
          (drop (call $respond (local.get $request) (i32.const 200) (i32.const 0) (i32.const 0)
            (local.get $from) (i32.sub (local.get $end) (local.get $from)))))
        (func (export "fetch") (param $request i64) (param i32 i32) (param $url i32) (param $len i32)
            (param i32 i32 i32 i32)
          (local $kind i32) (local $at i32)
          (if (i32.gt_u (local.get $len) (i32.const 1))
            (then (local.set $kind (i32.load8_u offset=1 (local.get $url)))))
          (if (i32.eq (local.get $kind) (i32.const 105)) (then
            (call $answer (local.get $request)
              (call $print (call $add (i32.const 0)) (i32.const 256)) (i32.const 256))))
          (if (i32.eq (local.get $kind) (i32.const 63)) (then
            (call $set (i64.add (call $now)
              (call $parse (i32.add (local.get $url) (i32.const 5))
                (i32.add (local.get $url) (local.get $len)))))
            (call $answer (local.get $request) (i32.const 256) (i32.const 256))))
          (if (i32.eqz (local.get $kind)) (then
            (local.set $at (i32.sub (call $print (call $read (i32.const 8)) (i32.const 256))
              (i32.const 1)))
            (i32.store8 (local.get $at) (i32.const 32))
            (call $answer (local.get $request)
              (call $print (call $read (i32.const 0)) (local.get $at)) (i32.const 256))))
          (global.set $heap (i32.const 4096)))
        (func (export "alarm") (param i32 i64)
          (drop (call $add (i32.const 8)))
          (global.set $heap (i32.const 4096)))
      )
      """;
}
