// Objects, value types, optionals, unions, tuples, records and boxes, with their coercions.

import { indent, scopeWith, shape } from './shapes.mjs';

const preamble = `
val V { a: i32, b: i32 }
obj O { n: i32, v: V, o: Optional<i32> }
obj L { l: i32 }
obj R { r: i32, s: i32 }
obj Box<T> { value: T }

fn un(o: Optional<i32>, d: i32) -> i32
  match(o)
    Some { value }: value
    None: d

fn lr(u: L | R) -> i32
  match(u)
    L { l }: l
    R { r, s }: r - s

fn boxed<T>(x: T) -> Box<T>
  Box { value: x }

fn inside(b: Box<L | R>) -> i32
  lr(b.value)

fn widened(r: { n: i32 }) -> i32
  r.n

fn wide(u: L | R) -> L | R
  u

fn some(n: i32) -> Optional<i32>
  Some { value: n }

fn none() -> Optional<i32>
  None {}
`;

const js = `
const un = (o, d) => o === null ? d : o;
const lr = (u) => 'l' in u ? u.l : (u.r - u.s) | 0;
const copy = (v) => ({ a: v.a, b: v.b });
`;

function matchUnion(generator, scope, depth) {
  const u = generator.expression('U', 2, scope);
  const [l, r, subject] = [generator.name('l'), generator.name('r'), generator.name('u')];
  const a = generator.suite(scopeWith(scope, [{ name: l, type: 'i', kind: 'let' }]), depth);
  const b = generator.suite(scopeWith(scope, [{ name: r, type: 'i', kind: 'let' }]), depth);
  return [
    [`match(wide(${u[0]}))`, ...indent([`L { l: ${l} }:`, ...indent(a[0]), `R { r: ${r} }:`, ...indent(b[0])])],
    [
      `{ const ${subject} = ${u[1]};`,
      `if ('l' in ${subject}) { const ${l} = ${subject}.l;`,
      ...a[1],
      `} else { const ${r} = ${subject}.r;`,
      ...b[1],
      '} }',
    ],
  ];
}

export const objects = {
  preamble,
  js,
  types: {
    V: { voyd: 'V', copied: 'copy', slot: true, captured: true, fields: [['a', 'i'], ['b', 'i']] },
    O: {
      voyd: 'O',
      slot: true,
      shared: true,
      fields: [['n', 'i'], ['v', 'V'], ['v.a', 'i'], ['v.b', 'i'], ['o', 'o']],
    },
    o: { voyd: 'Optional<i32>', captured: true },
    U: { voyd: 'L | R', captured: true },
  },
  expressions: {
    i: [
      shape(['V'], (v) => `(${v}).a`, (v) => `(${v}).a`),
      shape(['V'], (v) => `(${v}).b`, (v) => `(${v}).b`),
      shape(['O'], (o) => `(${o}).n`, (o) => `(${o}).n`),
      shape(['O'], (o) => `(${o}).v.b`, (o) => `(${o}).v.b`),
      shape(['o', 'i'], (o, d) => `un(${o}, ${d})`, (o, d) => `un(${o}, ${d})`),
      shape(['U'], (u) => `lr(${u})`, (u) => `lr(${u})`),
      shape(['i', 'V'], (x, v) => `boxed((${x}, ${v})).value.1.a`, (x, v) => `((x, v) => v.a)(${x}, ${v})`),
      shape(['i'], (x) => `inside(Box { value: L { l: ${x} } })`, (x) => x),
      shape(['i'], (x) => `widened({ n: ${x}, m: true })`, (x) => x),
    ],
    V: [shape(['i', 'i'], (a, b) => `V { a: ${a}, b: ${b} }`, (a, b) => `({ a: ${a}, b: ${b} })`)],
    O: [
      shape(
        ['i', 'V', 'o'],
        (n, v, o) => `O { n: ${n}, v: ${v}, o: ${o} }`,
        (n, v, o) => `({ n: ${n}, v: ${v}, o: ${o} })`,
      ),
    ],
    o: [() => ['none()', 'null'], shape(['i'], (x) => `some(${x})`, (x) => x), shape(['i'], (x) => `some(${x})`, (x) => x)],
    U: [
      shape(['i'], (l) => `wide(L { l: ${l} })`, (l) => `({ l: ${l} })`),
      shape(['i', 'i'], (r, s) => `wide(R { r: ${r}, s: ${s} })`, (r, s) => `({ r: ${r}, s: ${s} })`),
    ],
  },
  statements: [matchUnion],
};
