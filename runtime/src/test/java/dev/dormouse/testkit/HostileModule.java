package dev.dormouse.testkit;

import dev.dormouse.abi.Abi;
import dev.dormouse.abi.FlatSignature;
import dev.dormouse.host.HostImports;
import dev.dormouse.module.AppSection;
import dev.dormouse.module.Manifest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;

/**
 * A module that does whatever harm its caller asks for. A letter chooses the harm, and for {@code
 * p} a number behind it chooses the import that is given pointers to nowhere. Every harm first puts
 * a value under {@code key}, which must not be there afterwards. The letter is, in
 *
 * <ul>
 *   <li>{@code fetch} and {@code connect}, the first of the URL's path;
 *   <li>{@code message} and {@code close}, the first of the text and of the reason;
 *   <li>{@code start}, the second of a name that begins with {@code s}, where a connection woke the
 *       actor;
 *   <li>{@code alarm}, the one that {@code fetch} was given behind {@code a}: the first attempt
 *       does the harm, the next one puts a value under {@code fired};
 *   <li>{@code complete}, the one that {@code fetch} was given behind {@code c}.
 * </ul>
 */
public final class HostileModule {
  /** The imports in the order of their numbers, as {@code interface.function}. */
  public static final List<String> IMPORTS = imports();

  private HostileModule() {}

  public static byte[] assemble() {
    return Wat.assemble(text());
  }

  /** The same with lower limits, in the form of a manifest's {@code limits}. */
  public static byte[] assemble(String limits) {
    var manifest = "{\"limits\":" + limits + "}";
    return AppSection.attach(
        assemble(), Manifest.read("the manifest", manifest.getBytes(StandardCharsets.UTF_8)));
  }

  /** What the server has of the contract. */
  private static List<String> imports() {
    var has = new HashSet<String>();
    HostImports.all().forEach(function -> has.add(function.module() + " " + function.name()));
    var names = new ArrayList<String>();
    new TreeMap<>(Abi.IMPORTS)
        .forEach(
            (interfaceName, functions) ->
                new TreeMap<>(functions)
                    .keySet()
                    .forEach(
                        function -> {
                          if (has.contains(Abi.importModule(interfaceName) + " " + function)) {
                            names.add(interfaceName + "." + function);
                          }
                        }));
    return List.copyOf(names);
  }

  private static String text() {
    var imports = new StringBuilder();
    var abuses = new StringBuilder();
    for (int i = 0; i < IMPORTS.size(); i++) {
      var name = IMPORTS.get(i).split("\\.", 2);
      var signature = Abi.IMPORTS.get(name[0]).get(name[1]);
      imports.append(
          "  (import \"%s\" \"%s\" (func $i%d%s))%n"
              .formatted(Abi.importModule(name[0]), name[1], i, type(signature)));
      abuses.append(
          "    (if (i32.eq (local.get $n) (i32.const %d)) (then %s(call $i%d)%s))%n"
              .formatted(i, wildArguments(signature), i, drop(signature)));
    }
    return TEMPLATE
        .replace("@IMPORTS@", imports)
        .replace("@ABUSES@", abuses)
        .replace("$respond", "$i" + IMPORTS.indexOf("http.respond"))
        .replace("$put", "$i" + IMPORTS.indexOf("storage.put"))
        .replace("$get", "$i" + IMPORTS.indexOf("storage.get"))
        .replace("$setAlarm", "$i" + IMPORTS.indexOf("alarm.set"))
        .replace("$waking", "$i" + IMPORTS.indexOf("identity.waking-reason"))
        .replace("$myName", "$i" + IMPORTS.indexOf("identity.name"))
        .replace("$timer", "$i" + IMPORTS.indexOf("timer.start"));
  }

  private static String type(FlatSignature signature) {
    var text = new StringBuilder();
    signature.params().chars().forEach(c -> text.append(" (param ").append(wasm(c)).append(')'));
    signature.results().chars().forEach(c -> text.append(" (result ").append(wasm(c)).append(')'));
    return text.toString();
  }

  private static String wildArguments(FlatSignature signature) {
    var text = new StringBuilder();
    signature
        .params()
        .chars()
        .forEach(c -> text.append(c == 'i' ? "(i32.const 0xfffffff1) " : "(i64.const -15) "));
    return text.toString();
  }

  private static String drop(FlatSignature signature) {
    return signature.results().isEmpty() ? "" : " (drop)";
  }

  private static String wasm(int letter) {
    return letter == 'i' ? "i32" : "i64";
  }

  private static final String TEMPLATE =
      """
      (module
      @IMPORTS@
        (type $none (func))
        (memory (export "memory") 1)
        (table $t 4 funcref)
        (elem (i32.const 0) $takesOne)
        (data (i32.const 16) "done")
        (data (i32.const 32) "key")
        (data (i32.const 40) "plan")
        (data (i32.const 48) "fired")
        (global $heap (mut i32) (i32.const 1024))
        ;; The harm that the next operation to finish does; 0 for none.
        (global $planned (mut i32) (i32.const 0))
        (func $takesOne (param i32))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
          (local $p i32)
          (local.set $p (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
          (global.set $heap (i32.add (local.get $p) (local.get 3)))
          (block $fits (loop $more
            (br_if $fits (i32.le_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))))
            (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
            (br $more)))
          (local.get $p))
        (func $forever (loop $l (br $l)))
        (func $deep (param i32) (result i32)
          (i32.add (i32.const 1) (call $deep (i32.add (local.get 0) (i32.const 1)))))
        (func $bomb (loop $l
          (if (i32.eq (memory.grow (i32.const 64)) (i32.const -1)) (then unreachable))
          (br $l)))
        (func $tableBomb (loop $l
          (if (i32.eq (table.grow $t (ref.null func) (i32.const 1000000)) (i32.const -1))
            (then unreachable))
          (br $l)))
        (func $flood (local $i i32)
          (loop $l
            (drop (call $timer (i64.const 0)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get $i) (i32.const 1100)))))
        (func $abuse (param $n i32)
      @ABUSES@
        )
        (func $number (param $p i32) (param $end i32) (result i32) (local $n i32)
          (block $done (loop $l
            (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
            (local.set $n (i32.add (i32.mul (local.get $n) (i32.const 10))
              (i32.sub (i32.load8_u (local.get $p)) (i32.const 48))))
            (local.set $p (i32.add (local.get $p) (i32.const 1)))
            (br $l)))
          (local.get $n))
        (func $harm (param $c i32) (param $url i32) (param $len i32)
          (drop (call $put (i32.const 32) (i32.const 3) (i32.const 16) (i32.const 4)))
          (if (i32.eq (local.get $c) (i32.const 108)) (then (call $forever)))
          (if (i32.eq (local.get $c) (i32.const 114)) (then (drop (call $deep (i32.const 0)))))
          (if (i32.eq (local.get $c) (i32.const 109)) (then (call $bomb)))
          (if (i32.eq (local.get $c) (i32.const 116)) (then (call $tableBomb)))
          (if (i32.eq (local.get $c) (i32.const 117)) (then unreachable))
          (if (i32.eq (local.get $c) (i32.const 105)) (then (call_indirect (type $none) (i32.const 0))))
          (if (i32.eq (local.get $c) (i32.const 110)) (then (call_indirect (type $none) (i32.const 3))))
          (if (i32.eq (local.get $c) (i32.const 111)) (then (drop (i32.load (i32.const -4)))))
          (if (i32.eq (local.get $c) (i32.const 100)) (then
            (drop (i32.div_u (i32.const 1) (i32.load (i32.const 0))))))
          (if (i32.eq (local.get $c) (i32.const 119)) (then unreachable))
          (if (i32.eq (local.get $c) (i32.const 102)) (then (call $flood)))
          (if (i32.eq (local.get $c) (i32.const 112)) (then
            (call $abuse (call $number (i32.add (local.get $url) (i32.const 2))
              (i32.add (local.get $url) (local.get $len)))))))
        (func (export "fetch") (param $request i64) (param i32 i32) (param $url i32) (param $len i32)
            (param i32 i32 i32 i32)
          (local $c i32)
          (local.set $c (i32.load8_u offset=1 (local.get $url)))
          (if (i32.eq (local.get $c) (i32.const 97))
            (then
              (drop (call $put (i32.const 40) (i32.const 4)
                (i32.add (local.get $url) (i32.const 2)) (i32.const 1)))
              (call $setAlarm (i64.const 0)))
            (else (if (i32.eq (local.get $c) (i32.const 99))
              (then
                (global.set $planned (i32.load8_u offset=2 (local.get $url)))
                (drop (call $timer (i64.const 0))))
              (else (call $harm (local.get $c) (local.get $url) (local.get $len))))))
          (drop (call $respond (local.get $request) (i32.const 200)
            (i32.const 0) (i32.const 0) (i32.const 16) (i32.const 4))))
        (func (export "start") (local $name i32)
          (if (i32.eqz (call $waking)) (then
            (call $myName (i32.const 64))
            (local.set $name (i32.load (i32.const 64)))
            (if (i32.eq (i32.load8_u (local.get $name)) (i32.const 115))
              (then (call $harm (i32.load8_u offset=1 (local.get $name))
                (i32.const 0) (i32.const 0)))))))
        (func (export "connect") (param i64) (param $url i32) (param $len i32) (param i32 i32)
          (if (i32.gt_u (local.get $len) (i32.const 1))
            (then (call $harm (i32.load8_u offset=1 (local.get $url))
              (local.get $url) (local.get $len)))))
        (func (export "message") (param $c i64) (param $kind i32) (param $p i32) (param $len i32)
          (call $harm (i32.load8_u (local.get $p)) (local.get $p) (local.get $len)))
        (func (export "close") (param i64 i32) (param $reason i32) (param $len i32)
          (if (local.get $len)
            (then (call $harm (i32.load8_u (local.get $reason))
              (local.get $reason) (local.get $len)))))
        (func (export "alarm") (param $attempt i32) (param i64)
          (if (local.get $attempt)
            (then (drop (call $put (i32.const 48) (i32.const 5) (i32.const 16) (i32.const 4))))
            (else
              (call $get (i32.const 40) (i32.const 4) (i32.const 64))
              (call $harm (i32.load8_u (i32.load (i32.const 68))) (i32.const 0) (i32.const 0)))))
        (func (export "complete") (param i64 i32 i32 i32)
          (if (global.get $planned)
            (then (call $harm (global.get $planned) (i32.const 0) (i32.const 0)))
            (else (drop (call $timer (i64.const 0))))))
      )
      """;
}
