import assert from "node:assert/strict";
import { test } from "node:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Interpreter } from "../outline/interpreter.mjs";

const BINARYEN = fileURLToPath(new URL("../../node_modules/binaryen/bin/", import.meta.url));

/** A small machine: instructions of one byte, a stack in memory, ways out of the loop by its end, by an error and by a tail. */
const MACHINE = `(module
 (import "host" "note" (func $note (param i32)))
 (memory (export "memory") 1)
 (export "run" (func $run))
 (func $run (param $pc i32) (param $sp i32) (result i32)
  (local $op i32)
  (local $a i32)
  (local $error i32)
  (local $sum i64)
  (block $end
   (block $failed
    (loop $again
     (block $caught
      (block $tail
       (block $halt
        (block $jump
         (block $divide
          (block $add
           (block $push
            (local.set $op (i32.load8_u (local.get $pc)))
            (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
            (br_table $push $add $divide $jump $halt $failed (local.get $op))
           )
           (local.set $a (i32.load8_u (local.get $pc)))
           (i32.store (local.get $sp) (local.get $a))
           (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
           (local.set $sp (i32.add (local.get $sp) (i32.const 4)))
           (br $again)
          )
          (local.set $a (i32.load (i32.sub (local.get $sp) (i32.const 4))))
          (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $a))))
          (local.set $sp (i32.sub (local.get $sp) (i32.const 4)))
          (i32.store (i32.sub (local.get $sp) (i32.const 4)) (i32.add (local.get $a) (i32.load (i32.sub (local.get $sp) (i32.const 4)))))
          (br $again)
         )
         (local.set $a (i32.load (i32.sub (local.get $sp) (i32.const 4))))
         (local.set $sp (i32.sub (local.get $sp) (i32.const 4)))
         (if (i32.eqz (local.get $a)) (then (local.set $error (i32.sub (local.get $pc) (i32.const 1))) (br $caught)))
         (br_if $tail (i32.eq (local.get $a) (i32.const 1)))
         (i32.store (i32.sub (local.get $sp) (i32.const 4)) (i32.div_u (i32.load (i32.sub (local.get $sp) (i32.const 4))) (local.get $a)))
         (br $again)
        )
        (local.set $a (i32.load (i32.sub (local.get $sp) (i32.const 4))))
        (local.set $sp (i32.sub (local.get $sp) (i32.const 4)))
        (if (local.get $a) (then
         (local.set $pc (i32.sub (local.get $pc) (i32.load8_u (local.get $pc))))
         (call $note (i32.add (local.get $pc) (i32.mul (local.get $a) (i32.const 1000))))
         (br $again)))
        (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
        (br $again)
       )
       (br $end)
      )
      (call $note (i32.add (local.get $sp) (i32.add (local.get $a) (i32.load8_u (local.get $pc)))))
      (local.set $sum (i64.mul (local.get $sum) (i64.const 3)))
      (br $again)
     )
     (local.set $a (i32.add (local.get $error) (i32.const 7)))
    )
    (return (i32.add (local.get $a) (i32.wrap_i64 (local.get $sum))))
   )
   (return (i32.sub (i32.const 0) (local.get $pc)))
  )
  (i32.add (i32.load (i32.sub (local.get $sp) (i32.const 4))) (i32.wrap_i64 (local.get $sum)))
 )
)`;

function assemble(text) {
  const folder = mkdtempSync(join(tmpdir(), "dormouse-outline-"));
  try {
    writeFileSync(join(folder, "module.wat"), text);
    const done = spawnSync(process.execPath, [join(BINARYEN, "wasm-as"), join(folder, "module.wat"), "-o", join(folder, "module.wasm")], { encoding: "utf8" });
    assert.equal(done.status, 0, done.stderr);
    return new WebAssembly.Module(readFileSync(join(folder, "module.wasm")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a program answers, what it tells the host, and what its memory holds then. */
function observe(module, program, tick = () => {}) {
  const notes = [];
  const { exports } = new WebAssembly.Instance(module, { host: { note: (value) => notes.push(value) }, profile: { tick } });
  const memory = new Uint8Array(exports.memory.buffer);
  memory.set(program);
  const answer = exports.run(0, 1024);
  return { answer, notes, memory: Buffer.from(memory.slice(0, 2048)).toString("hex") };
}

const [PUSH, ADD, DIVIDE, JUMP, HALT, FAIL] = [0, 1, 2, 3, 4, 5];
const PROGRAMS = {
  sums: [PUSH, 2, PUSH, 3, ADD, PUSH, 4, ADD, HALT],
  divides: [PUSH, 90, PUSH, 3, DIVIDE, PUSH, 2, DIVIDE, HALT],
  "leaves by the loop's end": [PUSH, 9, PUSH, 5, ADD, PUSH, 0, DIVIDE, HALT],
  "takes the tail": [PUSH, 9, PUSH, 8, ADD, PUSH, 1, DIVIDE, HALT],
  "jumps on": [PUSH, 5, PUSH, 0, JUMP, 0, PUSH, 6, ADD, HALT],
  "jumps back": [PUSH, 0, PUSH, 4, JUMP, 1, HALT],
  fails: [PUSH, 1, FAIL],
  "is not known": [PUSH, 1, PUSH, 2, ADD, 77],
};

test("a machine in parts does what the whole one does, whatever moved out of it", () => {
  const interpreter = new Interpreter(MACHINE, "$run");
  const whole = assemble(MACHINE);
  const counting = assemble(interpreter.counting());
  const expected = Object.fromEntries(Object.entries(PROGRAMS).map(([name, program]) => [name, observe(whole, program)]));
  assert.equal(new Set(Object.values(expected).map(({ answer }) => answer)).size >= 6, true);
  for (const [trained, workload] of Object.entries(PROGRAMS)) {
    const ticks = new Map();
    observe(counting, workload, (place) => ticks.set(place, (ticks.get(place) ?? 0) + 1000));
    const text = interpreter.split(ticks);
    assert.match(text, /\(func \$part_0 /, `nothing moved out after "${trained}"`);
    const split = assemble(text);
    for (const [name, program] of Object.entries(PROGRAMS)) {
      assert.deepEqual(observe(split, program), expected[name], `"${name}" after a workload that ${trained}`);
    }
  }
});

test("counting changes nothing", () => {
  const counting = assemble(new Interpreter(MACHINE, "$run").counting());
  const whole = assemble(MACHINE);
  for (const [name, program] of Object.entries(PROGRAMS)) assert.deepEqual(observe(counting, program), observe(whole, program), name);
});
