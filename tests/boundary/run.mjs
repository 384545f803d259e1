// Values across the boundary (spec 06 §15) and calls of exported functions (06 §16), as JavaScript sees them: one rule
// each, at every level.
//
// usage: node tests/boundary/run.mjs [NAME-PART...]   (the compiler: the variable VOYDC, else build/voydc)

import assert from 'node:assert/strict';

import { isVoydRuntimeError } from '../../runtime-wasm/host/traps.mjs';
import { ensureEngine } from '../harness/engine.mjs';
import { runTests } from '../harness/place.mjs';
import { fails, rule } from '../harness/rule.mjs';

ensureEngine();

// A function that gives back what it is given: both directions of the mapping.
const echo = (type, declarations = '') => `${declarations}\npub fn echo(x: ${type}) -> ${type}\n  x\n`;

// --- 06 §15: the mapping -----------------------------------------------------------------------------------------

rule('bool is a boolean, never a number', echo('bool'), (f) => {
  assert.equal(f('echo', true), true);
  assert.equal(f('echo', false), false);
  fails(() => f('echo', 1), 'typed export echo arg0 expected bool, got number');
});

rule('i32 is a whole number of 32 bits', echo('i32'), (f) => {
  for (const value of [0, -1, 2 ** 31 - 1, -(2 ** 31)]) assert.equal(f('echo', value), value);
  for (const value of [1.5, 2 ** 31, Infinity]) fails(() => f('echo', value), 'typed export echo arg0 expected i32, got number');
  fails(() => f('echo', NaN), 'typed export echo arg0 expected i32, got NaN');
  fails(() => f('echo', '1'), 'typed export echo arg0 expected i32, got string');
});

rule('i64 is a bigint; a safe integer is taken too', echo('i64'), (f) => {
  for (const value of [0n, -(2n ** 63n), 2n ** 63n - 1n]) assert.equal(f('echo', value), value);
  assert.equal(f('echo', 7), 7n);
  fails(() => f('echo', 2 ** 53), 'typed export echo arg0 expected i64, got number');
  fails(() => f('echo', 2n ** 63n), 'typed export echo arg0 expected i64, got bigint');
});

rule('f32 is rounded, f64 is not', 'pub fn echo(x: f32, y: f64) -> (f32, f64)\n  (x, y)\n', (f) => {
  assert.deepEqual(f('echo', 0.1, 0.1), { 0: Math.fround(0.1), 1: 0.1 });
  assert.deepEqual(f('echo', NaN, -Infinity), { 0: NaN, 1: -Infinity });
  assert.ok(Object.is(f('echo', -0, -0)[1], -0));
  fails(() => f('echo', 1n, 1), 'typed export echo arg0 expected f32, got bigint');
});

rule('void is undefined, and anything is taken for it', 'pub fn nothing(x: void) -> void\n  x\n', (f) => {
  assert.equal(f('nothing', 'ignored'), undefined);
});

rule('an object without fields is an object without fields', echo('Empty', 'obj Empty {}'), (f) => {
  assert.deepEqual(f('echo', {}), {});
  fails(() => f('echo', { a: 1 }), 'typed export echo arg0 has unknown field a');
});

rule('a String is a string; lone surrogates are replaced', echo('String'), (f) => {
  for (const value of ['', 'añ€😀', 'x'.repeat(70000)]) assert.equal(f('echo', value), value);
  assert.equal(f('echo', 'a\ud800b'), 'a\ufffdb');
  fails(() => f('echo', 1), 'typed export echo arg0 expected String, got number');
});

rule('Bytes are a Uint8Array of their own', echo('Bytes', 'use std::bytes::all'), (f) => {
  const given = Uint8Array.of(0, 1, 255);
  const bytes = f('echo', given);
  assert.deepEqual(bytes, given);
  assert.equal(bytes.buffer.byteLength, 3);
  assert.deepEqual(f('echo', new Uint8Array()), new Uint8Array());
  fails(() => f('echo', [1]), 'typed export echo arg0 expected Uint8Array, got array');
});

rule('an Array is an array, a hole in it undefined', echo('Array<Array<i32>>'), (f) => {
  for (const value of [[], [[]], [[1, 2], [], [3]]]) assert.deepEqual(f('echo', value), value);
  fails(() => f('echo', [[1], [2, 'x']]), 'typed export echo arg0[1][1] expected i32, got string');
  fails(() => f('echo', [[1, , 3]]), 'typed export echo arg0[0][1] expected i32, got undefined');
  fails(() => f('echo', { 0: [] }), 'typed export echo arg0 expected array, got object');
});

const POINT = 'obj Point {\n  x: i32,\n  y?: i32\n}';
rule('what is written fits however long it grows', echo('Array<Point>', POINT), (f) => {
  const points = Array.from({ length: 200 }, (_, x) => (x % 3 === 0 ? { x } : { x, y: -x }));
  for (let count = 0; count < points.length; count++) assert.deepEqual(f('echo', points.slice(0, count)), points.slice(0, count));
});

rule('a record is an object with its fields in order; a Map is taken too', echo('Point', POINT), (f) => {
  assert.deepEqual(Object.keys(f('echo', { y: 2, x: 1 })), ['x', 'y']);
  assert.deepEqual(f('echo', new Map([['x', 1], ['y', 2]])), { x: 1, y: 2 });
  fails(() => f('echo', { x: 1, z: 2 }), 'typed export echo arg0 has unknown field z');
  fails(() => f('echo', { y: 1 }), 'typed export echo arg0.x expected i32, got undefined');
  fails(() => f('echo', null), 'typed export echo arg0 expected object, got null');
});

rule('a field that may be absent is absent or undefined, never null', echo('Point', POINT), (f) => {
  assert.deepEqual(f('echo', { x: 1 }), { x: 1 });
  assert.deepEqual(f('echo', { x: 1, y: undefined }), { x: 1 });
  fails(() => f('echo', { x: 1, y: null }), 'typed export echo arg0.y expected i32, got null');
});

rule('values and structural records are records', echo('{ a: Pair, b: String }', 'val Pair {\n  x: i32,\n  y: i64\n}'), (f) => {
  assert.deepEqual(f('echo', { a: { x: 1, y: 2n }, b: 'c' }), { a: { x: 1, y: 2n }, b: 'c' });
});

rule('a tuple is an object of its places, never an array', echo('(i32, String)'), (f) => {
  assert.deepEqual(f('echo', { 0: 1, 1: 'a' }), { 0: 1, 1: 'a' });
  fails(() => f('echo', [1, 'a']), 'typed export echo arg0 expected object, got array');
});

const SHAPE = 'enum Shape\n  Circle { r: f64 }\n  Dot\n';
rule('an enum carries its tag beside its fields', echo('Shape', SHAPE), (f) => {
  assert.deepEqual(f('echo', { tag: 'Circle', r: 2 }), { tag: 'Circle', r: 2 });
  assert.deepEqual(f('echo', { $variant: 'Dot' }), { tag: 'Dot' });
  for (const value of [{ r: 2 }, { tag: 'Square' }, {}]) {
    fails(() => f('echo', value), 'typed export echo arg0 expected variant tag Circle | Dot');
  }
  fails(() => f('echo', { tag: 'Dot', r: 2 }), 'typed export echo arg0 has unknown field r');
});

rule('a variant as a type carries its tag, which must match', echo('Shape::Circle', SHAPE), (f) => {
  assert.deepEqual(f('echo', { tag: 'Circle', r: 2 }), { tag: 'Circle', r: 2 });
  fails(() => f('echo', { r: 2 }), 'typed export echo arg0 expected variant tag Circle');
  fails(() => f('echo', { tag: 'Dot' }), 'typed export echo arg0 expected variant tag Circle');
});

rule('a union of named records is tagged by their names', echo('Cat | Dog', 'obj Cat {\n  lives: i32\n}\nobj Dog {\n  name: String\n}'), (f) => {
  assert.deepEqual(f('echo', { tag: 'Dog', name: 'Rex' }), { tag: 'Dog', name: 'Rex' });
});

rule('an Option is Some with a value or None', echo('Option<String>'), (f) => {
  assert.deepEqual(f('echo', { tag: 'Some', value: 'a' }), { tag: 'Some', value: 'a' });
  assert.deepEqual(f('echo', { tag: 'None' }), { tag: 'None' });
  fails(() => f('echo', 'a'), 'typed export echo arg0 expected object, got string');
});

rule('a Result is Ok with a value or Err with an error', echo('Result<i32, String>', 'use std::result::all'), (f) => {
  assert.deepEqual(f('echo', { tag: 'Ok', value: 1 }), { tag: 'Ok', value: 1 });
  assert.deepEqual(f('echo', { tag: 'Err', error: 'no' }), { tag: 'Err', error: 'no' });
});

const NODE = 'obj Node {\n  value: i32,\n  next?: Node\n}\n';
const chain = (length) => Array.from({ length }).reduce((next, _, value) => (next ? { value, next } : { value }), null);
rule('recursive types nest to the limit', echo('Node', NODE), (f) => {
  assert.deepEqual(f('echo', chain(128)), chain(128));
  assert.throws(() => f('echo', chain(129)), /exceeds maximum DTO depth 128$/);
  const ring = { value: 1 };
  ring.next = ring;
  fails(() => f('echo', ring), 'typed export echo arg0.next cannot encode cyclic object graph');
});

rule(
  'a result that holds itself, or is too deep, is an error and no trap',
  `${NODE}
pub fn knot() -> Node
  let ~node = Node { value: 1 }
  node.next = node
  node

pub fn deep(n: i32) -> Node
  var at = Node { value: 0 }
  var i = 1
  while i < n:
    at = Node { value: i, next: at }
    i = i + 1
  at
`,
  (f) => {
    for (const work of [() => f('knot'), () => f('deep', 129)]) {
      assert.throws(work, (error) => {
        assert.match(error.message, /^serialized export \w+ failed \(dto\.write\): cannot encode cyclic object graph/);
        return !isVoydRuntimeError(error);
      });
    }
    assert.deepEqual(f('deep', 128), chain(128));
  },
);

rule('values are copied: what was one object is two', `${NODE}\npub fn twice() -> (Node, Node)\n  let node = Node { value: 1 }\n  (node, node)\n`, (f) => {
  const { 0: first, 1: second } = f('twice');
  assert.deepEqual(first, second);
  assert.notEqual(first, second);
});

rule(
  'types that have no mapping leave their function raw',
  'pub fn apply(f: fn(i32) -> i32) -> i32\n  f(1)\n\nobj Secret {\n  pri x: i32\n}\n\npub fn secret(s: Secret) -> i32\n  1\n\npub fn mixed(x: i32 | String) -> i32\n  1\n\npub fn one() -> i32\n  1\n',
  (f) => {
    for (const name of ['apply', 'secret', 'mixed']) {
      assert.throws(() => f(name, {}), new RegExp(`^Error: typed export ${name} arg0 has a type that only Voyd code can make`));
    }
    assert.equal(f('one'), 1);
  },
);

// --- 06 §16: calls -------------------------------------------------------------------------------------------------

rule('an argument count that does not fit is refused before any code runs', 'pub fn add(a: i32, b: i32) -> i32\n  a + b\n', (f) => {
  assert.equal(f('add', 1, 2), 3);
  fails(() => f('add', 1), 'typed export add expected 2 args, got 1');
  fails(() => f('add', 1, 2, 3), 'typed export add expected 2 args, got 3');
  fails(() => f('other'), 'Missing export other');
});

rule(
  'last arguments with defaults may be left out, and are used when given',
  `pub fn area(w: i32, h: i32 = w + 1, times: i32 = h * 2) -> i32
  w * h * times

pub fn greeting(name: String, mark: String = "!") -> String
  "hello ".concat(name).concat(mark)

pub fn all(a: bool = true, b: f64 = 0.5) -> f64
  if a then: b else: -b
`,
  (f) => {
    assert.deepEqual([f('area', 2), f('area', 2, 5), f('area', 2, 5, 1)], [36, 100, 10]);
    assert.deepEqual([f('greeting', 'you'), f('greeting', 'you', '?')], ['hello you!', 'hello you?']);
    assert.deepEqual([f('all'), f('all', false), f('all', false, 2)], [0.5, -0.5, -2]);
    fails(() => f('area'), 'typed export area expected 1 to 3 args, got 0');
    fails(() => f('greeting', 'a', 'b', 'c'), 'typed export greeting expected 1 to 2 args, got 3');
    fails(() => f('greeting', 'a', 1), 'typed export greeting arg1 expected String, got number');
  },
);

rule(
  'a default is evaluated at each call, in Voyd, where it may panic',
  `use std::error::panic

fn refused() -> i32
  if true:
    panic("no default today")
  0

let start: i32 = 5

pub fn f(n: i32 = start + 1) -> i32
  n

pub fn g(n: i32 = refused()) -> i32
  n
`,
  (f) => {
    assert.deepEqual([f('f'), f('f', 1), f('f')], [6, 1, 6]);
    assert.throws(() => f('g'), (error) => error.voyd.panic.message === 'no default today');
    assert.equal(f('g', 3), 3);
  },
);

rule(
  'an optional parameter takes an Option, and None when it is left out',
  'pub fn more(n: i32, by?: i32) -> i32\n  match(by)\n    Some<i32> { value }: n + value\n    None: n\n',
  (f) => {
    assert.equal(f('more', 1, { tag: 'Some', value: 4 }), 5);
    assert.equal(f('more', 1, { tag: 'None' }), 1);
    assert.equal(f('more', 1), 1);
    fails(() => f('more', 1, 4), 'typed export more arg1 expected object, got number');
  },
);

rule('labelled parameters are passed by place', 'pub fn minus({ from: i32, the: i32 = 1 }) -> i32\n  from - the\n', (f) => {
  assert.equal(f('minus', 5, 2), 3);
  assert.equal(f('minus', 5), 4);
});

rule('of overloads the first declared is exported', 'pub fn f(a: i32) -> i32\n  a\n\npub fn f(a: String) -> String\n  a\n', (f) => {
  assert.equal(f('f', 3), 3);
});

rule('a generic function is exported as the program uses it', 'pub fn same<T>(x: T) -> T\n  x\n\npub fn use_it() -> i32\n  same<i32>(1)\n', (f) => {
  assert.equal(f('same', 4), 4);
  fails(() => f('same', 'a'), 'typed export same arg0 expected i32, got string');
});

rule(
  'a trap rejects with its report, and the instance stays usable',
  'pub fn divide(a: i32, b: i32) -> i32\n  a / b\n\npub fn at(xs: Array<i32>, i: i32) -> i32\n  xs.at(i)\n',
  (f) => {
    assert.throws(
      () => f('divide', 1, 0),
      ({ voyd: { kind, trap, transition } }) => {
        assert.deepEqual([kind, trap.functionName, trap.span.startLine], ['wasm-trap', 'divide', 1]);
        assert.deepEqual(transition, { point: 'run_pure_entry', direction: 'host->vm' });
        return true;
      },
    );
    assert.throws(() => f('at', [1], 5), (error) => error.voyd.transition.point === 'run_serialized_entry');
    assert.equal(f('divide', 6, 3), 2);
    assert.equal(f('at', [1, 2], 1), 2);
  },
);

await runTests(process.argv.slice(2));
