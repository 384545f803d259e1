// Generic functions and objects, at every type of the program; recursion; operators of a type of its own.

import { shape } from './shapes.mjs';

/** Type arguments, where they cannot be inferred from values of other types, or by chance. */
function written(generator, type) {
  const explicit = generator.types[type].abstract || generator.random(2) === 0;
  return explicit ? `<${generator.voydType(type)}>` : '';
}

const choose = (generator, depth, scope, type) => {
  const types = written(generator, type);
  return shape(
    ['b', type, type],
    (c, x, y) => `choose${types}(${c}, ${x}, ${y})`,
    (c, x, y) => `choose(${c}, ${x}, ${y})`,
  )(generator, depth, scope);
};

const nested = (generator, depth, scope, type) => {
  const call = `nested${written(generator, type)}(${generator.random(5)}`;
  return shape([type], (x) => `${call}, ${x})`, (x) => x)(generator, depth, scope);
};

// Through a pair with a value of another type, turned around and back.
const paired = (generator, depth, scope, type) => {
  const other = generator.anyType();
  const name = generator.voydType(type);
  return shape(
    [type, other],
    (x, y) => `Pair<${name}, ${generator.voydType(other)}> { a: ${x}, b: ${y} }.turned().b`,
    (x, y) => `((x, y) => x)(${x}, ${y})`,
  )(generator, depth, scope);
};

const stored = (generator, depth, scope, type) => {
  const types = written(generator, type);
  return shape([type], (x) => `stored${types}(${x}).value`, (x) => x)(generator, depth, scope);
};

export const generics = {
  preamble: `
obj Pair<A, B> { a: A, b: B }
obj Store<T> { value: T, count: i32 }
obj M { m: i32 }

impl<A, B> Pair<A, B>
  fn turned(self) -> Pair<B, A>
    Pair<B, A> { a: self.b, b: self.a }

impl<T> Store<T>
  fn put(~self, value: T) -> i32
    self.value = value
    self.count = self.count + 1
    self.count

impl M
  fn '+'(self, other: M) -> M
    M { m: self.m * 31 + other.m }
  fn '<'(self, other: M) -> bool
    self.m < other.m

fn choose<T>(c: bool, x: T, y: T) -> T
  if c then: x else: y

fn nested<T>(n: i32, x: T) -> T
  if n <= 0 then: x else: nested<T>(n - 1, Pair<i32, T> { a: n, b: x }.b)

fn stored<T>(x: T) -> Store<T>
  let ~store = Store<T> { value: x, count: 0 }
  let _ = store.put(x)
  store

fn applied<T, U>(x: T, f: fn(T) -> U) -> U
  f(x)

fn is_even(n: i32) -> bool
  if n <= 0 then: n == 0 else: is_odd(n - 1)

fn is_odd(n: i32) -> bool
  if n <= 0 then: false else: is_even(n - 1)
`,
  js: `
const choose = (c, x, y) => (c ? x : y);
`,
  any: [choose, nested, paired, stored],
  expressions: {
    i: [
      shape(['i', 'i'], (x, y) => `(M { m: ${x} } + M { m: ${y} }).m`, (x, y) => `((Math.imul(${x}, 31) + ${y}) | 0)`),
      shape(['V', 'i'], (v, k) => `applied(${v}, (v) => v.a + ${k})`, (v, k) => `((v, k) => (v.a + k) | 0)(${v}, ${k})`),
    ],
    b: [
      shape(['i'], (x) => `is_even(${x} % 50)`, (x) => `((n) => n >= 0 && n % 2 === 0)(${x} % 50)`),
      shape(['i', 'i'], (x, y) => `(M { m: ${x} } < M { m: ${y} })`, (x, y) => `(${x} < ${y})`),
    ],
  },
};
