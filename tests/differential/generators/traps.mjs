// What ends a program: division by zero, an index out of range, a panic with its text.

import { shape } from './shapes.mjs';

export const traps = {
  preamble: `
fn checked(n: i32) -> i32
  if n % 11 == 10:
    panic("eleven")
  n

fn guarded(n: i32, limit: i32) -> i32
  if n % 13 > limit then:
    panic("over ".concat("the limit"))
  n
`,
  js: `
const divide = (x, y) => (y === 0 || (x === -2147483648 && y === -1) ? trap(null) : (x / y) | 0);
const checked = (n) => (n % 11 === 10 ? trap('eleven') : n);
const guarded = (n, limit) => (n % 13 > limit ? trap('over the limit') : n);
const elementAt = (xs, i) => (i < 0 || i >= xs.length ? trap(null) : xs[i]);
`,
  expressions: {
    i: [
      shape(['i', 'i'], (x, y) => `(${x} / (${y} % 5 + 1))`, (x, y) => `divide(${x}, ${y} % 5 + 1)`),
      shape(['i'], (x) => `checked(${x})`, (x) => `checked(${x})`),
      shape(['i'], (x) => `guarded(${x}, 11)`, (x) => `guarded(${x}, 11)`),
      shape(['i', 'i'], (x, i) => `[${x}, 5, 7].at(${i} % 2 + 2)`, (x, i) => `elementAt([${x}, 5, 7], ${i} % 2 + 2)`),
    ],
  },
};
