// A generated matrix: every kind of container that can hold a value, times every pair of types of which one is
// seen as the other below the surface (spec 04 §4.2, §4.3), times reading, writing and calling through the wider
// view, at every level. The container stays the same object in each, so nothing may be converted
// (docs/object-model.md). Programs are made in a temporary folder.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureEngine } from '../harness/engine.mjs';
import { judgeValue } from '../harness/judge.mjs';
import { LEVELS, runTasks } from '../harness/lanes.mjs';
import { readOptions, stop } from '../harness/options.mjs';
import { finish, list } from '../harness/report.mjs';

const USAGE = `Usage: node tests/matrix/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --level LEVEL      only this level (none, balanced, release)
  --filter TEXT      only pairs and containers whose name contains the text
  --keep DIR         write the programs there and leave them`;

const DECLARATIONS = `
use std::fixed_array::all

fn first<T>(x: FixedArray<T>) -> T
  x.get(0) ?? first(x)

obj L { l: i32 }
obj R { r: i32 }
obj S { s: i32, t: f64 }
val V { v: i32, w: f64 }
val W { u: i64 }
obj Box<T> { value: T }
obj Keep<T> { first: i32, value: T, last: i64 }
obj Pair<A, B> { a: A, b: B }
trait Holds<T>
  fn held(self) -> T
`;

// narrow is seen as wide. `make(n)` gives a narrow value that stands for the number n; `number(x)` reads it back
// from a narrow value, `match` from a wide one. An opaque number cannot be read back from a wide value (7 stands for
// it), a `same` one from no value: its type has only one.
const PAIRS = {
  object: {
    narrow: 'L',
    wide: 'L | R',
    make: (n) => `L { l: ${n} }`,
    number: (x) => `${x}.l`,
    match: ['L { l }: l', 'R { r }: r + 1000'],
  },
  number: {
    narrow: 'i32',
    wide: 'i32 | L',
    make: (n) => `${n}`,
    number: (x) => x,
    match: ['L { l }: l + 1000', 'else: 7'],
    opaque: true,
  },
  nothing: {
    narrow: 'void',
    wide: 'void | L',
    make: () => 'void',
    number: () => '7',
    match: ['L { l }: l + 1000', 'else: 7'],
    opaque: true,
    same: true,
  },
  flag: {
    narrow: 'bool',
    wide: 'bool | i64 | L',
    make: (n) => (n === 5 ? 'true' : 'false'),
    number: (x) => `if ${x} then: 5 else: 6`,
    match: ['L { l }: l + 1000', 'else: 7'],
    opaque: true,
  },
  value: {
    narrow: 'V',
    wide: 'V | W',
    make: (n) => `V { v: ${n}, w: 0.5 }`,
    number: (x) => `${x}.v`,
    match: ['V { v }: v', 'W: 1000'],
  },
  some: {
    narrow: 'Some<i32>',
    wide: 'Optional<i32>',
    make: (n) => `Some<i32> { value: ${n} }`,
    number: (x) => `${x}.value`,
    match: ['Some { value }: value', 'None: 1000'],
  },
  someOptional: {
    narrow: 'Some<Some<i32>>',
    wide: 'Optional<Optional<i32>>',
    make: (n) => `Some { value: Some { value: ${n} } }`,
    number: (x) => `${x}.value.value`,
    match: ['Some { value }: value ?? 1000', 'None: 1001'],
  },
  someObject: {
    narrow: 'Some<L>',
    wide: 'Optional<L>',
    make: (n) => `Some<L> { value: L { l: ${n} } }`,
    number: (x) => `${x}.value.l`,
    match: ['Some { value }: value.l', 'None: 1000'],
  },
  someValue: {
    narrow: 'Some<V>',
    wide: 'Optional<V>',
    make: (n) => `Some<V> { value: V { v: ${n}, w: 0.25 } }`,
    number: (x) => `${x}.value.v`,
    match: ['Some { value }: value.v', 'None: 1000'],
  },
  record: {
    narrow: 'S',
    wide: '{ s: i32 }',
    make: (n) => `S { s: ${n}, t: 1.5 }`,
    number: (x) => `${x}.s`,
    read: (x) => `${x}.s`,
  },
  width: {
    narrow: '{ s: i32, t: f64 }',
    wide: '{ s: i32 }',
    make: (n) => `{ s: ${n}, t: 2.5 }`,
    number: (x) => `${x}.s`,
    read: (x) => `${x}.s`,
  },
  nested: {
    narrow: 'Box<L>',
    wide: 'Box<L | R>',
    make: (n) => `Box { value: L { l: ${n} } }`,
    number: (x) => `${x}.value.l`,
    inner: 'value',
    match: ['L { l }: l', 'R { r }: r + 1000'],
  },
  function: {
    narrow: 'fn(L | R) -> i32',
    wide: 'fn(L) -> i32',
    make: (n) => `take_${n}`,
    functions: (n) => `fn take_${n}(u: L | R) -> i32\n  match(u)\n    L { l }: l + ${n}\n    R { r }: r\n`,
    apply: 'L { l: 0 }',
  },
  result: {
    narrow: 'fn(i32) -> L',
    wide: 'fn(i32) -> L | R',
    make: (n) => `give_${n}`,
    functions: (n) => `fn give_${n}(n: i32) -> L\n  L { l: n + ${n} }\n`,
    apply: '0',
    applied: { narrow: (x) => `${x}.l`, match: ['L { l }: l', 'R { r }: r + 1000'] },
  },
};

const indent = (lines) => lines.map((line) => `  ${line}`);
const arms = (subject, lines) => [`match(${subject})`, ...indent(lines)];

// The body of `fn wide_of(x: WIDE) -> i32` and of `fn narrow_of(x: NARROW) -> i32`.
function readers(pair) {
  let wide;
  let narrow;
  if (pair.apply) {
    const call = `x(${pair.apply})`;
    wide = pair.applied ? arms(call, pair.applied.match) : [call];
    narrow = [pair.applied ? pair.applied.narrow(call) : call];
  } else {
    wide = pair.read ? [pair.read('x')] : arms(pair.inner ? `x.${pair.inner}` : 'x', pair.match);
    narrow = [pair.number('x')];
  }
  const text = (name, type, body) => [`fn ${name}(x: ${type}) -> i32`, ...indent(body)].join('\n');
  return `${text('wide_of', pair.wide, wide)}\n\n${text('narrow_of', pair.narrow, narrow)}\n`;
}

// How each container is written: its type around T, a literal around an expression, reading and writing. Where reading
// takes a function of its own, it is made for the narrow and for the wide type.
const CONTAINERS = {
  field: {
    type: (t) => `Box<${t}>`,
    make: (x) => `Box { value: ${x} }`,
    get: (c) => `${c}.value`,
    set: (c, x) => `${c}.value = ${x}`,
  },
  middleField: {
    type: (t) => `Keep<${t}>`,
    make: (x) => `Keep { first: 1, value: ${x}, last: 2i64 }`,
    get: (c) => `${c}.value`,
    set: (c, x) => `${c}.value = ${x}`,
  },
  secondArgument: {
    type: (t) => `Pair<f64, ${t}>`,
    make: (x) => `Pair { a: 0.5, b: ${x} }`,
    get: (c) => `${c}.b`,
    set: (c, x) => `${c}.b = ${x}`,
  },
  record: {
    type: (t) => `{ k: i32, value: ${t} }`,
    make: (x) => `{ k: 3, value: ${x} }`,
    get: (c) => `${c}.value`,
    set: (c, x) => `${c}.value = ${x}`,
  },
  tuple: { type: (t) => `(i64, ${t})`, make: (x) => `(5i64, ${x})`, get: (c) => `${c}.1` },
  array: {
    type: (t) => `Array<${t}>`,
    make: (x) => `[${x}]`,
    get: (c) => `${c}.at(0)`,
    set: (c, x) => `${c}[0] = ${x}`,
  },
  fixedArray: {
    type: (t) => `FixedArray<${t}>`,
    make: (x) => `fixed_array_literal(${x})`,
    getter: { parameter: (t) => `FixedArray<${t}>`, body: ['first(x)'] },
    get: (c, getter) => `${getter}(${c})`,
    set: (c, x) => `let _ = ${c}.set(0, ${x})`,
  },
  twice: {
    type: (t) => `Box<Box<${t}>>`,
    make: (x) => `Box { value: Box { value: ${x} } }`,
    get: (c) => `${c}.value.value`,
    set: (c, x) => `${c}.value.value = ${x}`,
  },
  arrayInRecord: {
    type: (t) => `{ xs: Array<${t}> }`,
    make: (x) => `{ xs: [${x}] }`,
    get: (c) => `${c}.xs.at(0)`,
    set: (c, x) => `${c}.xs[0] = ${x}`,
  },
  producer: { type: (t) => `fn() -> ${t}`, make: (x) => `() => ${x}`, get: (c) => `${c}()` },
  producerInField: {
    type: (t) => `Box<fn() -> ${t}>`,
    make: (x) => `Box { value: () => ${x} }`,
    getter: { parameter: (t) => `fn() -> ${t}`, body: ['x()'] },
    get: (c, getter) => `${getter}(${c}.value)`,
  },
};

// One program: a pair in a container. Gives its text and the calls it expects.
function program(pair, container) {
  const narrow = container.type(pair.narrow);
  const wide = container.type(pair.wide);
  const functions = pair.functions ? [5, 6].map((n) => pair.functions(n)).join('\n') : '';
  const value = pair.make;
  const read = { wide: (c) => container.get(c, 'get_wide'), own: (c) => container.get(c, 'get_own') };
  const parts = [DECLARATIONS, functions, readers(pair)];
  if (container.getter) {
    for (const [name, type] of [['get_wide', pair.wide], ['get_own', pair.narrow]]) {
      parts.push(
        [`fn ${name}(x: ${container.getter.parameter(type)}) -> ${type}`, ...indent(container.getter.body)].join('\n') + '\n',
      );
    }
  }
  parts.push(`fn make() -> ${narrow}\n  ${container.make(value(5))}\n`);
  parts.push(`fn read(c: ${wide}) -> i32\n  wide_of(${read.wide('c')})\n`);
  const five = pair.opaque ? 7 : 5;
  const six = pair.opaque ? 7 : 6;
  const [ownFive, ownSix] = pair.same ? [five, six] : [5, 6];
  const cases = [];
  const add = (name, body, expected) => {
    parts.push([`pub fn ${name}() -> i32`, ...indent(body)].join('\n') + '\n');
    cases.push({ entry: name, args: [], expected });
  };
  add('through_a_parameter', ['read(make())'], five);
  add('through_a_name', [`let c: ${wide} = make()`, `wide_of(${read.wide('c')})`], five);
  add('called_as_narrow', ['let call: fn(NARROW) -> i32 = (x: WIDE) => wide_of(x)'.replace('NARROW', pair.narrow).replace('WIDE', pair.wide), `call(${value(5)})`], five);
  add('still_narrow', ['let c = make()', 'let seen = read(c)', `narrow_of(${read.own('c')}) * 10 + seen`], ownFive * 10 + five);
  parts.push(`obj Held { c: ${narrow} }\n`);
  parts.push(`impl Holds<${wide}> for Held\n  fn held(self) -> ${wide}\n    self.c\n`);
  parts.push(`fn through(h: Holds<${wide}>) -> i32\n  read(h.held())\n`);
  add('through_a_trait', ['through(Held { c: make() })'], five);
  if (container.set) {
    parts.push(`fn put(~c: ${wide}) -> void\n  ${container.set('c', value(6))}\n  void\n`);
    add('written_through_the_view', ['let ~c = make()', 'put(c)', `narrow_of(${read.own('c')}) * 10 + read(c)`], ownSix * 10 + six);
    add('written_before', ['let ~c = make()', container.set('c', value(6)), 'read(c)'], six);
  }
  return { text: parts.join('\n'), calls: cases };
}

function makePrograms(folder, filter) {
  const programs = [];
  for (const [pairName, pair] of Object.entries(PAIRS)) {
    for (const [containerName, container] of Object.entries(CONTAINERS)) {
      const id = `${pairName}-in-${containerName}`;
      if (!id.includes(filter)) continue;
      const { text, calls } = program(pair, container);
      const entry = join(folder, `${id}.voyd`);
      writeFileSync(entry, text);
      programs.push({ id, entry, calls });
    }
  }
  return programs;
}

async function main() {
  const options = readOptions(
    { level: { type: 'string' }, filter: { type: 'string', default: '' }, keep: { type: 'string' } },
    USAGE,
  );
  ensureEngine();
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'voyd-matrix-'));
  const programs = makePrograms(folder, options.filter);
  if (programs.length === 0) stop('nothing matches the filter');
  const levels = options.level ? [options.level] : LEVELS;
  const tasks = programs.flatMap((one) => levels.map((level) => ({ program: one, level, calls: one.calls })));
  const results = await runTasks(options.voydc, tasks);
  const failures = [];
  let passed = 0;
  for (const [index, { program: one, level, calls }] of tasks.entries()) {
    const result = results[index];
    for (const [position, { entry, expected }] of calls.entries()) {
      let reason;
      if (result.kind === 'done') reason = judgeValue(result.outcomes[position], expected);
      else if (result.kind === 'crash') reason = `compiler crash: ${result.reason}`;
      else reason = `does not compile: ${result.diagnostics.map(({ code, message }) => `${code} ${message}`).join('; ')}`;
      if (reason === null) passed++;
      else failures.push(`${one.id} ${entry} (${level}): ${reason}`);
    }
  }
  if (!options.keep) rmSync(folder, { recursive: true, force: true });
  list('Failed:', failures);
  console.log(`${programs.length} programs at ${levels.length} levels`);
  finish(passed, failures.length);
}

await main();
