// How fast the checker is, and how its cost grows: checks generated typed programs and reads the time of
// `analyzeModules.check` from the compiler's own report.
// Usage: node tests/perf/bench_checker.mjs [--instructions] [VOYDC]
//
// --instructions counts what checking executes instead, with callgrind: the same in every run, for the slopes.
// A body line counts once per instance of its function: generic ones are checked for each type they are used
// with. Every figure is the least of five runs. The slope is that of a straight line through the logarithms
// of four sizes: 1 is linear.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const words = process.argv.slice(2).filter((word) => word !== '--instructions');
const counting = words.length < process.argv.length - 2;
const voydc = words[0] ?? 'build/voydc';
const RUNS = counting ? 1 : 5;
const TYPES_PER_UNIT = 2; // type arguments that each generic function is used with

const repeat = (count, line) => Array.from({ length: count }, (_, index) => line(index)).join('');

// One unit of a program: objects, a union with a match, a trait with two impls, generics, lambdas and
// overloads, in the proportions of code that people write. 44 lines of bodies, 8 of them in generic functions.
const unit = (i) => `
obj Circle${i} { radius: i32 }
obj Square${i} { side: i32, name: i32 }
type Shape${i} = Circle${i} | Square${i}
obj Pair${i}<T> { left: T, right: T }
trait Sized${i}
  fn size(self) -> i32
  fn doubled(self) -> i32
    self.size() + self.size()
impl Sized${i} for Circle${i}
  fn size(self) -> i32
    self.radius * self.radius * 3
impl Sized${i} for Square${i}
  fn size(self) -> i32
    self.side * self.side
impl Square${i}
  fn grow(~self, by: i32) -> void
    self.side = self.side + by
    self.name = self.name + 1
fn swap${i}<T>(p: Pair${i}<T>) -> Pair${i}<T>
  let left = p.right
  let right = p.left
  Pair${i} { left: left, right: right }
fn pick${i}<T>(a: T, b: T, first: bool) -> T
  let pair = Pair${i} { left: a, right: b }
  let other = swap${i}(pair)
  if first then: pair.left else: other.left
fn measure${i}<T: Sized${i}>(shape: T) -> i32
  shape.size() + shape.doubled()
fn area${i}(shape: Shape${i}) -> i32
  match(shape)
    Circle${i} { radius }: radius * radius * 3
    Square${i} { side }: side * side
fn show${i}(n: i32) -> i32
  n
fn show${i}(n: f64) -> i32
  1
fn show${i}(shape: Shape${i}) -> i32
  area${i}(shape)
fn apply${i}(n: i32, f: fn(i32) -> i32) -> i32
  f(n) + f(n + 1)
fn step${i}(n: i32, { by: i32, times: i32 }) -> i32
  var sum = n
  var k = 0
  while k < times:
    sum = sum + by * k
    k = k + 1
    if sum > 1000:
      sum = sum - 1000
  sum
fn use${i}(n: i32) -> i32
  let circle = Circle${i} { radius: n }
  let ~square = Square${i} { side: n + 1, name: ${i} }
  square.grow(2)
  let scale = n * 3
  let mapped = apply${i}(n, (x) => x * scale + 1)
  let chosen = pick${i}(n, mapped, n > 3)
  let real = pick${i}(1.5, 2.5, n > 3)
  let total = show${i}(chosen) + show${i}(real) + show${i}(circle)
  let sized = measure${i}(circle) + measure${i}(square)
  let stepped = step${i}(total, by: sized, times: 4)
  let p = { x: stepped, y: n }
  if p.x > p.y:
    return p.x - p.y
  if p.x == 0:
    return area${i}(square)
  p.x + p.y
`;

const BODY_LINES = 47; // of one unit, outside of generic functions
const GENERIC_LINES = 8;
const LINES = unit(0).split('\n').length - 2;
const main = (count) => `pub fn main() -> i32\n  ${Array.from({ length: count }, (_, i) => `use${i}(${i})`).join('\n  ')}\n`;

// Programs by what grows: file name -> text.
const ofLines = (units) => ({ 'main.voyd': repeat(units, unit) + main(units) });

const ofModules = (count) => ({
  'main.voyd': `${repeat(count, (i) => `use src::m${i}::use${i}\n`)}${main(count)}`,
  ...Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`m${i}.voyd`, unit(i).replace(`fn use${i}(`, `pub fn use${i}(`)]),
  ),
});

// Calls of one name with ever more overloads; the number of calls stays.
const ofOverloads = (count) => ({
  'main.voyd': `${repeat(count, (i) => `obj O${i} { n: i32 }\nfn f(a: O${i}) -> i32\n  a.n\n`)}pub fn main() -> i32\n${repeat(500, (i) => `  f(O${i % count} { n: ${i} })\n`)}`,
});

const ofDepth = (depth) => ({
  'main.voyd': `obj Box<T> { value: T }\nfn get<T>(b: Box<T>) -> T\n  b.value\n${repeat(100, (i) => `fn f${i}(n: i32) -> i32\n  let b = ${'Box { value: '.repeat(depth)}n${' }'.repeat(depth)}\n  ${'get('.repeat(depth)}b${')'.repeat(depth)}\n`)}pub fn main() -> i32\n${repeat(100, (i) => `  f${i}(1)\n`)}`,
});

// Calls nested in the lambdas of one another, of overloads that agree on the lambdas' parameter types or do not.
const ofNestedCalls = (agree) => (depth) => {
  const first = agree ? 'a: i32, f: fn(i32) -> i32' : 'f: fn(i32) -> i32';
  const second = agree ? 'a: f64, f: fn(i32) -> i32' : 'f: fn(f64) -> f64';
  const open = agree ? 'g(1, (x) => ' : 'g((x) => ';
  return {
    'main.voyd': `fn g(${first}) -> i32\n  f(1)\nfn g(${second}) -> i32\n  2\npub fn main() -> i32\n  ${open.repeat(depth)}1${')'.repeat(depth)}\n`,
  };
};

// Checks once; errors of the program are no failure.
function check(main, report, folder) {
  const args = ['check', main, `--perf=${report}`];
  const counted = join(folder, 'callgrind.out');
  const [command, words] = counting
    ? ['valgrind', ['--tool=callgrind', '--toggle-collect=check_program', `--callgrind-out-file=${counted}`, voydc, ...args]]
    : [voydc, args];
  spawnSync(command, words, { stdio: 'ignore' });
  const { phasesMs, counters, memory } = JSON.parse(readFileSync(report, 'utf8'));
  return {
    cost: counting ? Number(/^(?:summary|totals): (\d+)/m.exec(readFileSync(counted, 'utf8'))[1]) / 1e6 : phasesMs['analyzeModules.check'],
    instances: counters['check.instances'],
    steps: counters['check.steps'],
    arena: memory.arenaPeakBytes,
  };
}

function measure(files) {
  const folder = mkdtempSync(join(tmpdir(), 'voyd-bench-'));
  try {
    mkdirSync(join(folder, 'src'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'src', name), text);
    const report = join(folder, 'perf.json');
    let best = null;
    for (let run = 0; run < RUNS; run++) {
      const found = check(join(folder, 'src', 'main.voyd'), report, folder);
      if (best === null || found.cost < best.cost) best = found;
    }
    return best;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function slope(points) {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)]);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(logs.map(([a]) => a)), mean(logs.map(([, b]) => b))];
  const above = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return above / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

const unitOfCost = counting ? 'M instructions' : 'ms';

function series(what, sizes, program) {
  const points = sizes.map((size) => [size, measure(program(size))]);
  for (const [size, { cost, instances, steps }] of points) {
    console.log(`  ${String(size).padStart(6)} ${what}: ${cost.toFixed(2)} ${unitOfCost}, ${instances} instances, ${steps} steps`);
  }
  console.log(`  slope over ${what}: ${slope(points.map(([size, { cost }]) => [size, cost])).toFixed(2)}`);
}

const units = Math.ceil(50000 / (LINES + 1));
const whole = measure(ofLines(units));
const checked = units * (BODY_LINES + GENERIC_LINES * TYPES_PER_UNIT);
console.log(`${units * (LINES + 1)} lines: ${whole.cost.toFixed(1)} ${unitOfCost}, ${whole.instances} instances` +
  (counting ? '' : `, ${Math.round(checked / whole.cost)} thousand lines x instances per second`));
for (const [phase, bytes] of Object.entries(whole.arena)) {
  console.log(`  ${(bytes / 2 ** 20).toFixed(1).padStart(6)} MiB in arenas at the peak of ${phase}`);
}
series('units of lines', [60, 120, 240, 480], ofLines);
series('modules', [60, 120, 240, 480], ofModules);
series('overloads', [8, 16, 32, 64], ofOverloads);
series('depth of nested generics', [12, 24, 48, 96], ofDepth);
series('nested calls whose candidates agree on a lambda', [6, 12, 24, 48], ofNestedCalls(true));
series('nested calls whose candidates do not', [3, 6, 12, 24], ofNestedCalls(false));
