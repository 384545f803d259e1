// Who wrote which byte: positions in modules, the traps that are reported with them, and `voydc perf`.
//
// usage: node tests/attribution/run.mjs [NAME-PART...]   (the compiler: the variable VOYDC, else build/voydc)

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ensureEngine } from '../harness/engine.mjs';
import { PROJECT } from '../harness/options.mjs';
import { Place, runTests, test } from '../harness/place.mjs';
import { LEVELS } from '../harness/rule.mjs';

ensureEngine();

const SCENARIOS = join(PROJECT, 'perf', 'scenarios');
const POSITIONS = 'voyd.runtime_diagnostics';

const scenarios = readdirSync(SCENARIOS).map((name) => {
  return join(SCENARIOS, name, JSON.parse(readFileSync(join(SCENARIOS, name, 'scenario.json'))).entry);
});

// --- Traps ---------------------------------------------------------------------------------------------------

// The frames `function:line` of the trap of `main`, at every level the same; `message` is the reason. A call in tail
// position leaves no frame, so the calls here are not in one.
async function expectTrap(files, message, frames) {
  const place = new Place(typeof files === 'string' ? { 'src/main.voyd': files } : files);
  for (const level of LEVELS) {
    const { stdout } = await place.run(['run', '--json', '--opt-level', level, 'src/main.voyd']);
    const { trap } = JSON.parse(stdout);
    const seen = trap.frames.map((frame) => `${frame.function}:${frame.line ?? '?'}`);
    assert.deepEqual(seen, frames, `level ${level}`);
    assert.equal(trap.message, message, `level ${level}`);
    assert.deepEqual([trap.function, trap.file, trap.line], Object.values(trap.frames[0]), `level ${level}`);
  }
}

test('a trap has a frame for every call, inlined or not', () =>
  expectTrap(
    `fn divide(a: i32, b: i32) -> i32
  a / b

fn middle(n: i32) -> i32
  var total = 0
  var i = n
  while i > 0:
    total = total + divide(100, i - 3)
    i = i - 1
  total

pub fn main() -> i32
  middle(7) + 1
`,
    'divide by zero',
    ['divide:2', 'middle:8', 'main:13'],
  ));

test('a trap in code that was inlined twice names the call that it came by', () =>
  expectTrap(
    `fn divide(a: i32, b: i32) -> i32
  a / b

fn both(a: i32, b: i32) -> i32
  let x = divide(a, b + 1)
  let y = divide(a, b)
  x + y

pub fn main() -> i32
  both(1, 0) + 1
`,
    'divide by zero',
    ['divide:2', 'both:6', 'main:10'],
  ));

test('recursion shows each of its frames', () =>
  expectTrap(
    `fn down(n: i32) -> i32
  if n == 0:
    return 1 / n
  down(n - 1) + n

pub fn main() -> i32
  down(3) + 1
`,
    'divide by zero',
    ['down:3', 'down:4', 'down:4', 'down:4', 'main:7'],
  ));

test('a panic is at the function outside std that panicked, with its text', () =>
  expectTrap(
    `fn refuse(n: i32) -> i32
  if n > 2:
    panic("too much")
  n

pub fn main() -> i32
  refuse(3) + 1
`,
    'too much',
    ['refuse:3', 'main:7'],
  ));

test('lambdas, methods and functions of other files have frames', () =>
  expectTrap(
    {
      'src/main.voyd': `use src::steps::apply

obj Scale {
  by: i32
}

impl Scale
  fn divide(self, n: i32) -> i32
    n / self.by

pub fn main() -> i32
  let scale = Scale { by: 0 }
  apply(7, (n: i32) => scale.divide(n) + 1) + 1
`,
      'src/steps.voyd': `pub fn apply(n: i32, f: fn(i32) -> i32) -> i32
  f(n) + 1
`,
    },
    'divide by zero',
    ['divide:9', 'fn in main:13', 'apply:2', 'main:13'],
  ));

// --- Sizes -------------------------------------------------------------------------------------------------------

// Compiles to bytes.
async function compile(place, entry, level, args = []) {
  const outcome = await place.run(['compile', entry, '--opt-level', level, '-o', 'module.wasm', ...args]);
  assert.equal(outcome.status, 0, outcome.stderr);
  return place.read('module.wasm');
}

const sum = (rows) => rows.reduce((total, { bytes }) => total + bytes, 0);

async function sizes(place, args) {
  const { stdout, stderr, status } = await place.run(['perf', 'size', '--json', ...args]);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test('positions add a section at the end and change no other byte, and sizes add up', async (place) => {
  for (const entry of scenarios) {
    for (const level of LEVELS) {
      const what = `${entry}, ${level}`;
      const plain = await compile(place, entry, level);
      const known = await compile(place, entry, level, ['--runtime-diagnostics']);
      assert.ok(known.subarray(0, plain.length).equals(plain), what);
      const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(known), POSITIONS);
      assert.ok(section.byteLength > 0 && plain.indexOf(POSITIONS) < 0, what);
      const table = await sizes(place, ['module.wasm']);
      for (const rows of [table.modules, table.functions, table.lines]) assert.equal(sum(rows), known.length, what);
      const written = table.lines.filter(({ line }) => line > 0);
      assert.ok(plain.length < 1000 || sum(written) * 2 > plain.length, `${what}: most bytes have a line`);
    }
  }
});

test('the table of a program is that of its module, without the positions', async (place) => {
  const [entry] = scenarios;
  const shipped = await compile(place, entry, 'release');
  const { length } = await compile(place, entry, 'release', ['--runtime-diagnostics']);
  const fromFile = await sizes(place, ['module.wasm']);
  const fromSource = await sizes(place, [entry]);
  const own = fromFile.functions.filter((row) => row.function !== `custom ${POSITIONS}`);
  assert.equal(fromFile.bytes, length);
  assert.equal(fromSource.bytes, shipped.length);
  assert.deepEqual(own, fromSource.functions);
});

test('code is booked under the function that it was written in, with its type arguments', async (place) => {
  const files = {
    'src/main.voyd': `use src::other::grown

pub fn main() -> i32
  let xs = [1, 2, 3]
  var total = 0
  for x in xs:
    total = total + grown<i32>(x, xs)
  total
`,
    'src/other.voyd': `pub fn grown<T>(x: T, all: Array<T>) -> i32
  all.len() * 1000003
`,
  };
  const own = new Place(files);
  for (const level of LEVELS) {
    const { lines } = await sizes(own, ['src/main.voyd', '--opt-level', level]);
    const row = lines.find((line) => line.function === 'grown<i32>' && line.line === 2);
    assert.equal(row?.module, 'src::other', level);
    assert.equal(row.file, 'src/other.voyd');
    assert.ok(row.bytes >= 4, 'the constant alone takes four');
    assert.ok(lines.some(({ module }) => module === 'std::array'), level);
  }
});

test('a table for people ends with the rows that it does not show, and the total', async (place) => {
  const { stdout } = await place.run(['perf', 'size', scenarios[0], '--by', 'function', '--top', '2']);
  assert.match(stdout, /^\S+, release: \d+ bytes\n\n +bytes +share +function\n(?:[^\n]+\n){2}[^\n]+\(\d+ more\)\n[^\n]+total\n$/);
  const numbers = stdout.split('\n').slice(3, -1).map((line) => Number(line.trim().split(' ')[0]));
  assert.equal(numbers[0] + numbers[1] + numbers[2], numbers[3]);
});

test('two tables are compared row by row, joined by name', async () => {
  const program = (more) => `fn f(n: i32) -> i32\n  n * 7\n\npub fn main() -> i32\n  f(3)${more}\n`;
  const place = new Place({ 'a.voyd': program(''), 'b.voyd': program(' + f(4)') });
  for (const name of ['a', 'b']) {
    await place.run(['perf', 'size', `${name}.voyd`, '--opt-level', 'none', '--csv', `${name}.csv`]);
  }
  const before = (await sizes(place, ['a.voyd', '--opt-level', 'none'])).bytes;
  const after = (await sizes(place, ['b.voyd', '--opt-level', 'none'])).bytes;
  const { stdout } = await place.run(['perf', 'compare', 'a.csv', 'b.csv', '--by', 'module']);
  assert.match(stdout, new RegExp(` ${before} +${after} +\\+${after - before}  total\n$`));
  await place.run(['perf', 'compare', 'a.csv', 'b.csv', '--csv', 'c.csv']);
  const [head, ...rows] = place.read('c.csv').toString().trim().split('\n').map((line) => line.split(','));
  assert.deepEqual(head.slice(-3), ['baseBytes', 'headBytes', 'delta']);
  assert.equal(rows.reduce((total, row) => total + Number(row.at(-1)), 0), after - before);
  await place.expect(['perf', 'compare', 'a.voyd', 'b.csv'], { status: 1, stderr: /^cannot read a\.voyd: it is no table/ });
});

test('the page holds its data and needs nothing beside it', async (place) => {
  await place.expect(['perf', 'size', scenarios[0], '--html', 'page.html'], {});
  const page = place.read('page.html').toString();
  const data = JSON.parse(/^const data = (.*);$/m.exec(page)[1]);
  assert.equal(sum(data.lines), data.bytes);
  assert.doesNotMatch(page, /https?:|src=|@import/);
});

test('what has no positions is refused', async (place) => {
  await compile(place, scenarios[0], 'none');
  await place.expect(['perf', 'size', 'module.wasm'], { status: 1, stderr: /it has no positions; compile it with --runtime-diagnostics/ });
  await place.expect(['perf', 'size', 'missing.wasm'], { status: 1, stderr: /^cannot read missing\.wasm/ });
  await place.expect(['perf'], { status: 2, stderr: /^error: voydc perf size/ });
  await place.expect(['perf', 'size', 'a.voyd', '--top', 'x'], { status: 2, stderr: /^invalid count "x" for --top/ });
});

await runTests(process.argv.slice(2));
