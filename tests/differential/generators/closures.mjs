// Functions as values: made in place, capturing what is around them, kept in objects and arrays, composed, and called
// with in-out arguments.

import { captured } from './functions.mjs';
import { scopeWith, shape } from './shapes.mjs';

function functionValue(generator, depth, scope) {
  const parameter = generator.name('p');
  const inner = scopeWith(captured(generator, scope), [{ name: parameter, type: 'i', kind: 'let' }]);
  const x = generator.expression('i', depth, inner);
  return [`((${parameter}: i32) -> i32 => ${x[0]})`, `((${parameter}) => ${x[1]})`];
}

/** A counter made by a function: its state is a captured variable. */
function counter(generator, scope) {
  const x = generator.expression('i', 2, scope);
  const [name, a, b] = [generator.name('c'), generator.name('x'), generator.name('x')];
  scope.variables.push({ name: a, type: 'i', kind: 'let' }, { name: b, type: 'i', kind: 'let' });
  return [
    [`let ${name} = counter(${x[0]})`, `let ${a} = ${name}()`, `let ${b} = ${name}()`],
    [`const ${name} = counter(${x[1]}), ${a} = ${name}(), ${b} = ${name}();`],
  ];
}

/** A lambda with an in-out parameter, called on a variable. */
function changing(generator, scope, depth) {
  const targets = generator.variables(scope, 'i', ({ kind }) => kind === 'mutable');
  if (targets.length === 0) return counter(generator, scope);
  const target = generator.pick(targets).name;
  const [name, parameter, result] = [generator.name('g'), generator.name('p'), generator.name('x')];
  const inner = scopeWith(captured(generator, scope), [{ name: parameter, type: 'i', kind: 'let' }]);
  const x = generator.expression('i', depth, inner);
  scope.variables.push({ name: result, type: 'i', kind: 'let' });
  return [
    [
      `let ${name} = (~${parameter}: i32) -> i32 =>`,
      `  let before = ${parameter}`,
      `  ${parameter} = ${x[0]}`,
      '  before',
      `let ${result} = ${name}(~${target})`,
    ],
    [
      `const ${name} = (${parameter}) => [${parameter}, ${x[1]}];`,
      `const [${result}, $${result}] = ${name}(${target}); ${target} = $${result};`,
    ],
  ];
}

export const closures = {
  preamble: `
obj Job { run: fn(i32) -> i32, times: i32 }

fn apply(f: fn(i32) -> i32, x: i32) -> i32
  f(x)

fn compose(f: fn(i32) -> i32, g: fn(i32) -> i32) -> (fn(i32) -> i32)
  (x: i32) -> i32 => f(g(x))

fn adder(k: i32) -> (fn(i32) -> i32)
  (x: i32) -> i32 => x + k

fn counter(start: i32) -> (fn() -> i32)
  var n = start
  () -> i32 =>
    n = n + 1
    n

fn worked(job: Job, x: i32) -> i32
  let run = job.run
  var result = x
  var i = 0
  while i < job.times:
    result = run(result)
    i = i + 1
  result
`,
  js: `
const apply = (f, x) => f(x);
const compose = (f, g) => (x) => f(g(x));
const adder = (k) => (x) => (x + k) | 0;
const counter = (n) => () => (n = (n + 1) | 0);
`,
  types: { F: { voyd: '(fn(i32) -> i32)', captured: true } },
  leaves: { F: [(generator) => { const k = generator.random(100); return [`adder(${k})`, `adder(${k})`]; }] },
  expressions: {
    i: [
      shape(['F', 'i'], (f, x) => `apply(${f}, ${x})`, (f, x) => `apply(${f}, ${x})`),
      shape(['F', 'i'], (f, x) => `worked(Job { run: ${f}, times: 3 }, ${x})`, (f, x) => `((f, x) => f(f(f(x))))(${f}, ${x})`),
      shape(['F', 'F', 'i'], (f, g, x) => `[${f}, ${g}].at(1)(${x})`, (f, g, x) => `[${f}, ${g}][1](${x})`),
    ],
    F: [
      functionValue,
      functionValue,
      shape(['F', 'F'], (f, g) => `compose(${f}, ${g})`, (f, g) => `compose(${f}, ${g})`),
      shape(['i'], (k) => `adder(${k})`, (k) => `adder(${k})`),
    ],
  },
  statements: [counter, changing],
};
