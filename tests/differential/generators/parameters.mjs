// Arguments: labelled, optional, with defaults that use earlier parameters; overloads by type, count and label.

import { shape } from './shapes.mjs';

export const parameters = {
  preamble: `
fn spread(a: i32, b: i32 = a + 1, c: i32 = a * b) -> i32
  a * 100 + b * 10 + c

fn maybe(a: i32, b?: i32) -> i32
  a * 10 - (b ?? 5)

fn labelled({ at x: i32, by: i32 = 2, to?: i32 }) -> i32
  x * 7 + by * 3 + (to ?? 1)

fn mixed(a: i32, b?: i32, { k: i32, v?: V }) -> i32
  let extra = match(v)
    Some { value }: value.a
    None: 40
  a + (b ?? 9) * k + extra

fn show(x: i32) -> i32
  x + 1
fn show(x: bool) -> i32
  if x then: 3 else: 4
fn show(x: V) -> i32
  x.a * 2
fn show<T>(x: Box<T>) -> i32
  5
fn show(x: i32, y: i32) -> i32
  x - y
fn show(x: i32, { by: i32 }) -> i32
  x * by
fn show(x: i32, { to: i32 }) -> i32
  to - x * 2

impl O
  fn plus(self, k: i32 = self.n) -> i32
    self.n + k
  fn at_least({ n: i32 }) -> O
    O { n: n, v: V { a: n, b: 0 }, o: none() }
`,
  js: `
const spread = (a, b = (a + 1) | 0, c = Math.imul(a, b)) => (Math.imul(a, 100) + Math.imul(b, 10) + c) | 0;
const maybe = (a, b) => (Math.imul(a, 10) - (b ?? 5)) | 0;
const labelled = (x, by, to) => (Math.imul(x, 7) + Math.imul(by, 3) + to) | 0;
const mixed = (a, b, k, v) => (a + Math.imul(b, k) + (v === null ? 40 : v.a)) | 0;
`,
  expressions: {
    i: [
      shape(['i'], (a) => `spread(${a})`, (a) => `spread(${a})`),
      shape(['i', 'i'], (a, b) => `spread(${a}, ${b})`, (a, b) => `spread(${a}, ${b})`),
      shape(['i', 'i', 'i'], (a, b, c) => `spread(${a}, ${b}, ${c})`, (a, b, c) => `spread(${a}, ${b}, ${c})`),
      shape(['i'], (a) => `maybe(${a})`, (a) => `maybe(${a}, null)`),
      shape(['i', 'i'], (a, b) => `maybe(${a}, ${b})`, (a, b) => `maybe(${a}, ${b})`),
      shape(['i', 'o'], (a, o) => `maybe(${a}, ${o})`, (a, o) => `maybe(${a}, ${o})`),
      shape(['i'], (x) => `labelled(at: ${x})`, (x) => `labelled(${x}, 2, 1)`),
      shape(['i', 'i'], (to, x) => `labelled(to: ${to}, at: ${x})`, (to, x) => `((to, x) => labelled(x, 2, to))(${to}, ${x})`),
      shape(['i', 'i', 'i'], (x, by, to) => `labelled(at: ${x}, by: ${by}, to: ${to})`,
        (x, by, to) => `labelled(${x}, ${by}, ${to})`),
      shape(['i', 'i'], (a, k) => `mixed(${a}, k: ${k})`, (a, k) => `mixed(${a}, 9, ${k}, null)`),
      shape(['i', 'i', 'i', 'V'], (a, b, k, v) => `mixed(${a}, ${b}, k: ${k}, v: ${v})`,
        (a, b, k, v) => `mixed(${a}, ${b}, ${k}, ${v})`),
      shape(['i'], (x) => `show(${x})`, (x) => `((${x} + 1) | 0)`),
      shape(['b'], (x) => `show(${x})`, (x) => `(${x} ? 3 : 4)`),
      shape(['V'], (x) => `show(${x})`, (x) => `Math.imul((${x}).a, 2)`),
      shape(['b'], (x) => `show(boxed(${x}))`, (x) => `((x) => 5)(${x})`),
      shape(['i', 'i'], (x, y) => `show(${x}, ${y})`, (x, y) => `((${x} - ${y}) | 0)`),
      shape(['i', 'i'], (x, y) => `show(${x}, by: ${y})`, (x, y) => `Math.imul(${x}, ${y})`),
      shape(['i', 'i'], (x, y) => `show(${x}, to: ${y})`, (x, y) => `((x, y) => (y - Math.imul(x, 2)) | 0)(${x}, ${y})`),
      shape(['O'], (o) => `(${o}).plus()`, (o) => `((o) => Math.imul(o.n, 2))(${o})`),
      shape(['O', 'i'], (o, k) => `(${o}).plus(${k})`, (o, k) => `(((${o}).n + ${k}) | 0)`),
    ],
    O: [shape(['i'], (n) => `O::at_least(n: ${n})`, (n) => `((n) => ({ n, v: { a: n, b: 0 }, o: null }))(${n})`)],
  },
};
