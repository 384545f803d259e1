// The command line: exit statuses, texts, files, standard input. One behaviour each, in a fresh folder.
//
// usage: node tests/cli/run.mjs [NAME-PART...]   (the compiler: the variable VOYDC, else build/voydc)

import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { PROJECT } from '../harness/options.mjs';
import { Place, VOYDC, runTests, test } from '../harness/place.mjs';

const ANSWER = 'pub fn main() -> i32\n  42\n';
const BROKEN = 'pub fn main() -> i32\n  missing\n';
const SUM = 'pub fn add(a: i32, b: i64) -> i64\n  b\n\npub fn twice(x: f64) -> f64\n  x * 2.0\n\npub fn is_small(x: i32) -> bool\n  x < 10\n\npub fn nothing() -> void\n  return\n';
const TRAP = 'fn divide(a: i32, b: i32) -> i32\n  a / b\n\npub fn main() -> i32\n  divide(1, 0)\n';

const isModule = (bytes) => WebAssembly.validate(bytes);

// --- Usage -----------------------------------------------------------------------------------------------

test('help goes to standard output', (place) => place.expect(['--help'], { stdout: /^Usage: voydc/ }));
test('every command has help of its own', async (place) => {
  for (const command of ['compile', 'check', 'run', 'perf', 'bench', 'help']) {
    await place.expect([command, '--help'], { stdout: new RegExp(`^Usage: voydc ${command} `) });
    await place.expect(['help', command], { stdout: new RegExp(`^Usage: voydc ${command} `) });
  }
});
test('help lists every topic it knows', async (place) => {
  const { stdout } = await place.run(['help']);
  const topics = [...stdout.split('Topics of voydc help:\n')[1].matchAll(/^ {2}([\w-]+)/gm)].map((match) => match[1]);
  assert.ok(topics.length >= 5);
  for (const topic of topics) await place.expect(['help', topic], { stdout: /./ });
});
test('help for an unknown topic is wrong use', (place) =>
  place.expect(['help', 'cooking'], { status: 2, stderr: /^error: no help for 'cooking'/ }));
test('the version is a bare number', (place) => place.expect(['--version'], { stdout: /^\d+\.\d+\.\d+\n$/ }));
test('an option of another command is unknown', (place) =>
  place.expect(['check', '-o', 'x'], { status: 2, stderr: "error: unknown option '-o'\n" }));
test('an unknown option', (place) => place.expect(['run', '--x'], { status: 2, stderr: "error: unknown option '--x'\n" }));
test('an option close to a known one gets a suggestion', (place) =>
  place.expect(['compile', '--emti=wat'], { status: 2, stderr: "error: unknown option '--emti' (did you mean '--emit'?)\n" }));
test('a missing option value', (place) =>
  place.expect(['--opt-level'], { status: 2, stderr: "error: option '--opt-level <level>' argument missing\n" }));
test('an unknown level', (place) =>
  place.expect(['check', '--opt-level', 'x'], {
    status: 2,
    stderr: 'invalid optimization level "x" (allowed: none, balanced, release)\n',
  }));
test('opt and opt-level exclude each other', (place) =>
  place.expect(['--opt', '--opt-level=none'], { status: 2, stderr: '--opt and --opt-level cannot be used together\n' }));
test('a flag takes no value', (place) =>
  place.expect(['--opt=yes'], { status: 2, stderr: "error: option '--opt' takes no value\n" }));
test('an unknown colour choice', (place) =>
  place.expect(['--color=red'], { status: 2, stderr: 'invalid color choice "red" (allowed: auto, always, never)\n' }));
test('a second entry is wrong use', (place) =>
  place.expect(['check', 'a', 'b'], { status: 2, stderr: "error: unexpected argument 'b'\n" }));
test('without an action nothing happens and a hint is printed', (place) => place.expect(['x'], { stdout: /voydc --help/ }));
test('bench needs to know what', (place) => place.expect(['bench'], { status: 2, stderr: /^error: voydc bench run/ }));

// --- Entries -----------------------------------------------------------------------------------------------

test('a program prints to its own streams', async () => {
  const program = 'use std::output::StdErr\n\npub fn main() -> i32\n  print("hello, höhe")\n  print(0.5)\n  let _ = output::write_line("beside", StdErr {})\n  7\n';
  for (const level of ['none', 'balanced', 'release']) {
    await new Place({ 'main.voyd': program }).expect(['run', 'main.voyd', '--opt-level', level], {
      stdout: 'hello, höhe\n0.5\n7\n',
      stderr: 'beside\n',
    });
  }
});
test('a clause of the program comes before the host', () =>
  new Place({
    'main.voyd':
      'use std::output::{ Output, OutputResult }\n\nfn work(): Output -> i32\n  print("inner")\n  7\n\npub fn main() -> i32\n  print("before")\n  let n = try open\n    work()\n  Output::write_op(tail, request):\n    tail(OutputResult { ok: true, code: 0, message: "" })\n  print("after")\n  n\n',
  }).expect(['run', 'main.voyd'], { stdout: 'before\nafter\n7\n' }));
test('a program reads its environment', () =>
  new Place({
    'main.voyd': 'use std::env\n\npub fn main() -> String\n  env::get("VOYD_TEST_VARIABLE") ?? "none"\n',
  }).expect(['run', 'main.voyd'], { stdout: /set/, env: { VOYD_TEST_VARIABLE: 'set' } }));
test('log messages go to standard error', () =>
  new Place({ 'main.voyd': 'pub fn main() -> void\n  log::warn("careful")\n' }).expect(['run', 'main.voyd'], {
    stderr: 'WARN careful\n',
  }));
test('an error inside an instance is reported once, with the calls that led there and how many others have it', () => {
  const program = `fn inner<T>(a: T) -> i32
  let n: i32 = a
  n

fn middle<T>(a: T) -> i32
  inner((a, a))

fn outer<T>(a: T) -> i32
  middle((a, a))

fn outermost<T>(a: T) -> i32
  outer((a, a))

pub fn main() -> i32
  outermost(1) + outermost(2.5) + outermost(true) + inner(1)
`;
  return new Place({ 'main.voyd': program }).expect(['check', 'main.voyd'], {
    status: 1,
    stderr: new RegExp(
      [
        '^.*main.voyd:2:16 ERROR \\[typing\\] TY0027: expected .i32., found .\\(\\(\\(i32.*\n[^]*',
        "note: .*main.voyd:6:3 in 'inner<\\(\\(\\(i32.*', which is used here\n[^]*",
        "note: .*main.voyd:9:3 in 'middle<\\(\\(i32.*', which is used here\n[^]*",
        "note: .*main.voyd:12:3 in 'outer<\\(i32.*', which is used here\n((?!note:|ERROR)[^])*",
        'hint: 2 other instances have it too\n$',
      ].join(''),
    ),
  });
});
test('an error inside an instance of std is shown at the call of the program', () => {
  const program = `obj P { n: i32 }

pub fn main() -> bool
  [P { n: 1 }].contains(P { n: 2 })
`;
  return new Place({ 'main.voyd': program }).expect(['check', 'main.voyd'], {
    status: 1,
    stderr: /^.*main.voyd:4:3 ERROR \[typing\] TY0008: no overload of ==[^]*note: std:array.voyd:\d+:\d+ inside of std, here\n[^]*in 'Array<P>.contains', which is used here/,
  });
});
test('a missing entry file is named', (place) =>
  place.expect(['check', 'gone.voyd'], { status: 1, stderr: /gone\.voyd.*No such file or directory/ }));
test('a folder without an entry file', (place) =>
  place.expect(['check', '.'], {
    status: 1,
    stderr: /^No entry file found in \/.*\. Expected main\.voyd or pkg\.voyd\.\n$/,
  }));
test('the default entry is ./src', async () => {
  const place = new Place({ 'src/main.voyd': ANSWER });
  await place.expect(['check'], {});
});
test('a folder stands for main.voyd, else pkg.voyd', async () => {
  const place = new Place({ 'a/main.voyd': ANSWER, 'a/pkg.voyd': BROKEN, 'b/pkg.voyd': ANSWER });
  await place.expect(['check', 'a'], {});
  await place.expect(['check', 'b/'], {});
});
// spec 03 §1.4
test('the source root is the nearest folder src above the entry, else its own folder', async () => {
  const use = 'use src::shared::answer\n\npub fn main() -> i32\n  answer()\n';
  const shared = 'pub fn answer() -> i32\n  42\n';
  const place = new Place({
    'p/src/apps/demo/main.voyd': use,
    'p/src/shared.voyd': shared,
    'q/main.voyd': use,
    'q/shared.voyd': shared,
    'r/main.voyd': use,
    'r/lib/shared.voyd': shared,
  });
  await place.expect(['run', 'p/src/apps/demo/main.voyd'], { stdout: '42\n' });
  await place.expect(['run', 'p/src/apps/demo'], { stdout: '42\n' });
  await place.expect(['run', 'q/main.voyd'], { stdout: '42\n' });
  await place.expect(['run', 'r/main.voyd'], { status: 1, stderr: /MD0001/ });
  await place.expect(['run', '--src', 'r/lib', 'r/main.voyd'], { stdout: '42\n' });
});
test('options may stand before and after the entry, words after -- are no options', async () => {
  const place = new Place({ '-x.voyd': ANSWER });
  await place.expect(['--color=never', 'check', '--opt', '--', '-x.voyd'], {});
});
test('a misspelt name of the prelude gets a suggestion, though nothing else needs its module', async (place) => {
  const type = 'pub fn main() -> i32\n  let a: Arry<i32> = 1\n  1\n';
  await place.expect(['check', '-'], { input: type, status: 1, stderr: /TY0026[^]*did you mean 'Array'\?/ });
  const value = 'pub fn main() -> i32\n  let a = unwrap_of(1)\n  1\n';
  await place.expect(['check', '-'], { input: value, status: 1, stderr: /did you mean 'unwrap_or'\?/ });
  const unseen = '#!no_prelude\npub fn main() -> i32\n  let a: Arry<i32> = 1\n  1\n';
  const { stderr } = await place.expect(['check', '-'], { input: unseen, status: 1, stderr: /TY0026/ });
  assert.doesNotMatch(stderr, /did you mean/);
});
test('source from standard input', async (place) => {
  await place.expect(['check', '-'], { input: ANSWER });
  await place.expect(['check', '-'], { input: BROKEN, status: 1, stderr: /stdin\.voyd:2:3 ERROR .*TY0030/ });
  await place.expect(['run', '-'], { input: ANSWER, stdout: '42\n' });
});

// --- Diagnostics -------------------------------------------------------------------------------------------

test('diagnostics show the source line', async () => {
  const place = new Place({ 'a.voyd': BROKEN });
  await place.expect(['check', 'a.voyd'], {
    status: 1,
    stderr: new RegExp(`^${place.path('a.voyd')}:2:3 ERROR \\[typing\\] TY0030: .*\\n  \\|\\n2 \\|   missing\\n  \\|   \\^{7} `),
  });
});
// spec 03 §10.1: all that belongs to a diagnostic, offsets in bytes; warnings never fail
test('diagnostics as JSON are one line', async () => {
  const place = new Place({ 'a.voyd': BROKEN });
  const { stderr } = await place.expect(['check', '--diagnostics', 'json', 'a.voyd'], { status: 1, stderr: /^\[.*\]\n$/ });
  const [diagnostic] = JSON.parse(stderr);
  assert.equal(diagnostic.code, 'TY0030');
  assert.deepEqual(diagnostic.span, { file: place.path('a.voyd'), start: 23, end: 30 });
  assert.deepEqual([diagnostic.line, diagnostic.column, diagnostic.severity, diagnostic.phase], [2, 3, 'error', 'typing']);
  assert.deepEqual(Object.keys(diagnostic).sort(), ['code', 'column', 'hints', 'line', 'message', 'phase', 'related', 'severity', 'span']);
});
test('warnings alone are written and do not fail', async () => {
  const twice =
    'obj A {}\nobj B {}\npub fn main() -> i32\n  let u: A | B = A {}\n  match(u)\n    A: 1\n    A: 2\n    B: 3\n';
  const place = new Place({ 'a.voyd': twice });
  const { stderr } = await place.expect(['check', '--diagnostics', 'json', 'a.voyd'], { stderr: /^\[.*\]\n$/ });
  assert.deepEqual(JSON.parse(stderr).map(({ code, severity }) => [code, severity]), [['TY0039', 'warning']]);
});
test('colours are for those who ask', async () => {
  const place = new Place({ 'a.voyd': BROKEN });
  await place.expect(['check', 'a.voyd'], { status: 1, stderr: /^[^\x1b]*$/ });
  await place.expect(['check', '--color=always', 'a.voyd'], { status: 1, stderr: /\x1b\[1;31m/ });
});

test('a library whose compiler-known types have another form is refused at their declaration', async () => {
  const changes = [
    ['string/type.voyd', 'byte_count: i32', 'byte_total: i32', 'String'],
    ['string/type.voyd', 'start: i32,', 'start: i64,', 'String'],
    ['array.voyd', 'obj Array<T> {', 'obj Array<T> {\n  more: i32,', 'Array'],
    ['array.voyd', 'obj Array<T> {', 'obj Array<T, U> {', 'Array'],
    ['range.voyd', 'include_end: bool', 'include_end: i32', 'Range'],
    ['optional/types.voyd', 'obj None {}', 'val None {}', 'None'],
    ['optional/types.voyd', 'obj None {}', 'obj None { n: i32 }', 'None'],
    ['optional/types.voyd', '= Some<T> | None', '= Some<T>', 'Optional'],
  ];
  for (const [file, from, to, name] of changes) {
    const place = new Place({ 'main.voyd': 'pub fn main(text: String) -> String\n  text\n' });
    cpSync(join(PROJECT, 'runtime-wasm', 'std'), place.path('std'), { recursive: true });
    const text = readFileSync(place.path(join('std', file)), 'utf8');
    assert.ok(text.includes(from), `${file} has no '${from}'`);
    writeFileSync(place.path(join('std', file)), text.replace(from, to));
    await place.expect(['compile', 'main.voyd', '--std', 'std', '-o', 'out.wasm'], {
      status: 1,
      stderr: new RegExp(`^[^\n]*${file}:\\d+:\\d+ ERROR \\[typing\\] TY9999: '${name}' stands for the language's [^]*`),
    });
  }
});

// --- Output files --------------------------------------------------------------------------------------------

test('compile writes a module named after the entry', async () => {
  const place = new Place({ 'p/answer.voyd': ANSWER });
  await place.expect(['compile', 'p/answer.voyd'], {});
  assert.ok(isModule(place.read('answer.wasm')));
});
test('compile writes where it is told', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  await place.expect(['compile', 'a.voyd', '-o', 'out.wasm'], {});
  assert.ok(isModule(place.read('out.wasm')));
  assert.deepEqual(readdirSync(place.folder).sort(), ['a.voyd', 'out.wasm']);
});
test('a failed compile leaves the output as it was', async () => {
  const place = new Place({ 'a.voyd': BROKEN, 'out.wasm': 'old' });
  await place.expect(['compile', 'a.voyd', '-o', 'out.wasm'], { status: 1, stderr: /TY0030/ });
  assert.equal(place.read('out.wasm').toString(), 'old');
});
test('an output that cannot be written is named', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  await place.expect(['compile', 'a.voyd', '-o', 'none/out.wasm'], {
    status: 1,
    stderr: 'cannot write none/out.wasm: No such file or directory\n',
  });
  await place.expect(['compile', 'a.voyd', '-o', '.'], { status: 1, stderr: 'cannot write .: Is a directory\n' });
});
test('text goes to standard output', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  await place.expect(['compile', '--emit', 'wat', 'a.voyd'], { stdout: /^\(module[\s\S]*i32\.const 42/ });
  await place.expect(['--emit-wasm-text', 'a.voyd'], { stdout: /^\(module[\s\S]*\)\n$/ });
  await place.expect(['compile', '--emit=ir', 'a.voyd'], { stdout: /42/ });
  await place.expect(['compile', '--emit=forms', 'a.voyd'], { stdout: /main/ });
  await place.expect(['compile', '--emit=ast', 'a.voyd'], { stdout: /main/ });
});
test('expand shows the program after macro expansion', async () => {
  const place = new Place({ 'expand.voyd': 'macro twice(x)\n  `($x + $x)\n\npub fn main() -> i32\n  twice(21)\n' });
  await place.expect(['expand', 'expand.voyd'], { stdout: 'pub fn main() -> i32\n  21 + 21\n' });
  await place.expect(['expand', '--trace', 'expand.voyd'], { stdout: /^\/\/ 5:3 twice of src::expand\n\npub fn main/ });
});

test('expand shows the imports that macros make, and spells names apart', async () => {
  const place = new Place({
    'm.voyd': 'pub fn f() -> i32\n  1\npub macro bring()\n  `(use src::m::{ f as g })\n',
    'main.voyd':
      'use src::m::bring\nbring()\nmacro add(x)\n  `\n    let t = $x\n    t + 1\n\n' +
      'pub fn main() -> i32\n  let t = g()\n  add(t)\n',
  });
  const body = '  let t = g()\n  block(let t_2 = t, t_2 + 1)\n';
  const stdout = `use src::m::bring\nuse src::m::f as g\n\npub fn main() -> i32\n${body}`;
  await place.expect(['expand', 'main.voyd'], { stdout });
});
test('forms as JSON', async () => {
  const place = new Place({ 'a.voyd': 'use src::gone\n\npub fn main() -> i64\n  f(1, 2i64, true, "a\\"b")\n' });
  const { stdout } = await place.expect(['--emit-core-ast', 'a.voyd'], { stdout: /^\[\n {2}"ast",\n {2}\[\n {4}"use",[^]*\n\]\n$/ });
  const [ast, use, main] = JSON.parse(stdout);
  assert.deepEqual([ast, use], ['ast', ['use', ['::', 'src', 'gone']]]);
  assert.deepEqual(main.at(-1).at(-1), ['f', '1', '2i64', 'true', 'a"b']);
  await place.expect(['--emit-parser-ast', 'a.voyd'], { status: 1, stderr: /gone/ });
  await place.expect(['--emit-core-ast', 'gone.voyd'], { status: 1, stderr: /gone\.voyd.*No such file/ });
  const whole = new Place({ 'a.voyd': ANSWER, 'empty.voyd': '' });
  const expanded = await whole.expect(['--emit-parser-ast', 'a.voyd'], { stdout: /main/ });
  assert.equal(JSON.parse(expanded.stdout)[0], 'ast');
  await whole.expect(['--emit-core-ast', 'empty.voyd'], { stdout: '[\n  "ast"\n]\n' });
  await whole.expect(['compile', '--emit', 'forms', 'empty.voyd'], {});
});
test('forms around an error', async () => {
  const place = new Place({ 'a.voyd': 'fn a()\n  f(1\n\nfn b()\n  2\n' });
  const { stdout } = await place.expect(['--emit-core-ast', 'a.voyd'], { status: 1, stdout: /./, stderr: /unclosed '\('/ });
  assert.deepEqual(JSON.parse(stdout), ['ast', ['fn', ['a'], ['block', ['f', '1']]], ['fn', ['b'], ['block', '2']]]);
});
test('the representation after a pass', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  const pass = 'boolean-branch-simplification';
  await place.expect(['compile', 'a.voyd', '--opt', '--dump-after', pass], { stdout: /fn @main/ });
  await place.expect(['compile', 'a.voyd', '--dump-after', pass], { status: 2, stderr: /^error: --dump-after needs --opt-level/ });
  await place.expect(['compile', 'a.voyd', '--opt', '--dump-after', 'magic'], { status: 2, stderr: /^error: no pass "magic" \(passes: / });
});
test('an unknown output kind', (place) =>
  place.expect(['compile', '--emit', 'exe'], { status: 2, stderr: /^invalid output kind "exe" \(allowed: wasm, wat, / }));
test('a module to standard output is bytes only', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  await place.expect(['compile', 'a.voyd', '-o', 'a.wasm'], {});
  const { stdout } = await place.run(['--emit-wasm', 'a.voyd']);
  assert.equal(stdout, place.read('a.wasm').toString());
});
test('the same input gives the same bytes', async () => {
  const place = new Place({ 'a.voyd': SUM });
  for (const level of ['none', 'balanced', 'release']) {
    await place.expect(['compile', 'a.voyd', '-o', '1.wasm', '--opt-level', level], {});
    await place.expect(['compile', 'a.voyd', '-o', '2.wasm', '--opt-level', level.toUpperCase()], {});
    assert.deepEqual(place.read('1.wasm'), place.read('2.wasm'));
  }
});
test('a function that returns a number is under 100 bytes', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  await place.expect(['compile', 'a.voyd', '-o', 'a.wasm'], {});
  assert.ok(place.read('a.wasm').length < 100);
});

// --- Running -----------------------------------------------------------------------------------------------

test('run prints the result', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  await place.expect(['run', 'a.voyd'], { stdout: '42\n' });
  await place.expect(['-r', 'a.voyd'], { stdout: '42\n' });
  await place.expect(['run', '--opt', 'a.voyd'], { stdout: '42\n' });
});
test('run takes an entry and arguments', async () => {
  const place = new Place({ 'a.voyd': SUM });
  await place.expect(['run', 'a.voyd', '--entry', 'add', '--args', '[1,{"i64":"7"}]'], { stdout: '7n\n' });
  await place.expect(['run', 'a.voyd', '--entry=twice', '--args=[1.25]'], { stdout: '2.5\n' });
  await place.expect(['run', 'a.voyd', '--entry=is_small', '--args=[3]'], { stdout: 'true\n' });
  await place.expect(['run', 'a.voyd', '--entry=nothing'], {});
});
test('run --json prints one line', async () => {
  const place = new Place({ 'a.voyd': SUM });
  await place.expect(['run', '--json', 'a.voyd', '--entry=add', '--args=[1,{"i64":"7"}]'], { stdout: '{"value":{"i64":"7"}}\n' });
  await place.expect(['run', '--json', 'a.voyd', '--entry=nothing'], { stdout: '{"value":null}\n' });
});
test('a trap is a failure', async () => {
  const place = new Place({ 'a.voyd': TRAP });
  await place.expect(['run', 'a.voyd'], { status: 1, stderr: /divi(de|sion) by zero/ });
  const { stdout } = await place.expect(['run', '--json', 'a.voyd'], { status: 1, stdout: /^\{"trap":\{.*\}\}\n$/ });
  assert.match(JSON.parse(stdout).trap.message, /divi(de|sion) by zero/);
});
test('names show in traps', async () => {
  const place = new Place({ 'a.voyd': TRAP });
  const { stdout } = await place.run(['run', '--json', '--names', 'a.voyd']);
  assert.match(JSON.parse(stdout).trap.function, /divide/);
});
test('a missing export', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  await place.expect(['run', 'a.voyd', '--entry', 'other'], { status: 1, stderr: /Missing export other/ });
});
test('a compiled module runs', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  await place.expect(['compile', 'a.voyd', '-o', 'a.wasm'], {});
  await place.expect(['run', 'a.wasm'], { stdout: '42\n' });
  await place.expect(['--run-wasm', 'a.wasm', '--entry', 'main'], { stdout: '42\n' });
  await place.expect(['run', 'gone.wasm'], { status: 1, stderr: 'cannot read gone.wasm: No such file or directory\n' });
});
test('a program that does not end is stopped', async () => {
  const place = new Place({ 'a.voyd': 'pub fn main() -> i32\n  while true:\n    let x = 1\n  0\n' });
  await place.expect(['run', 'a.voyd', '--timeout', '0.3'], { status: 1, stderr: /did not end within 300 ms/ });
  await place.expect(['run', 'a.voyd', '--timeout', 'soon'], { status: 2, stderr: /^invalid timeout "soon"/ });
});

// --- Attribution -----------------------------------------------------------------------------------------------

const PREFIX = '[voyd:compiler:perf] ';
const summaryOf = (stderr) => {
  const lines = stderr.split('\n').filter((line) => line.startsWith(PREFIX));
  assert.equal(lines.length, 1);
  return JSON.parse(lines[0].slice(PREFIX.length));
};

test('the summary line of a compile', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  const { stderr } = await place.run(['compile', 'a.voyd', '-o', 'a.wasm', '--opt', '--perf']);
  const summary = summaryOf(stderr);
  const head = ['schemaVersion', 'entryPath', 'success', 'diagnostics', 'phasesMs', 'counters'];
  assert.deepEqual(Object.keys(summary).slice(0, head.length), head);
  assert.deepEqual([summary.schemaVersion, summary.entryPath, summary.success, summary.diagnostics], [1, place.path('a.voyd'), true, 0]);
  for (const phase of ['loadModuleGraph', 'analyzeModules', 'emitProgram', 'lowerProgram', 'monomorphizeProgram', 'optimizeProgram', 
    'codegenProgram', 'codegen', 'binaryen.optimize', 'emitBinary', 'sdk.finalizeCompile', 'total']) {
    assert.equal(typeof summary.phasesMs[phase], 'number', phase);
  }
  assert.ok(summary.phasesMs.total >= summary.phasesMs.loadModuleGraph + summary.phasesMs.analyzeModules + summary.phasesMs.emitProgram);
  assert.deepEqual(Object.keys(summary.phasesMs), Object.keys(summary.phasesMs).sort());
});
test('a failed compile has a summary without the phases it did not reach', async () => {
  const place = new Place({ 'a.voyd': BROKEN });
  const { stderr } = await place.run(['check', 'a.voyd', '--perf']);
  const summary = summaryOf(stderr);
  assert.deepEqual([summary.success, summary.diagnostics], [false, 1]);
  assert.ok('analyzeModules' in summary.phasesMs);
  assert.ok(!('emitProgram' in summary.phasesMs));
});
test('the environment variable asks for the line, and once is enough', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  for (const args of [['check', 'a.voyd'], ['check', '--perf', 'a.voyd']]) {
    const { stderr } = await place.run(args, { env: { VOYD_COMPILER_PERF: ' True ' } });
    summaryOf(stderr);
  }
  const { stderr } = await place.run(['check', 'a.voyd'], { env: { VOYD_COMPILER_PERF: '0' } });
  assert.equal(stderr, '');
});
test('summary and trace go to files', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  await place.expect(['check', 'a.voyd', '--perf=perf.json', '--perf-trace', 'trace.json'], {});
  assert.equal(JSON.parse(place.read('perf.json')).schemaVersion, 1);
  const { traceEvents } = JSON.parse(place.read('trace.json'));
  const total = traceEvents.find((event) => event.name === 'total');
  for (const event of traceEvents) {
    assert.equal(event.ph, 'X');
    assert.ok(event.ts >= total.ts && event.ts + event.dur <= total.ts + total.dur + 1, event.name);
  }
});
test('passes of Binaryen are in the table, the summary and the trace', async () => {
  const place = new Place({ 'a.voyd': SUM });
  const args = ['compile', 'a.voyd', '--opt', '--time', '--perf=perf.json', '--perf-trace', 'trace.json'];
  const { stderr } = await place.run(args);
  assert.match(stderr, /^ +binaryen\.pass\.vacuum +\d/m);
  const { phasesMs, counters } = JSON.parse(place.read('perf.json'));
  assert.ok(phasesMs['binaryen.pass.vacuum'] >= 0 && counters['binaryen.pass.vacuum.runs'] > 0);
  const { traceEvents } = JSON.parse(place.read('trace.json'));
  const runs = traceEvents.filter(({ name }) => name === 'binaryen.pass.vacuum');
  assert.equal(runs.length, counters['binaryen.pass.vacuum.runs']);
  const whole = traceEvents.find(({ name }) => name === 'binaryen.optimize');
  for (const { ts, dur } of runs) assert.ok(ts >= whole.ts && ts + dur <= whole.ts + whole.dur + 1);
});
test('loading is counted by namespace, and the stages of emission have counters', async () => {
  const place = new Place({ 'src/main.voyd': 'use src::other::one\n\npub fn main() -> i32\n  one()\n', 'src/other.voyd': 'pub fn one() -> i32\n  1\n' });
  await place.run(['compile', 'src/main.voyd', '--opt', '--perf=perf.json']);
  const { phasesMs, counters } = JSON.parse(place.read('perf.json'));
  assert.equal(counters['graph.load_module.src.count'], 2);
  assert.ok(counters['graph.load_module.std.count'] > 0);
  assert.ok(counters['graph.load_module.src.ms'] >= counters['graph.parse.src.ms'] + counters['graph.read_file.src.ms']);
  for (const [counter, phase] of [['lower_program', 'lowerProgram'], ['optimize_program', 'optimizeProgram'], ['codegen_program', 'codegenProgram'], ['emit_binary', 'emitBinary']]) {
    assert.ok(Math.abs(counters[`emit.${counter}.ms`] - phasesMs[phase]) < 0.001, counter);
  }
});
test('--time is a table for people', async () => {
  const place = new Place({ 'a.voyd': ANSWER });
  await place.expect(['check', '--time', 'a.voyd'], { stderr: /^phase +time +share[^]*\nloadModuleGraph [^]*\ntotal +[\d.]+ ms 100\.0 %/ });
});

await runTests(process.argv.slice(2));
