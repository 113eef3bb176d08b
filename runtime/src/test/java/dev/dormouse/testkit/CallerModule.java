package dev.dormouse.testkit;

/**
 * A module whose actors call each other. The letter after the slash of a URL says what to do, and
 * what follows it is the name of the other actor.
 *
 * <p>fetch: {@code e} echoes the body, {@code s} never answers, {@code z} answers how many fetches
 * and calls this instance has seen; {@code f} fetches {@code /e} of the other with the body, {@code
 * q} its {@code /s}, {@code n} the same path of the other with the body, {@code t} fetches {@code
 * /e} and traps, {@code c} calls it with the body, {@code o} starts 300 calls to it and answers how
 * many were taken as a byte pair, {@code x} cancels a call that it started, and answers; {@code i}
 * answers the id of a name, {@code j} the name of an id; {@code k} connects to {@code /} of the
 * other, {@code l} to its {@code /r}, {@code u} to the WebSocket whose URL is the body, sends
 * {@code POST} and answers what comes back; {@code w} fetches the URL in the body; {@code a}
 * answers the role, {@code b} reads from storage, {@code ?} answers the URL; {@code p} fetches the
 * URL in the body from the other and passes its answer on, {@code v} does so unless that has the
 * header {@code two}, with which {@code y} answers. An operation's outcome is answered with 200, or
 * 299 where it is an error.
 *
 * <p>call: what starts with {@code !} is answered with an error, with {@code ?} never, with {@code
 * *} by a trap, all else comes back.
 *
 * <p>connect: {@code d} is accepted by a timer a little later, {@code p} too with the sub-protocol
 * {@code two}, {@code r} refused with 403, {@code v} never decided, {@code y} refused by a timer;
 * {@code g} is joined to a connection to the other. message: {@code bye} closes with 3001, all else
 * comes back.
 */
public final class CallerModule {
  private CallerModule() {}

  public static byte[] assemble() {
    return Wat.assemble(TEXT);
  }

  private static final String TEXT =
      """
      (module
        (import "dormouse:host/http@0.1.0" "respond"
          (func $respond (param i64 i32 i32 i32 i32 i32) (result i32)))
        (import "dormouse:host/http@0.1.0" "pass-on"
          (func $pass (param i64 i64 i32 i32 i32) (result i32)))
        (import "dormouse:host/rpc@0.1.0" "respond"
          (func $answer (param i64 i32 i32 i32) (result i32)))
        (import "dormouse:host/actors@0.1.0" "fetch"
          (func $fetch (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i64)))
        (import "dormouse:host/actors@0.1.0" "call"
          (func $call (param i32 i32 i32 i32 i32 i32 i32) (result i64)))
        (import "dormouse:host/actors@0.1.0" "connect"
          (func $connect (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i64)))
        (import "dormouse:host/actors@0.1.0" "cancel" (func $cancel (param i64) (result i32)))
        (import "dormouse:host/actors@0.1.0" "id-of" (func $idOf (param i32 i32 i32)))
        (import "dormouse:host/actors@0.1.0" "name-of" (func $nameOf (param i32 i32 i32)))
        (import "dormouse:host/timer@0.1.0" "start" (func $timer (param i64) (result i64)))
        (import "dormouse:host/connection@0.1.0" "send-text"
          (func $text (param i64 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "close"
          (func $close (param i64 i32 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "reject"
          (func $reject (param i64 i32 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "defer" (func $defer (param i64) (result i32)))
        (import "dormouse:host/connection@0.1.0" "accept"
          (func $accept (param i64 i32 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "splice"
          (func $splice (param i64 i64) (result i32)))
        (import "dormouse:host/web@0.1.0" "fetch"
          (func $webFetch (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i64)))
        (import "dormouse:host/web@0.1.0" "connect"
          (func $webConnect (param i32 i32 i32 i32 i32 i32) (result i64)))
        (import "dormouse:host/app@0.1.0" "role" (func $role (result i32)))
        (import "dormouse:host/storage@0.1.0" "get" (func $get (param i32 i32 i32)))
        (memory (export "memory") 8)
        (data (i32.const 56) "GET")
        (data (i32.const 0) "/e")
        (data (i32.const 4) "/s")
        (data (i32.const 8) "POST")
        (data (i32.const 16) "nope: not today")
        (data (i32.const 32) "/")
        (data (i32.const 36) "/r")
        (data (i32.const 40) "two")
        (data (i32.const 48) "bye")
        ;; a header: its name and its value
        (data (i32.const 96) "\\28\\00\\00\\00\\03\\00\\00\\00\\28\\00\\00\\00\\03\\00\\00\\00")
        (global $heap (mut i32) (i32.const 262144))
        (global $seen (mut i32) (i32.const 0))
        (global $slots (mut i32) (i32.const 0))
        ;; the request that waits for a message of the connection that was opened
        (global $mine (mut i64) (i64.const 0))
        (global $waiting (mut i64) (i64.const 0))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
          (local $at i32) (local $end i32)
          (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
          (local.set $end (i32.add (local.get $at) (local.get 3)))
          (global.set $heap (local.get $end))
          (if (i32.gt_u (local.get $end) (i32.mul (memory.size) (i32.const 65536)))
            (then (if (i32.eq (i32.const -1) (memory.grow
                  (i32.add (i32.const 1) (i32.div_u (local.get 3) (i32.const 65536)))))
              (then (unreachable)))))
          (local.get $at))
        (func $free (global.set $heap (i32.const 262144)))
        ;; slots of 24 bytes from 65536: operation, request or connection, kind
        (func $remember (param $op i64) (param $what i64) (param $kind i32)
          (local $at i32)
          (local.set $at (i32.add (i32.const 65536)
            (i32.mul (i32.rem_u (global.get $slots) (i32.const 4096)) (i32.const 24))))
          (i64.store (local.get $at) (local.get $op))
          (i64.store offset=8 (local.get $at) (local.get $what))
          (i32.store offset=16 (local.get $at) (local.get $kind))
          (global.set $slots (i32.add (global.get $slots) (i32.const 1))))
        (func $slot (param $op i64) (result i32) (local $at i32)
          (local.set $at (i32.const 65536))
          (loop $next
            (if (i64.eq (i64.load (local.get $at)) (local.get $op)) (then (return (local.get $at))))
            (local.set $at (i32.add (local.get $at) (i32.const 24)))
            (br_if $next (i32.lt_u (local.get $at) (i32.const 163840))))
          (i32.const 0))
        (func $ok (param $request i64) (param $at i32) (param $length i32)
          (drop (call $respond (local.get $request) (i32.const 200) (i32.const 0) (i32.const 0)
            (local.get $at) (local.get $length))))
        (func (export "fetch") (param $request i64) (param $method i32) (param $methodLength i32)
            (param $url i32) (param $urlLength i32) (param $headers i32) (param $headerCount i32)
            (param $body i32) (param $bodyLength i32)
          (local $c i32) (local $name i32) (local $length i32) (local $i i32) (local $n i32)
          (local $op i64)
          (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
          (local.set $c (i32.load8_u offset=1 (local.get $url)))
          (local.set $name (i32.add (local.get $url) (i32.const 2)))
          (local.set $length (i32.sub (local.get $urlLength) (i32.const 2)))
          (if (i32.eq (local.get $c) (i32.const 101)) (then ;; e
            (call $ok (local.get $request) (local.get $body) (local.get $bodyLength))))
          (if (i32.eq (local.get $c) (i32.const 122)) (then ;; z
            (i32.store8 (i32.const 64) (i32.add (i32.const 48) (global.get $seen)))
            (call $ok (local.get $request) (i32.const 64) (i32.const 1))))
          (if (i32.eq (local.get $c) (i32.const 102)) (then ;; f
            (call $remember (call $fetch (i32.const 0) (i32.const 0) (i32.const 0)
              (local.get $name) (local.get $length) (i32.const 8) (i32.const 4) (i32.const 0)
              (i32.const 2) (i32.const 0) (i32.const 0) (local.get $body) (local.get $bodyLength))
              (local.get $request) (i32.const 0))))
          (if (i32.or (i32.eq (local.get $c) (i32.const 112)) ;; p
              (i32.eq (local.get $c) (i32.const 118))) (then ;; v
            (call $remember (local.get $request) (local.get $request) (i32.const 0))
            (local.set $op (call $fetch (i32.const 0) (i32.const 0) (i32.const 0)
              (local.get $name) (local.get $length) (i32.const 8) (i32.const 4) (local.get $body)
              (local.get $bodyLength) (i32.const 0) (i32.const 0) (local.get $body)
              (local.get $bodyLength)))
            (if (call $pass (local.get $request) (local.get $op)
                  (i32.eq (local.get $c) (i32.const 118)) (i32.const 40) (i32.const 3))
              (then (unreachable)))
            ;; once only, and the operation is no more
            (if (i32.ne (i32.const 4) (call $pass (local.get $request) (local.get $op)
                  (i32.const 0) (i32.const 0) (i32.const 0))) (then (unreachable)))
            (if (call $cancel (local.get $op)) (then (unreachable)))))
          (if (i32.eq (local.get $c) (i32.const 121)) (then ;; y
            (drop (call $respond (local.get $request) (i32.const 201) (i32.const 96) (i32.const 1)
              (local.get $body) (local.get $bodyLength)))))
          (if (i32.eq (local.get $c) (i32.const 113)) (then ;; q
            (call $remember (call $fetch (i32.const 0) (i32.const 0) (i32.const 0)
              (local.get $name) (local.get $length) (i32.const 8) (i32.const 4) (i32.const 4)
              (i32.const 2) (i32.const 0) (i32.const 0) (local.get $body) (local.get $bodyLength))
              (local.get $request) (i32.const 0))))
          (if (i32.eq (local.get $c) (i32.const 110)) (then ;; n
            (call $remember (call $fetch (i32.const 0) (i32.const 0) (i32.const 0)
              (local.get $name) (local.get $length) (i32.const 8) (i32.const 4) (local.get $url)
              (local.get $urlLength) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
              (local.get $request) (i32.const 0))))
          (if (i32.eq (local.get $c) (i32.const 116)) (then ;; t
            (drop (call $fetch (i32.const 0) (i32.const 0) (i32.const 0)
              (local.get $name) (local.get $length) (i32.const 8) (i32.const 4) (i32.const 0)
              (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
            (unreachable)))
          (if (i32.eq (local.get $c) (i32.const 99)) (then ;; c
            (call $remember (call $call (i32.const 0) (i32.const 0) (i32.const 0)
              (local.get $name) (local.get $length) (local.get $body) (local.get $bodyLength))
              (local.get $request) (i32.const 0))))
          (if (i32.eq (local.get $c) (i32.const 111)) (then ;; o
            (loop $more
              (if (i64.ne (i64.const 0) (call $fetch (i32.const 0) (i32.const 0) (i32.const 0)
                  (local.get $name) (local.get $length) (i32.const 8) (i32.const 4) (i32.const 4)
                  (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
                (then (local.set $n (i32.add (local.get $n) (i32.const 1)))))
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (br_if $more (i32.lt_u (local.get $i) (i32.const 300))))
            (i32.store16 (i32.const 64) (local.get $n))
            (call $ok (local.get $request) (i32.const 64) (i32.const 2))))
          (if (i32.eq (local.get $c) (i32.const 120)) (then ;; x
            (i32.store8 (i32.const 64) (i32.add (i32.const 48) (call $cancel
              (call $call (i32.const 0) (i32.const 0) (i32.const 0)
                (local.get $name) (local.get $length) (i32.const 0) (i32.const 0)))))
            (i32.store8 (i32.const 65) (i32.add (i32.const 48) (call $cancel (i64.const 77))))
            (call $ok (local.get $request) (i32.const 64) (i32.const 2))))
          (if (i32.eq (local.get $c) (i32.const 105)) (then ;; i
            (call $idOf (local.get $name) (local.get $length) (i32.const 64))
            (call $ok (local.get $request) (i32.load (i32.const 64)) (i32.load (i32.const 68)))))
          (if (i32.eq (local.get $c) (i32.const 106)) (then ;; j
            (call $nameOf (local.get $name) (local.get $length) (i32.const 64))
            (if (i32.load8_u (i32.const 64))
              (then (call $ok (local.get $request)
                (i32.load (i32.const 68)) (i32.load (i32.const 72))))
              (else (call $ok (local.get $request) (i32.const 32) (i32.const 1))))))
          (if (i32.eq (local.get $c) (i32.const 107)) (then ;; k
            (call $remember (call $connect (i32.const 0) (i32.const 0) (i32.const 0)
              (local.get $name) (local.get $length) (i32.const 32) (i32.const 1)
              (i32.const 0) (i32.const 0)) (local.get $request) (i32.const 1))))
          (if (i32.eq (local.get $c) (i32.const 108)) (then ;; l
            (call $remember (call $connect (i32.const 0) (i32.const 0) (i32.const 0)
              (local.get $name) (local.get $length) (i32.const 36) (i32.const 2)
              (i32.const 0) (i32.const 0)) (local.get $request) (i32.const 1))))
          (if (i32.eq (local.get $c) (i32.const 97)) (then ;; a
            (i32.store8 (i32.const 64) (i32.add (i32.const 48) (call $role)))
            (call $ok (local.get $request) (i32.const 64) (i32.const 1))))
          (if (i32.eq (local.get $c) (i32.const 98)) (then ;; b
            (call $get (i32.const 8) (i32.const 4) (i32.const 64))
            (call $ok (local.get $request) (i32.const 8) (i32.const 4))))
          (if (i32.eq (local.get $c) (i32.const 63)) (then ;; ?
            (call $ok (local.get $request) (local.get $url) (local.get $urlLength))))
          (if (i32.eq (local.get $c) (i32.const 119)) (then ;; w
            (call $remember (call $webFetch (i32.const 56) (i32.const 3) (local.get $body)
              (local.get $bodyLength) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
              (i32.const 0)) (local.get $request) (i32.const 0))))
          (if (i32.eq (local.get $c) (i32.const 117)) (then ;; u
            (call $remember (call $webConnect (local.get $body) (local.get $bodyLength)
              (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
              (local.get $request) (i32.const 1))))
          (call $free))
        (func (export "call") (param $request i64) (param $at i32) (param $length i32)
          (local $c i32)
          (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
          (if (local.get $length) (then (local.set $c (i32.load8_u (local.get $at)))))
          (if (i32.eq (local.get $c) (i32.const 42)) (then (unreachable)))
          (if (i32.eq (local.get $c) (i32.const 33))
            (then (drop (call $answer (local.get $request) (i32.const 1) (i32.const 16)
              (i32.const 15))))
            (else (if (i32.ne (local.get $c) (i32.const 63))
              (then (drop (call $answer (local.get $request) (i32.const 0) (local.get $at)
                (local.get $length)))))))
          (call $free))
        ;; The id in a CBOR array of a connection, 0 where it is another array.
        (func $opened (param $at i32) (param $length i32) (result i64) (local $i i32) (local $n i64)
          (if (i32.eqz (i32.and
                (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x82))
                (i32.eq (i32.load8_u offset=1 (local.get $at)) (i32.const 0x1b))))
            (then (return (i64.const 0))))
          (loop $more
            (local.set $n (i64.or (i64.shl (local.get $n) (i64.const 8))
              (i64.load8_u offset=2 (i32.add (local.get $at) (local.get $i)))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $more (i32.lt_u (local.get $i) (i32.const 8))))
          (local.get $n))
        (func (export "complete") (param $op i64) (param $error i32) (param $at i32)
            (param $length i32)
          (local $slot i32) (local $kind i32) (local $what i64) (local $new i64)
          (local.set $slot (call $slot (local.get $op)))
          (if (i32.eqz (local.get $slot)) (then (call $free) (return)))
          (i64.store (local.get $slot) (i64.const 0))
          (local.set $what (i64.load offset=8 (local.get $slot)))
          (local.set $kind (i32.load offset=16 (local.get $slot)))
          (if (i32.eq (local.get $kind) (i32.const 2)) (then ;; accept
            (drop (call $accept (local.get $what) (i32.const 0) (i32.const 0) (i32.const 0)))
            (call $free) (return)))
          (if (i32.eq (local.get $kind) (i32.const 4)) (then ;; accept with a sub-protocol
            (drop (call $text (local.get $what) (i32.const 48) (i32.const 2)))
            (drop (call $accept (local.get $what) (i32.const 1) (i32.const 40) (i32.const 3)))
            (call $free) (return)))
          (if (i32.eq (local.get $kind) (i32.const 5)) (then ;; reject
            (drop (call $reject (local.get $what) (i32.const 404) (i32.const 16) (i32.const 4)))
            (call $free) (return)))
          (if (i32.eqz (local.get $error)) (then
            (local.set $new (call $opened (local.get $at) (local.get $length)))))
          (if (i32.eq (local.get $kind) (i32.const 3)) (then ;; join, or refuse
            (if (i64.ne (local.get $new) (i64.const 0))
              (then (drop (call $splice (local.get $what) (local.get $new))))
              (else (drop (call $reject (local.get $what) (i32.const 502) (i32.const 16)
                (i32.const 4)))))
            (call $free) (return)))
          (if (i32.and (i32.eq (local.get $kind) (i32.const 1))
                (i64.ne (local.get $new) (i64.const 0)))
            (then
              (global.set $mine (local.get $new))
              (global.set $waiting (local.get $what))
              (drop (call $text (local.get $new) (i32.const 8) (i32.const 4))))
            (else (drop (call $respond (local.get $what)
              (select (i32.const 299) (i32.const 200) (local.get $error))
              (i32.const 0) (i32.const 0) (local.get $at) (local.get $length)))))
          (call $free))
        (func (export "connect") (param $connection i64) (param $url i32) (param $urlLength i32)
            (param $headers i32) (param $headerCount i32)
          (local $c i32)
          (if (i32.gt_u (local.get $urlLength) (i32.const 1))
            (then (local.set $c (i32.load8_u offset=1 (local.get $url)))))
          (if (i32.eq (local.get $c) (i32.const 114)) (then ;; r
            (drop (call $reject (local.get $connection) (i32.const 403) (i32.const 16)
              (i32.const 4)))))
          (if (i32.eq (local.get $c) (i32.const 118)) (then ;; v
            (drop (call $defer (local.get $connection)))))
          (if (i32.eq (local.get $c) (i32.const 100)) (then ;; d
            (drop (call $defer (local.get $connection)))
            (call $remember (call $timer (i64.const 5)) (local.get $connection) (i32.const 2))))
          (if (i32.eq (local.get $c) (i32.const 112)) (then ;; p
            (drop (call $defer (local.get $connection)))
            (call $remember (call $timer (i64.const 5)) (local.get $connection) (i32.const 4))))
          (if (i32.eq (local.get $c) (i32.const 121)) (then ;; y
            (drop (call $defer (local.get $connection)))
            (call $remember (call $timer (i64.const 5)) (local.get $connection) (i32.const 5))))
          (if (i32.eq (local.get $c) (i32.const 103)) (then ;; g
            (drop (call $defer (local.get $connection)))
            (call $remember (call $connect (i32.const 0) (i32.const 0) (i32.const 0)
              (i32.add (local.get $url) (i32.const 2)) (i32.sub (local.get $urlLength) (i32.const 2))
              (i32.const 32) (i32.const 1) (local.get $headers) (local.get $headerCount))
              (local.get $connection) (i32.const 3))))
          (call $free))
        (func (export "message") (param $connection i64) (param $kind i32) (param $at i32)
            (param $length i32)
          (if (i64.eq (local.get $connection) (global.get $mine))
            (then
              (call $ok (global.get $waiting) (local.get $at) (local.get $length))
              (drop (call $close (local.get $connection) (i32.const 1000) (i32.const 0)
                (i32.const 0))))
            (else
              (if (i32.and (i32.eq (local.get $length) (i32.const 3))
                    (i32.eq (i32.load8_u (local.get $at)) (i32.const 98)))
                (then (drop (call $close (local.get $connection) (i32.const 3001) (i32.const 48)
                  (i32.const 3))))
                (else (drop (call $text (local.get $connection) (local.get $at)
                  (local.get $length)))))))
          (call $free))
        (func (export "close") (param i64 i32 i32 i32) (call $free)))
      """;
}
