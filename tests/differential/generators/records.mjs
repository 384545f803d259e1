// Tuples, records and nested value types: built, spread, widened, taken apart.

import { shape } from './shapes.mjs';

function takeApart(generator, scope) {
  const t = generator.expression('T', 2, scope);
  const [a, b, c] = [generator.name('x'), generator.name('x'), generator.name('x')];
  scope.variables.push({ name: a, type: 'i', kind: 'let' }, { name: b, type: 'V', kind: 'let' }, { name: c, type: 'b', kind: 'let' });
  return [[`let (${a}, (${b}, ${c})) = ${t[0]}`], [`const { x: ${a}, v: ${b}, c: ${c} } = ${t[1]};`]];
}

function takeFields(generator, scope) {
  const p = generator.expression('P', 2, scope);
  const [a, b] = [generator.name('x'), generator.name('x')];
  scope.variables.push({ name: a, type: 'i', kind: 'let' }, { name: b, type: 'o', kind: 'let' });
  return [[`let { x: ${a}, o: ${b} } = ${p[0]}`], [`const { x: ${a}, o: ${b} } = ${p[1]};`]];
}

export const records = {
  preamble: `
val W { v: V, n: i32, o: Optional<i32> }

fn tuple(x: i32, v: V, c: bool) -> (i32, (V, bool))
  (x, (v, c))

fn record(x: i32, o: Optional<i32>) -> { x: i32, o: Optional<i32> }
  { o: o, x: x, unseen: 7 }

fn x_of(r: { x: i32 }) -> i32
  r.x

fn deep(r: { inner: { v: V }, k: i32 }) -> i32
  r.inner.v.a - r.k
`,
  js: 'const copyW = (w) => ({ v: copy(w.v), n: w.n, o: w.o });',
  types: {
    T: { voyd: '(i32, (V, bool))' },
    P: { voyd: '{ x: i32, o: Optional<i32> }' },
    W: { voyd: 'W', copied: 'copyW', slot: true, captured: true, fields: [['n', 'i'], ['v', 'V'], ['v.b', 'i'], ['o', 'o']] },
  },
  expressions: {
    i: [
      shape(['T'], (t) => `(${t}).0`, (t) => `(${t}).x`),
      shape(['T'], (t) => `(${t}).1.0.b`, (t) => `(${t}).v.b`),
      shape(['P'], (p) => `x_of(${p})`, (p) => `(${p}).x`),
      shape(['W'], (w) => `(${w}).v.a`, (w) => `(${w}).v.a`),
      shape(['V', 'i'], (v, k) => `deep({ inner: { w: 1, v: ${v} }, k: ${k} })`, (v, k) => `((v, k) => (v.a - k) | 0)(${v}, ${k})`),
    ],
    b: [shape(['T'], (t) => `(${t}).1.1`, (t) => `(${t}).c`)],
    o: [
      shape(['P'], (p) => `(${p}).o`, (p) => `(${p}).o`),
      shape(['W'], (w) => `(${w}).o`, (w) => `(${w}).o`),
    ],
    V: [shape(['W'], (w) => `(${w}).v`, (w) => `copy((${w}).v)`)],
    T: [shape(['i', 'V', 'b'], (x, v, c) => `tuple(${x}, ${v}, ${c})`, (x, v, c) => `({ x: ${x}, v: ${v}, c: ${c} })`)],
    P: [
      shape(['i', 'o'], (x, o) => `record(${x}, ${o})`, (x, o) => `({ x: ${x}, o: ${o} })`),
      shape(['P', 'i'], (p, x) => `{ ...${p}, x: ${x} }`, (p, x) => `({ ...${p}, x: ${x} })`),
    ],
    W: [shape(['V', 'i', 'o'], (v, n, o) => `W { v: ${v}, n: ${n}, o: ${o} }`, (v, n, o) => `({ v: ${v}, n: ${n}, o: ${o} })`)],
  },
  statements: [takeApart, takeFields],
};
