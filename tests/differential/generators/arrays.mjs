// Arrays, ranges and bytes of strings in loops: indices from both ends and beyond, arrays that grow, shrink or are
// replaced while a loop runs over them, nested ranges, early exits. An access out of range traps, in JavaScript by
// `trap` (generator.mjs).

import { indent, scopeWith, shape } from './shapes.mjs';

const preamble = `
fn grown_by(~a: Array<i32>, x: i32) -> void
  if a.len() < 9:
    a.push(x)

fn shrunk(~a: Array<i32>, d: i32) -> i32
  a.pop() ?? d

fn weighed(a: Array<i32>) -> i32
  var sum = 0
  for k in 0..a.len():
    sum = sum * 3 + a.at(k)
  sum

fn between(low: i32, x: i32, high: i32) -> i32
  if x < low then: low else: (if x > high then: high else: x)
`;

const js = `
const indexIn = (a, i) => {
  const k = i < 0 ? i + a.length : i;
  if (k < 0 || k >= a.length) trap(null);
  return k;
};
const atIndex = (a, i) => a[indexIn(a, i)];
const setIndex = (a, i, x) => { a[indexIn(a, i)] = x; };
const getIndex = (a, i) => a[i < 0 ? i + a.length : i];
const weighed = (a) => a.reduce((sum, x) => (Math.imul(sum, 3) + x) | 0, 0);
const between = (low, x, high) => x < low ? low : x > high ? high : x;
`;

const TEXTS = ['', 'a', 'kitten', 'saturday'];

function byteOf(generator, depth, scope) {
  const [text, x, d] = [generator.pick(TEXTS), generator.expression('i', depth, scope), generator.random(9)];
  const bytes = JSON.stringify([...Buffer.from(text)]);
  return [`("${text}".get_byte(${x[0]}) ?? ${d})`, `(${bytes}[${x[1]}] ?? ${d})`];
}

function literal(generator, depth, scope) {
  const elements = Array.from({ length: 1 + generator.random(5) }, () => generator.expression('i', depth, scope));
  return [`[${elements.map(([v]) => v).join(', ')}]`, `[${elements.map(([, j]) => j).join(', ')}]`];
}

/** Mostly what is in range, seldom anything. */
function index(generator, scope) {
  if (generator.random(8) === 0) return generator.expression('i', 1, scope);
  const x = `${generator.pick([0, 0, 1, 2, -1, -2])}`;
  return [x, x];
}

const arraysIn = (generator, scope, filter) => generator.variables(scope, 'A', filter);
const isMutable = ({ kind }) => kind === 'mutable';

function declaration(generator, scope) {
  const name = generator.name('a');
  const kind = generator.pick(['let', 'var', 'mutable', 'mutable']);
  const x = literal(generator, 1, scope);
  scope.variables.push({ name, type: 'A', kind });
  const word = { let: 'let ', var: 'var ', mutable: 'let ~' }[kind];
  return [[`${word}${name}: Array<i32> = ${x[0]}`], [`let ${name} = ${x[1]};`]];
}

/** A write, or something that changes the length, of an array in scope. */
function change(generator, scope) {
  const arrays = arraysIn(generator, scope, isMutable);
  if (arrays.length === 0) return declaration(generator, scope);
  const { name } = generator.pick(arrays);
  const without = { variables: scope.variables.filter(({ type }) => type === 'i'), taken: scope.taken };
  const x = generator.expression('i', 1, without);
  switch (generator.random(6)) {
    case 0:
      return [[`grown_by(~${name}, ${x[0]})`], [`{ const x = ${x[1]}; if (${name}.length < 9) ${name}.push(x); }`]];
    case 1: {
      const result = generator.name('x');
      scope.variables.push({ name: result, type: 'i', kind: 'let' });
      return [[`let ${result} = shrunk(~${name}, ${x[0]})`], [`const ${result} = ((d) => ${name}.pop() ?? d)(${x[1]});`]];
    }
    case 2: {
      const size = generator.random(5);
      return [[`${name}.truncate(${size})`], [`if (${name}.length > ${size}) ${name}.length = ${size};`]];
    }
    default: {
      const i = index(generator, without);
      return [[`${name}[${i[0]}] = ${x[0]}`], [`setIndex(${name}, ${i[1]}, ${x[1]});`]];
    }
  }
}

/** A bound of a range: a literal, a count, something near it. */
function bound(generator, scope) {
  const arrays = arraysIn(generator, scope);
  if (arrays.length > 0 && generator.random(2) === 0) {
    const { name } = generator.pick(arrays);
    const less = generator.pick(['', '', ' - 1', ' + 1']);
    return [`${name}.len()${less}`, `(${name}.length${less})`];
  }
  const x = generator.expression('i', 1, scope);
  const low = generator.random(4) - 2;
  return generator.random(2) === 0
    ? [`${low + 3}`, `${low + 3}`]
    : [`between(${low}, ${x[0]}, 5)`, `between(${low}, ${x[1]}, 5)`];
}

/** Lines for the body of a loop over `k`: accesses near it, then anything; perhaps an early exit. */
function body(generator, scope, depth, k) {
  const inner = scopeWith(scope, [{ name: k, type: 'i', kind: 'let' }]);
  const lines = [[], []];
  const sums = generator.variables(scope, 'i', ({ kind }) => kind === 'var');
  const arrays = arraysIn(generator, scope);
  for (let i = generator.random(3); i > 0 && arrays.length > 0; i--) {
    const { name, kind } = generator.pick(arrays);
    const near = `${k}${generator.pick(['', '', '', ' - 1', ' + 1'])}`;
    if (kind === 'mutable' && generator.random(2) === 0) {
      const far = `${k}${generator.pick(['', ' - 1', ' + 1'])}`;
      lines[0].push(`${name}[${near}] = ${name}.at(${far}) + ${k}`);
      // The place is evaluated before the value, but checked when it is written.
      lines[1].push(`{ const x = (atIndex(${name}, ${far}) + ${k}) | 0; setIndex(${name}, ${near}, x); }`);
    } else if (sums.length > 0) {
      const sum = generator.pick(sums).name;
      const optional = generator.random(3) === 0;
      lines[0].push(`${sum} = ${sum} * 3 + ${optional ? `(${name}[${near}] ?? 7)` : `${name}.at(${near})`}`);
      lines[1].push(`${sum} = (Math.imul(${sum}, 3) + ${optional ? `(getIndex(${name}, ${near}) ?? 7)` : `atIndex(${name}, ${near})`}) | 0;`);
    }
  }
  const suite = generator.suite(inner, depth);
  if (generator.random(4) === 0) {
    const c = generator.expression('b', 1, inner);
    const exit = generator.pick(['break', 'continue']);
    lines[0].push(`if ${c[0]}: ${exit}`);
    lines[1].push(`if (${c[1]}) ${exit};`);
  }
  return [[...lines[0], ...suite[0]], [...lines[1], ...suite[1]]];
}

function rangeLoop(generator, scope, depth) {
  if (depth <= 0) return change(generator, scope);
  const k = generator.name('k');
  const last = generator.random(12) === 0;
  const low = last ? ['2147483645', '2147483645'] : generator.random(3) === 0 ? bound(generator, scope) : ['0', '0'];
  const high = last ? ['2147483647', '2147483647'] : bound(generator, scope);
  const inclusive = generator.random(4) === 0;
  const lines = body(generator, scope, depth, k);
  const [first, end] = [generator.name('n'), generator.name('n')];
  return [
    [`for ${k} in (${low[0]})${inclusive ? '..=' : '..'}(${high[0]}):`, ...indent(lines[0])],
    [
      `{ const ${first} = ${low[1]}, ${end} = ${high[1]};`,
      `for (let t = ${first}; t ${inclusive ? '<=' : '<'} ${end}; t++) { const ${k} = t;`,
      ...lines[1],
      '} }',
    ],
  ];
}

/** Counting down by hand. */
function downLoop(generator, scope, depth) {
  const arrays = arraysIn(generator, scope);
  if (depth <= 0 || arrays.length === 0) return change(generator, scope);
  const { name } = generator.pick(arrays);
  const [i, k] = [generator.name('n'), generator.name('k')];
  const lines = body(generator, scope, depth, k);
  return [
    [`var ${i} = ${name}.len()`, `while ${i} > 0:`, ...indent([`${i} = ${i} - 1`, `let ${k} = ${i}`, ...lines[0]])],
    [`let ${i} = ${name}.length;`, `while (${i} > 0) {`, `${i}--; const ${k} = ${i};`, ...lines[1], '}'],
  ];
}

/** Over the elements; those added on the way are seen too. */
function elementLoop(generator, scope, depth) {
  const arrays = arraysIn(generator, scope);
  if (depth <= 0 || arrays.length === 0) return declaration(generator, scope);
  const { name } = generator.pick(arrays);
  const [x, t, a] = [generator.name('k'), generator.name('t'), generator.name('n')];
  const lines = body(generator, scope, depth, x);
  return [
    [`var ${t} = 0`, `for ${x} in ${name}:`, ...indent([`${t} = ${t} + 1`, `if ${t} > 9: break`, ...lines[0]])],
    [
      `{ const ${a} = ${name};`,
      `for (let ${t} = 0; ${t} < ${a}.length && ${t} < 9; ${t}++) { const ${x} = ${a}[${t}];`,
      ...lines[1],
      '} }',
    ],
  ];
}

export const arrays = {
  preamble,
  js,
  types: { A: { voyd: 'Array<i32>', slot: true, shared: true } },
  expressions: {
    i: [
      shape(['A'], (a) => `(${a}).len()`, (a) => `(${a}).length`),
      shape(['A'], (a) => `weighed(${a})`, (a) => `weighed(${a})`),
      shape(['A', 'i', 'i'], (a, x, d) => `((${a})[${x} % 4] ?? ${d})`, (a, x, d) => `(getIndex(${a}, ${x} % 4) ?? ${d})`),
      byteOf,
    ],
    A: [literal, literal, shape(['A', 'A'], (a, b) => `(${a}).concat(${b})`, (a, b) => `(${a}).concat(${b})`)],
  },
  leaves: { A: [() => ['[7]', '[7]'], () => ['[2, 0, 5]', '[2, 0, 5]']] },
  statements: [declaration, change, change, rangeLoop, rangeLoop, rangeLoop, downLoop, elementLoop],
};
