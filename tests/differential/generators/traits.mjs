// A trait with two implementors, called through the trait.

import { shape } from './shapes.mjs';

export const traits = {
  preamble: `
trait Shape
  fn area(self, k: i32) -> i32
  fn grow(~self, by: i32) -> void

impl Shape for L
  fn area(self, k: i32) -> i32
    self.l * k
  fn grow(~self, by: i32) -> void
    self.l = self.l + by

impl Shape for R
  fn area(self, k: i32) -> i32
    self.r - self.s * k
  fn grow(~self, by: i32) -> void
    self = R { r: by, s: self.r }

fn shaped(s: Shape, k: i32) -> i32
  s.area(k)
`,
  js: "const area = (s, k) => ('l' in s ? Math.imul(s.l, k) : (s.r - Math.imul(s.s, k)) | 0);",
  expressions: {
    i: [
      shape(
        ['i', 'i', 'i'],
        (r, s, k) => `shaped(R { r: ${r}, s: ${s} }, ${k})`,
        (r, s, k) => `area({ r: ${r}, s: ${s} }, ${k})`,
      ),
      shape(['i', 'i'], (l, k) => `shaped(L { l: ${l} }, ${k})`, (l, k) => `area({ l: ${l} }, ${k})`),
    ],
  },
};
