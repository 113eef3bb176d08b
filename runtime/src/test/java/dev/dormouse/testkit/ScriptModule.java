package dev.dormouse.testkit;

/**
 * A module that does what its events say. The URL of a request or connection, without its first
 * slash, is a script; so is a message. What {@code alarm}, {@code close} and {@code complete} do
 * stands under the storage keys {@code alarm}, {@code close} and {@code complete}, if anything
 * does.
 *
 * <p>A script is a row of commands. There is a count in storage, one in memory, and a line of text
 * that grows until it is said:
 *
 * <pre>
 *   +          adds one to the stored count, under the key count
 *   [key]      stores the stored count, 8 bytes, under a key
 *   {key:text} stores a text under a key
 *   %          deletes all keys
 *   #          adds one to the count in memory
 *   "text"     appends a text to the line; = the stored count, ~ the one in memory, v the version
 *   &gt;          says the line: answers the request, or sends it to the connection
 *   *          says it to all connections
 *   ?          keeps the request for later, and / answers it with the line
 *   &#64;n;        sets the alarm to n ms from now; _ deletes it
 *   tn;        sets the alarm to be tried again in n ms, as attempt 3 of one that was due at 5 ms
 *   $n;        starts a timer of n ms
 *   &amp;          asks for one more page of memory
 *   (          rejects the connection with 403; ) closes it with 3001; r refuses it with 402 and
 *              the line
 *   a          has the host answer {@code ping} with the line; o ends that; n says when it last did
 *   !          traps; ^ loops for ever; &lt;n traps in an alarm's attempts before the n-th
 * </pre>
 *
 * <p>An alarm that is handled before it is due stores the key {@code early}.
 */
public final class ScriptModule {
  /** Linear memory of a fresh instance, in bytes. */
  public static final int MEMORY_BYTES = 2 * 65_536;

  private ScriptModule() {}

  /**
   * @param version one digit, so that there are different modules of the same behaviour
   */
  public static byte[] assemble(int version) {
    return Wat.assemble(TEXT.replace("@VERSION@", Integer.toString(version)));
  }

  private static final String TEXT =
      """
      (module
        (import "dormouse:host/storage@0.1.0" "get" (func $get (param i32 i32 i32)))
        (import "dormouse:host/storage@0.1.0" "put" (func $put (param i32 i32 i32 i32) (result i32)))
        (import "dormouse:host/storage@0.1.0" "delete-all" (func $deleteAll))
        (import "dormouse:host/alarm@0.1.0" "set" (func $setAlarm (param i64)))
        (import "dormouse:host/alarm@0.1.0" "delete" (func $deleteAlarm))
        (import "dormouse:host/timer@0.1.0" "start" (func $timer (param i64) (result i64)))
        (import "dormouse:host/clock@0.1.0" "now" (func $now (result i64)))
        (import "dormouse:host/http@0.1.0" "respond"
          (func $respond (param i64 i32 i32 i32 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "send-text"
          (func $send (param i64 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "broadcast-text"
          (func $broadcast (param i32 i32 i32 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "close"
          (func $close (param i64 i32 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "reject"
          (func $reject (param i64 i32 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "refuse"
          (func $refuse (param i64 i32 i32 i32 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "set-auto-response"
          (func $autoResponse (param i64 i32 i32 i32 i32 i32) (result i32)))
        (import "dormouse:host/connection@0.1.0" "auto-response-at"
          (func $autoResponseAt (param i64 i32)))
        (import "dormouse:host/alarm@0.1.0" "retry" (func $retry (param i64 i64 i32)))
        (memory (export "memory") 2)
        (data (i32.const 0) "count")
        (data (i32.const 8) "alarm")
        (data (i32.const 16) "close")
        (data (i32.const 24) "complete")
        (data (i32.const 32) "early")
        (data (i32.const 40) "ping")
        ;; 64: what storage.get answers; 80: a number; 128: decimal digits end here; 512: the count in
        ;; memory; 1024: the line
        (global $heap (mut i32) (i32.const 65536))
        (global $line (mut i32) (i32.const 1024))
        (global $kept (mut i64) (i64.const 0))
        (global $attempt (mut i32) (i32.const 9))

        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
          (local $p i32)
          (local.set $p (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
          (global.set $heap (i32.add (local.get $p) (local.get 3)))
          (if (i32.gt_u (global.get $heap) (i32.const 131072)) (then unreachable))
          (local.get $p))
        (func $store (param $key i32) (param $keyLength i32) (param $at i32) (param $length i32)
          (if (call $put (local.get $key) (local.get $keyLength) (local.get $at) (local.get $length))
            (then unreachable)))
        (func $count (result i64)
          (call $get (i32.const 0) (i32.const 5) (i32.const 64))
          (if (result i64) (i32.load8_u (i32.const 64))
            (then (i64.load (i32.load (i32.const 68))))
            (else (i64.const 0))))
        (func $append (param $from i32) (param $length i32)
          (memory.copy (global.get $line) (local.get $from) (local.get $length))
          (global.set $line (i32.add (global.get $line) (local.get $length))))
        (func $print (param $n i64) (local $at i32)
          (local.set $at (i32.const 128))
          (loop $digits
            (local.set $at (i32.sub (local.get $at) (i32.const 1)))
            (i32.store8 (local.get $at)
              (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.const 10)))))
            (local.set $n (i64.div_u (local.get $n) (i64.const 10)))
            (br_if $digits (i64.ne (local.get $n) (i64.const 0))))
          (call $append (local.get $at) (i32.sub (i32.const 128) (local.get $at))))
        ;; Where a character next stands.
        (func $until (param $p i32) (param $end i32) (param $c i32) (result i32)
          (block $found (loop $next
            (if (i32.ge_u (local.get $p) (local.get $end)) (then unreachable))
            (br_if $found (i32.eq (i32.load8_u (local.get $p)) (local.get $c)))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (br $next)))
          (local.get $p))
        (func $number (param $p i32) (param $end i32) (result i64) (local $n i64)
          (block $done (loop $digits
            (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
            (local.set $n (i64.add (i64.mul (local.get $n) (i64.const 10))
              (i64.sub (i64.load8_u (local.get $p)) (i64.const 48))))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (br $digits)))
          (local.get $n))
        (func $lineLength (result i32) (local $n i32)
          (local.set $n (i32.sub (global.get $line) (i32.const 1024)))
          (global.set $line (i32.const 1024))
          (local.get $n))
        (func $answer (param $request i64)
          (drop (call $respond (local.get $request) (i32.const 200) (i32.const 0) (i32.const 0)
            (i32.const 1024) (call $lineLength))))

        (func $run (param $p i32) (param $length i32) (param $request i64) (param $connection i64)
          (local $end i32) (local $c i32) (local $to i32) (local $mid i32)
          (local.set $end (i32.add (local.get $p) (local.get $length)))
          (block $done (loop $next
            (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
            (local.set $c (i32.load8_u (local.get $p)))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (if (i32.eq (local.get $c) (i32.const 43)) (then ;; +
              (i64.store (i32.const 80) (i64.add (call $count) (i64.const 1)))
              (call $store (i32.const 0) (i32.const 5) (i32.const 80) (i32.const 8))))
            (if (i32.eq (local.get $c) (i32.const 91)) (then ;; [key]
              (local.set $to (call $until (local.get $p) (local.get $end) (i32.const 93)))
              (i64.store (i32.const 80) (call $count))
              (call $store (local.get $p) (i32.sub (local.get $to) (local.get $p))
                (i32.const 80) (i32.const 8))
              (local.set $p (i32.add (local.get $to) (i32.const 1)))))
            (if (i32.eq (local.get $c) (i32.const 123)) (then ;; {key:text}
              (local.set $mid (call $until (local.get $p) (local.get $end) (i32.const 58)))
              (local.set $to (call $until (local.get $mid) (local.get $end) (i32.const 125)))
              (call $store (local.get $p) (i32.sub (local.get $mid) (local.get $p))
                (i32.add (local.get $mid) (i32.const 1))
                (i32.sub (i32.sub (local.get $to) (local.get $mid)) (i32.const 1)))
              (local.set $p (i32.add (local.get $to) (i32.const 1)))))
            (if (i32.eq (local.get $c) (i32.const 37)) (then (call $deleteAll))) ;; %
            (if (i32.eq (local.get $c) (i32.const 35)) (then ;; #
              (i64.store (i32.const 512) (i64.add (i64.load (i32.const 512)) (i64.const 1)))))
            (if (i32.eq (local.get $c) (i32.const 34)) (then ;; "text"
              (local.set $to (call $until (local.get $p) (local.get $end) (i32.const 34)))
              (call $append (local.get $p) (i32.sub (local.get $to) (local.get $p)))
              (local.set $p (i32.add (local.get $to) (i32.const 1)))))
            (if (i32.eq (local.get $c) (i32.const 61)) (then (call $print (call $count)))) ;; =
            (if (i32.eq (local.get $c) (i32.const 126)) (then ;; ~
              (call $print (i64.load (i32.const 512)))))
            (if (i32.eq (local.get $c) (i32.const 118)) (then ;; v
              (call $print (i64.const @VERSION@))))
            (if (i32.eq (local.get $c) (i32.const 62)) (then ;; >
              (if (i64.ne (local.get $request) (i64.const 0))
                (then (call $answer (local.get $request)))
                (else (drop (call $send (local.get $connection) (i32.const 1024)
                  (call $lineLength)))))))
            (if (i32.eq (local.get $c) (i32.const 42)) (then ;; *
              (drop (call $broadcast (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1024)
                (call $lineLength)))))
            (if (i32.eq (local.get $c) (i32.const 63)) (then ;; ?
              (global.set $kept (local.get $request))))
            (if (i32.eq (local.get $c) (i32.const 47)) (then ;; /
              (call $answer (global.get $kept))))
            (if (i32.eq (local.get $c) (i32.const 64)) (then ;; @n;
              (local.set $to (call $until (local.get $p) (local.get $end) (i32.const 59)))
              (call $setAlarm
                (i64.add (call $now) (call $number (local.get $p) (local.get $to))))
              (local.set $p (i32.add (local.get $to) (i32.const 1)))))
            (if (i32.eq (local.get $c) (i32.const 95)) (then (call $deleteAlarm))) ;; _
            (if (i32.eq (local.get $c) (i32.const 36)) (then ;; $n;
              (local.set $to (call $until (local.get $p) (local.get $end) (i32.const 59)))
              (drop (call $timer (call $number (local.get $p) (local.get $to))))
              (local.set $p (i32.add (local.get $to) (i32.const 1)))))
            (if (i32.eq (local.get $c) (i32.const 38)) (then ;; &
              (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))))
            (if (i32.eq (local.get $c) (i32.const 40)) (then ;; (
              (drop (call $reject (local.get $connection) (i32.const 403) (i32.const 0)
                (i32.const 0)))))
            (if (i32.eq (local.get $c) (i32.const 41)) (then ;; )
              (drop (call $close (local.get $connection) (i32.const 3001) (i32.const 0)
                (i32.const 0)))))
            (if (i32.eq (local.get $c) (i32.const 114)) (then ;; r
              (drop (call $refuse (local.get $connection) (i32.const 402) (i32.const 0)
                (i32.const 0) (i32.const 1024) (call $lineLength)))))
            (if (i32.eq (local.get $c) (i32.const 97)) (then ;; a
              (if (call $autoResponse (local.get $connection) (i32.const 1) (i32.const 40)
                  (i32.const 4) (i32.const 1024) (call $lineLength))
                (then unreachable))))
            (if (i32.eq (local.get $c) (i32.const 111)) (then ;; o
              (if (call $autoResponse (local.get $connection) (i32.const 0) (i32.const 0)
                  (i32.const 0) (i32.const 0) (i32.const 0))
                (then unreachable))))
            (if (i32.eq (local.get $c) (i32.const 110)) (then ;; n
              (call $autoResponseAt (local.get $connection) (i32.const 64))
              (if (i32.load8_u (i32.const 64))
                (then (call $print (i64.load (i32.const 72)))))))
            (if (i32.eq (local.get $c) (i32.const 116)) (then ;; tn;
              (local.set $to (call $until (local.get $p) (local.get $end) (i32.const 59)))
              (call $retry (i64.add (call $now) (call $number (local.get $p) (local.get $to)))
                (i64.const 5) (i32.const 3))
              (local.set $p (i32.add (local.get $to) (i32.const 1)))))
            (if (i32.eq (local.get $c) (i32.const 33)) (then unreachable)) ;; !
            (if (i32.eq (local.get $c) (i32.const 94)) (then (loop $ever (br $ever)))) ;; ^
            (if (i32.eq (local.get $c) (i32.const 60)) (then ;; <n
              (if (i32.lt_u (global.get $attempt)
                  (i32.sub (i32.load8_u (local.get $p)) (i32.const 48)))
                (then unreachable))
              (local.set $p (i32.add (local.get $p) (i32.const 1)))))
            (br $next))))
        (func $runStored (param $key i32) (param $length i32) (param $connection i64)
          (call $get (local.get $key) (local.get $length) (i32.const 64))
          (if (i32.load8_u (i32.const 64)) (then
            (call $run (i32.load (i32.const 68)) (i32.load (i32.const 72))
              (i64.const 0) (local.get $connection))))
          (call $rest))
        (func $rest
          (global.set $heap (i32.const 65536))
          (global.set $line (i32.const 1024)))

        (func (export "fetch") (param $request i64) (param i32 i32) (param $url i32) (param $length i32)
            (param i32 i32 i32 i32)
          (call $run (i32.add (local.get $url) (i32.const 1))
            (i32.sub (local.get $length) (i32.const 1)) (local.get $request) (i64.const 0))
          (call $rest))
        (func (export "connect") (param $connection i64) (param $url i32) (param $length i32)
            (param i32 i32)
          (call $run (i32.add (local.get $url) (i32.const 1))
            (i32.sub (local.get $length) (i32.const 1)) (i64.const 0) (local.get $connection))
          (call $rest))
        (func (export "message") (param $connection i64) (param i32) (param $p i32)
            (param $length i32)
          (call $run (local.get $p) (local.get $length) (i64.const 0) (local.get $connection))
          (call $rest))
        (func (export "close") (param $connection i64) (param i32 i32 i32)
          (call $runStored (i32.const 16) (i32.const 5) (local.get $connection)))
        (func (export "alarm") (param $attempt i32) (param $due i64)
          (if (i64.lt_u (call $now) (local.get $due)) (then
            (call $store (i32.const 32) (i32.const 5) (i32.const 80) (i32.const 8))))
          (global.set $attempt (local.get $attempt))
          (call $runStored (i32.const 8) (i32.const 5) (i64.const 0)))
        (func (export "complete") (param i64 i32 i32 i32)
          (call $runStored (i32.const 24) (i32.const 8) (i64.const 0)))
      )
      """;
}
