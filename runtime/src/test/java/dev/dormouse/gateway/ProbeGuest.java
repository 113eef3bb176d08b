package dev.dormouse.gateway;

import dev.dormouse.testkit.Wat;

/**
 * A guest whose behaviour the tests choose by the letter after the slash.
 *
 * <p>fetch: {@code /e} echoes the body, {@code /u} answers the url, {@code /m} the method, {@code
 * /h} the headers, {@code /c} counts in memory, {@code /p} stores the body under the rest of the
 * url, {@code /l} tells the last close, {@code /w} writes the body to the log, {@code /k} sets two
 * cookies, {@code /b} answers a broken header, {@code /n} answers 204, {@code /t} traps, {@code /s}
 * never answers.
 *
 * <p>connect: {@code /r} is refused with 403, {@code /t} traps, {@code /g} is greeted. message: a
 * first letter B goes to everybody, C closes with 3001, F is answered with so many messages of 64
 * KiB as the second byte says, everything else comes back.
 */
final class ProbeGuest {
  static final byte[] WASM =
      Wat.assemble(
          """
          (module
            (import "dormouse:host/http@0.1.0" "respond"
              (func $respond (param i64 i32 i32 i32 i32 i32) (result i32)))
            (import "dormouse:host/connection@0.1.0" "send-text"
              (func $text (param i64 i32 i32) (result i32)))
            (import "dormouse:host/connection@0.1.0" "send-bytes"
              (func $bytes (param i64 i32 i32) (result i32)))
            (import "dormouse:host/connection@0.1.0" "broadcast-text"
              (func $all (param i32 i32 i32 i32 i32) (result i32)))
            (import "dormouse:host/connection@0.1.0" "close"
              (func $close (param i64 i32 i32 i32) (result i32)))
            (import "dormouse:host/connection@0.1.0" "reject"
              (func $reject (param i64 i32 i32 i32) (result i32)))
            (import "dormouse:host/storage@0.1.0" "put"
              (func $put (param i32 i32 i32 i32) (result i32)))
            (import "dormouse:host/log@0.1.0" "write" (func $log (param i32 i32 i32)))
            (memory (export "memory") 4)
            (global $heap (mut i32) (i32.const 131072))
            (global $count (mut i32) (i32.const 0))
            (global $code (mut i32) (i32.const 0))
            (data (i32.const 16) "hello")
            (data (i32.const 32) "not here")
            (data (i32.const 48) "bye")
            (data (i32.const 64) "set-cookie")
            (data (i32.const 80) "a=1")
            (data (i32.const 88) "b=2")
            (data (i32.const 96) "x-broken")
            (data (i32.const 112) "a\\0d\\0ainjected: 1")
            (data (i32.const 144) "content-length")
            (data (i32.const 160) "7")
            ;; header lists: two cookies; a broken one; one that is the gateway's to set
            (data (i32.const 256)
              "\\40\\00\\00\\00\\0a\\00\\00\\00\\50\\00\\00\\00\\03\\00\\00\\00"
              "\\40\\00\\00\\00\\0a\\00\\00\\00\\58\\00\\00\\00\\03\\00\\00\\00")
            (data (i32.const 288)
              "\\60\\00\\00\\00\\08\\00\\00\\00\\70\\00\\00\\00\\0e\\00\\00\\00")
            (data (i32.const 304)
              "\\90\\00\\00\\00\\0e\\00\\00\\00\\a0\\00\\00\\00\\01\\00\\00\\00")
            (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
              (local $at i32) (local $end i32)
              (local.set $at
                (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
              (local.set $end (i32.add (local.get $at) (local.get 3)))
              (global.set $heap (local.get $end))
              (if (i32.gt_u (local.get $end) (i32.mul (memory.size) (i32.const 65536)))
                (then
                  (if (i32.eq (i32.const -1) (memory.grow
                        (i32.add (i32.const 1) (i32.div_u (local.get 3) (i32.const 65536)))))
                    (then (unreachable)))))
              (local.get $at))
            (func $free (global.set $heap (i32.const 131072)))
            ;; decimal digits, ending at 1024; answers where they begin
            (func $digits (param $n i32) (result i32)
              (local $at i32)
              (local.set $at (i32.const 1024))
              (loop $more
                (local.set $at (i32.sub (local.get $at) (i32.const 1)))
                (i32.store8 (local.get $at)
                  (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
                (local.set $n (i32.div_u (local.get $n) (i32.const 10)))
                (br_if $more (local.get $n)))
              (local.get $at))
            (func $number (param $request i64) (param $n i32)
              (local $at i32)
              (local.set $at (call $digits (local.get $n)))
              (drop (call $respond (local.get $request) (i32.const 200) (i32.const 0)
                (i32.const 0) (local.get $at) (i32.sub (i32.const 1024) (local.get $at)))))
            (func $ok (param $request i64) (param $at i32) (param $length i32)
              (drop (call $respond (local.get $request) (i32.const 200) (i32.const 0)
                (i32.const 0) (local.get $at) (local.get $length))))
            (func (export "fetch") (param $request i64) (param $method i32) (param $methodLength i32)
                (param $url i32) (param $urlLength i32) (param $headers i32) (param $headerCount i32)
                (param $body i32) (param $bodyLength i32)
              (local $letter i32) (local $at i32) (local $i i32) (local $n i32)
              (local.set $letter (i32.load8_u offset=1 (local.get $url)))
              (if (i32.eq (local.get $letter) (i32.const 101)) (then ;; e
                (call $ok (local.get $request) (local.get $body) (local.get $bodyLength))))
              (if (i32.eq (local.get $letter) (i32.const 117)) (then ;; u
                (call $ok (local.get $request) (local.get $url) (local.get $urlLength))))
              (if (i32.eq (local.get $letter) (i32.const 109)) (then ;; m
                (call $ok (local.get $request) (local.get $method) (local.get $methodLength))))
              (if (i32.eq (local.get $letter) (i32.const 99)) (then ;; c
                (global.set $count (i32.add (global.get $count) (i32.const 1)))
                (call $number (local.get $request) (global.get $count))))
              (if (i32.eq (local.get $letter) (i32.const 108)) (then ;; l
                (call $number (local.get $request) (global.get $code))))
              (if (i32.eq (local.get $letter) (i32.const 112)) (then ;; p
                (drop (call $put
                  (i32.add (local.get $url) (i32.const 2))
                  (i32.sub (local.get $urlLength) (i32.const 2))
                  (local.get $body) (local.get $bodyLength)))
                (call $ok (local.get $request) (i32.const 0) (i32.const 0))))
              (if (i32.eq (local.get $letter) (i32.const 119)) (then ;; w
                (call $log (i32.const 1) (local.get $body) (local.get $bodyLength))
                (call $ok (local.get $request) (i32.const 0) (i32.const 0))))
              (if (i32.eq (local.get $letter) (i32.const 107)) (then ;; k
                (drop (call $respond (local.get $request) (i32.const 200) (i32.const 256)
                  (i32.const 2) (i32.const 16) (i32.const 5)))))
              (if (i32.eq (local.get $letter) (i32.const 98)) (then ;; b
                (drop (call $respond (local.get $request) (i32.const 200) (i32.const 288)
                  (i32.const 1) (i32.const 16) (i32.const 5)))))
              (if (i32.eq (local.get $letter) (i32.const 110)) (then ;; n
                (drop (call $respond (local.get $request) (i32.const 204) (i32.const 304)
                  (i32.const 1) (i32.const 16) (i32.const 5)))))
              (if (i32.eq (local.get $letter) (i32.const 116)) (then (unreachable))) ;; t
              (if (i32.eq (local.get $letter) (i32.const 104)) (then ;; h
                (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 1)
                  (i32.const 65536)))
                (local.set $n (i32.const 0))
                (local.set $i (i32.const 0))
                (block $done
                  (loop $next
                    (br_if $done (i32.ge_u (local.get $i) (local.get $headerCount)))
                    (local.set $n (call $append (local.get $at) (local.get $n)
                      (i32.load (local.get $headers)) (i32.load offset=4 (local.get $headers))))
                    (i32.store8 (i32.add (local.get $at) (local.get $n)) (i32.const 61))
                    (local.set $n (i32.add (local.get $n) (i32.const 1)))
                    (local.set $n (call $append (local.get $at) (local.get $n)
                      (i32.load offset=8 (local.get $headers))
                      (i32.load offset=12 (local.get $headers))))
                    (i32.store8 (i32.add (local.get $at) (local.get $n)) (i32.const 10))
                    (local.set $n (i32.add (local.get $n) (i32.const 1)))
                    (local.set $headers (i32.add (local.get $headers) (i32.const 16)))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br $next)))
                (call $ok (local.get $request) (local.get $at) (local.get $n))))
              (call $free))
            (func $append (param $at i32) (param $n i32) (param $from i32) (param $length i32)
                (result i32)
              (memory.copy (i32.add (local.get $at) (local.get $n)) (local.get $from)
                (local.get $length))
              (i32.add (local.get $n) (local.get $length)))
            (func (export "connect") (param $connection i64) (param $url i32) (param $urlLength i32)
                (param $headers i32) (param $headerCount i32)
              (local $letter i32)
              (local.set $letter (i32.load8_u offset=1 (local.get $url)))
              (if (i32.eq (local.get $letter) (i32.const 114)) (then
                (drop (call $reject (local.get $connection) (i32.const 403) (i32.const 32)
                  (i32.const 8)))))
              (if (i32.eq (local.get $letter) (i32.const 116)) (then (unreachable)))
              (if (i32.eq (local.get $letter) (i32.const 103)) (then
                (drop (call $text (local.get $connection) (i32.const 16) (i32.const 5)))))
              (call $free))
            (func (export "message") (param $connection i64) (param $kind i32) (param $at i32)
                (param $length i32)
              (local $letter i32) (local $i i32)
              (if (local.get $length)
                (then (local.set $letter (i32.load8_u (local.get $at)))))
              (block $done
                (if (i32.eq (local.get $letter) (i32.const 66)) (then ;; B
                  (drop (call $all (i32.const 0) (i32.const 0) (i32.const 0) (local.get $at)
                    (local.get $length)))
                  (br $done)))
                (if (i32.eq (local.get $letter) (i32.const 67)) (then ;; C
                  (drop (call $close (local.get $connection) (i32.const 3001) (i32.const 48)
                    (i32.const 3)))
                  (br $done)))
                (if (i32.eq (local.get $letter) (i32.const 70)) (then ;; F
                  (local.set $i (i32.load8_u offset=1 (local.get $at)))
                  (loop $more
                    (drop (call $bytes (local.get $connection) (i32.const 65536)
                      (i32.const 65536)))
                    (local.set $i (i32.sub (local.get $i) (i32.const 1)))
                    (br_if $more (local.get $i)))
                  (br $done)))
                (if (local.get $kind)
                  (then (drop (call $bytes (local.get $connection) (local.get $at)
                    (local.get $length))))
                  (else (drop (call $text (local.get $connection) (local.get $at)
                    (local.get $length))))))
              (call $free))
            (func (export "close") (param $connection i64) (param $code i32) (param $reason i32)
                (param $reasonLength i32)
              (global.set $code (local.get $code))
              (call $free)))
          """);

  private ProbeGuest() {}
}
