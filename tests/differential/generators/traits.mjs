// Traits: calls through the trait, through constraints, and of default methods; a generic trait.

import { shape } from './shapes.mjs';

export const traits = {
  preamble: `
trait Shape
  fn area(self, k: i32) -> i32
  fn grow(~self, by: i32) -> void
  fn both(self, k: i32) -> i32
    self.area(k) - self.area(1)

trait Holder<T>
  fn held(self) -> T

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
  fn both(self, k: i32) -> i32
    self.s

impl Shape for V
  fn area(self, k: i32) -> i32
    self.a + self.b + k
  fn grow(~self, by: i32) -> void
    self.a = by

impl Holder<i32> for L
  fn held(self) -> i32
    self.l

impl<T> Holder<T> for Box<T>
  fn held(self) -> T
    self.value

fn shaped(s: Shape, k: i32) -> i32
  s.area(k)

fn both_of(s: Shape, k: i32) -> i32
  s.both(k)

fn constrained<T: Shape>(x: T, k: i32) -> i32
  x.area(k) + x.both(k)

fn grown<T: Shape>(x: T, k: i32) -> i32
  let ~slot = x
  slot.grow(k)
  slot.area(k)

fn grown_view(s: Shape, k: i32) -> i32
  let ~slot = s
  slot.grow(k)
  slot.area(k)

fn holding(h: Holder<i32>) -> i32
  h.held()
`,
  js: `
const area = (s, k) => ('l' in s ? Math.imul(s.l, k) : 'a' in s ? (s.a + s.b + k) | 0 : (s.r - Math.imul(s.s, k)) | 0);
const both = (s, k) => ('r' in s ? s.s : (area(s, k) - area(s, 1)) | 0);
const grow = (s, by) => ('l' in s ? { l: (s.l + by) | 0 } : 'a' in s ? { a: by, b: s.b } : { r: by, s: s.r });
`,
  types: { S: { voyd: 'Shape', abstract: true } },
  expressions: {
    i: [
      shape(['S', 'i'], (s, k) => `shaped(${s}, ${k})`, (s, k) => `area(${s}, ${k})`),
      shape(['S', 'i'], (s, k) => `both_of(${s}, ${k})`, (s, k) => `both(${s}, ${k})`),
      shape(['V', 'i'], (v, k) => `constrained(${v}, ${k})`, (v, k) => `((v, k) => (area(v, k) + both(v, k)) | 0)(${v}, ${k})`),
      shape(['i', 'i', 'i'], (r, s, k) => `constrained(R { r: ${r}, s: ${s} }, ${k})`,
        (r, s, k) => `((v, k) => (area(v, k) + both(v, k)) | 0)({ r: ${r}, s: ${s} }, ${k})`),
      shape(['V', 'i'], (v, k) => `grown(${v}, ${k})`, (v, k) => `((v, k) => area(grow(v, k), k))(${v}, ${k})`),
      shape(['i', 'i'], (l, k) => `grown_view(L { l: ${l} }, ${k})`, (l, k) => `((l, k) => area(grow({ l }, k), k))(${l}, ${k})`),
      shape(['i'], (x) => `holding(L { l: ${x} })`, (x) => x),
      shape(['i'], (x) => `holding(Box<i32> { value: ${x} })`, (x) => x),
    ],
    S: [
      shape(['i'], (l) => `L { l: ${l} }`, (l) => `({ l: ${l} })`),
      shape(['i', 'i'], (r, s) => `R { r: ${r}, s: ${s} }`, (r, s) => `({ r: ${r}, s: ${s} })`),
    ],
  },
};
