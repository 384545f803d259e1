// Enumerations, generic ones too; matches with fields renamed and `else`; narrowing by `is`; optionals.

import { shape } from './shapes.mjs';

export const matches = {
  preamble: `
enum Light
  Off
  Dim { level: i32 }
  Coded { a: i32, inner: Optional<i32> }

enum Tree<T>
  Leaf
  Node<T> { left: Tree<T>, item: T, right: Tree<T> }

fn present(o: Optional<i32>) -> bool
  o is Some

fn bright(light: Light, limit: i32) -> i32
  match(light)
    Light::Off: 0
    Light::Dim { level }: if level > limit then: level - limit else: level
    Light::Coded { a, inner: within }:
      match(within)
        Some { value }: if value == limit then: a else: a - value
        None: a * 3

fn is_dim(light: Light) -> i32
  if light is Light::Dim then: light.level else: -1

fn chained(light: Light) -> i32
  if
    light is Light::Off: 1
    light is Light::Coded: light.a
    else: 2

fn kind(light: Light) -> i32
  match(light)
    Light::Dim: 10
    else: 20

fn off() -> Light
  Light::Off {}

fn dim(level: i32) -> Light
  Light::Dim { level: level }

fn coded(a: i32, inner: Optional<i32>) -> Light
  Light::Coded { a: a, inner: inner }

fn grown_tree(depth: i32, item: i32) -> Tree<i32>
  if depth <= 0 then:
    Tree::Leaf {}
  else:
    Tree::Node<i32> { left: grown_tree(depth - 1, item + 1), item: item, right: grown_tree(depth - 2, item * 3) }

fn total(tree: Tree<i32>) -> i32
  match(tree)
    Tree::Leaf: 1
    Tree::Node { left, item, right }: total(left) * 5 + item - total(right)
`,
  js: `
const bright = (l, k) => (l === null ? 0 : 'level' in l ? (l.level > k ? (l.level - k) | 0 : l.level)
  : l.inner === null ? Math.imul(l.a, 3) : l.inner === k ? l.a : (l.a - l.inner) | 0);
const grownTree = (d, x) => (d <= 0 ? null : { l: grownTree(d - 1, (x + 1) | 0), x, r: grownTree(d - 2, Math.imul(x, 3)) });
const total = (t) => (t === null ? 1 : (Math.imul(total(t.l), 5) + t.x - total(t.r)) | 0);
`,
  types: { E: { voyd: 'Light', captured: true } },
  expressions: {
    i: [
      shape(['E', 'i'], (e, k) => `bright(${e}, ${k})`, (e, k) => `bright(${e}, ${k})`),
      shape(['E'], (e) => `is_dim(${e})`, (e) => `((l) => (l !== null && 'level' in l ? l.level : -1))(${e})`),
      shape(['E'], (e) => `kind(${e})`, (e) => `((l) => (l !== null && 'level' in l ? 10 : 20))(${e})`),
      shape(['E'], (e) => `chained(${e})`, (e) => `((l) => (l === null ? 1 : 'a' in l ? l.a : 2))(${e})`),
      shape(['i', 'i'], (d, x) => `total(grown_tree(${d} % 6, ${x}))`, (d, x) => `total(grownTree(${d} % 6, ${x}))`),
      shape(['o', 'i'], (o, d) => `(${o} ?? ${d})`, (o, d) => `(${o} ?? ${d})`),
    ],
    o: [shape(['b', 'i'], (c, x) => `(if ${c} then: some(${x}) else: none())`, (c, x) => `(${c} ? ${x} : null)`)],
    // Behind a call: the branch of a condition on a variable itself may not assign it (spec 04 §9.6).
    b: [shape(['o'], (o) => `present(${o})`, (o) => `(${o} !== null)`)],
    E: [
      () => ['off()', 'null'],
      shape(['i'], (x) => `dim(${x})`, (x) => `({ level: ${x} })`),
      shape(['i', 'o'], (a, o) => `coded(${a}, ${o})`, (a, o) => `({ a: ${a}, inner: ${o} })`),
    ],
  },
};
