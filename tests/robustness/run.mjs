// What a trap, a panic and an exhausted stack leave behind: nothing. Every later call works, whatever was running when
// the program stopped, at every level.
//
// usage: node tests/robustness/run.mjs [NAME-PART...]   (the compiler: the variable VOYDC, else build/voydc)

import assert from 'node:assert/strict';

import { isTrap, isVoydRuntimeError } from '../../runtime-wasm/host/traps.mjs';
import { ensureEngine } from '../harness/engine.mjs';
import { runTests } from '../harness/place.mjs';
import { rule } from '../harness/rule.mjs';

ensureEngine();

const traps = (work, message) => assert.throws(work, (error) => isTrap(error) && message.test(error.message));
const panics = (work, text) => assert.throws(work, (error) => isVoydRuntimeError(error) && error.voyd.panic?.message === text);

// The three ways to stop, as statements of a function with an i32 `how`.
const STOPS = `use std::error::panic

fn endless(n: i32) -> i32
  1 + endless(n + 1)

fn stop(how: i32) -> i32
  if
    how == 1: 1 / (how - 1)
    how == 2:
      panic("stopped")
      0
    how == 3: endless(0)
    else: how

`;

function stopsEachWay(f, entry) {
  traps(() => f(entry, 1), /^divide by zero$/);
  panics(() => f(entry, 2), 'stopped');
  traps(() => f(entry, 3), /call stack/);
}

rule(
  'after a stop in nested calls every later call works',
  `${STOPS}obj Box {
  n: i32
}

fn inner(~box: Box, how: i32) -> i32
  box.n = box.n + 1
  let seen = stop(how)
  box.n = box.n + seen
  box.n

pub fn nested(how: i32) -> i32
  let ~box = Box { n: 10 }
  inner(~box, how) + box.n

pub fn text(words: Array<String>, how: i32) -> String
  var all = ""
  for word in words:
    all = all.concat(word)
    let seen = stop(how)
  all
`,
  (f) => {
    for (let round = 0; round < 3; round++) {
      stopsEachWay(f, 'nested');
      assert.equal(f('nested', 5), 32);
      for (const how of [1, 2, 3]) assert.throws(() => f('text', ['a', 'b'], how));
      assert.equal(f('text', ['a', 'b'], 0), 'ab');
    }
  },
);

rule(
  'a stop in an initialiser leaves its let unevaluated, and the others evaluated',
  `${STOPS}obj Cell {
  n: i32
}

let zero = 0
let good = Cell { n: 7 }
let broken = Cell { n: good.n / zero }
let refused = refuse(good.n)
let circular = through_a_function()
let deep = endless(0)

fn refuse(n: i32) -> i32
  if n > 0:
    panic("refused")
  n

fn through_a_function() -> i32
  circular + 1

pub fn read_broken() -> i32
  broken.n + 1

pub fn read_refused() -> i32
  refused + 1

pub fn read_circular() -> i32
  circular + 1

pub fn read_deep() -> i32
  deep + 1

pub fn read_good() -> i32
  good.n
`,
  (f) => {
    for (let round = 0; round < 3; round++) {
      traps(() => f('read_broken'), /^divide by zero$/);
      panics(() => f('read_refused'), 'refused');
      traps(() => f('read_circular'), /^unreachable$/);
      traps(() => f('read_deep'), /call stack/);
      assert.equal(f('read_good'), 7);
    }
  },
);

// The function in which a call ran out of stack, or that it did not.
function endsIn(f, entry, depth) {
  try {
    f(entry, depth);
    return 'a value';
  } catch (error) {
    return error.voyd.trap.functionName;
  }
}

const PRINTS = 'use std::output::{ Output, OutputResult, print }\n';
const answered = { ok: true, code: 0, message: '' };
const onPrint = (answer) => ({ 'voyd.std.output': { write_op: ({ value }) => answer(value) ?? answered } });

rule(
  'after a stop in a call from inside a host call the outer call goes on',
  `${PRINTS}${STOPS}pub fn again(how: i32) -> String
  "got ".concat(if stop(how) == 0 then: "nothing" else: "something")

pub fn outer(words: Array<String>): Output -> Array<String>
  let ~seen = Array<String>::init()
  for word in words:
    print(word)
    seen.push(word.concat("!"))
  seen
`,
  (f) => {
    assert.deepEqual(f('outer', ['a', 'b', 'c', 'd']), ['a!', 'b!', 'c!', 'd!']);
    assert.equal(f('again', 5), 'got something');
  },
  (f) =>
    onPrint(() => {
      assert.equal(f('again', 0), 'got nothing');
      for (const how of [1, 2, 3]) assert.throws(() => f('again', how), isTrap);
    }),
);

rule(
  'a trap of the outer call is not the panic of an inner one',
  `${PRINTS}${STOPS}pub fn inner() -> i32
  stop(2)

pub fn outer(n: i32): Output -> i32
  print("now")
  1 / n
`,
  (f) => {
    assert.throws(() => f('outer', 0), (error) => error.voyd.panic === undefined && error.message === 'divide by zero');
    assert.equal(f('outer', 1), 1);
  },
  (f) => onPrint(() => panics(() => f('inner'), 'stopped')),
);

rule(
  'clauses of the outer call are active again after a call from inside a host call, however that ended',
  `${PRINTS}${STOPS}eff Ask
  ask(resume) -> i32

fn asks(): Ask -> i32
  Ask::ask()

pub fn alone(how: i32) -> i32
  try
    asks() + stop(how)
    Ask::ask(resume):
      resume(1)

fn work(): (Ask, Output) -> i32
  let before = asks()
  print("x")
  before + asks()

pub fn outer(): Output -> i32
  try open
    work()
    Ask::ask(resume):
      resume(20)
`,
  (f) => {
    assert.equal(f('outer'), 40);
    assert.equal(f('alone', 0), 1);
  },
  (f) =>
    onPrint(() => {
      assert.equal(f('alone', 4), 5);
      for (const how of [1, 2, 3]) assert.throws(() => f('alone', how), isTrap);
    }),
);

rule(
  'a let whose initialiser ran out of stack inside a host call is evaluated by the outer call',
  `${PRINTS}fn deep(n: i32) -> i32
  if n == 0 then: 5 else: 2 - deep(n - 1)

fn again(n: i32) -> i32
  if n < 0 then: sum else: deep(n)

let sum = again(300)

fn far(n: i32) -> i32
  if n == 0 then: sum else: 1 - far(n - 1)

fn plain(n: i32) -> i32
  if n == 0 then: 0 else: 1 - plain(n - 1)

pub fn probe(n: i32) -> i32
  1 - plain(n)

pub fn down(n: i32) -> i32
  1 - far(n)

pub fn outer(): Output -> i32
  print("x")
  sum
`,
  (f) => assert.equal(f('outer'), 5),
  (f) =>
    onPrint(() => {
      // Down from a depth that is too much even without the initialiser, until it is the one that runs out of stack.
      let [depth, most] = [0, 1 << 20];
      while (most - depth > 50) {
        const middle = (depth + most) >> 1;
        if (endsIn(f, 'probe', middle) === 'a value') depth = middle;
        else most = middle;
      }
      while (endsIn(f, 'down', most) === 'far') most -= 50;
      assert.equal(endsIn(f, 'down', most), 'deep');
    }),
);

rule(
  'an error thrown by a host call ends the call with that error, and is no trap',
  `${PRINTS}pub fn outer(n: i32): Output -> i32
  print("x")
  n
`,
  (f) => {
    assert.throws(() => f('outer', 1), (error) => error.message === 'the disk is full' && !isVoydRuntimeError(error));
    assert.equal(f('outer', 2), 2);
  },
  (() => {
    return () => {
      let calls = 0;
      return onPrint(() => {
        if (calls++ === 0) throw new Error('the disk is full');
      });
    };
  })(),
);

await runTests(process.argv.slice(2));
