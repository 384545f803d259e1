// Makes well-typed Voyd programs that carry their own answer: every piece of a program is written twice, as Voyd
// and as JavaScript that means the same, and the answer is what the JavaScript gives. Numbers are 32-bit, `val`s
// are copied wherever they are read, in-out arguments are pairs of a getter and a setter, and no slot is given to
// a call twice, so that the order of write-backs cannot matter.

const PREAMBLE = `
val V { a: i32, b: i32 }
obj O { n: i32, v: V, o: Optional<i32> }
obj L { l: i32 }
obj R { r: i32, s: i32 }
obj Box<T> { value: T }
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

fn shaped(s: Shape, k: i32) -> i32
  s.area(k)

fn widened(r: { n: i32 }) -> i32
  r.n

fn some(n: i32) -> Optional<i32>
  Some { value: n }

fn none() -> Optional<i32>
  None {}
`;

const JS_PREAMBLE = `
const un = (o, d) => o === null ? d : o;
const lr = (u) => 'l' in u ? u.l : (u.r - u.s) | 0;
const area = (s, k) => 'l' in s ? Math.imul(s.l, k) : (s.r - Math.imul(s.s, k)) | 0;
const copy = (v) => ({ a: v.a, b: v.b });
`;

/** Numbers from a seed (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const TYPES = { i: 'i32', b: 'bool', V: 'V', O: 'O', o: 'Optional<i32>', U: 'L | R' };

class Generator {
  constructor(random) {
    this.random = random;
    this.functions = [];
    this.names = 0;
  }

  pick(list) {
    return list[this.random(list.length)];
  }

  name(prefix) {
    return `${prefix}${this.names++}`;
  }

  // Variables in scope: {name, type, kind: 'let' | 'var' | 'mutable', inLambda}.
  of(scope, type, filter = () => true) {
    return scope.variables.filter((one) => one.type === type && filter(one) && !scope.taken.has(one.name));
  }

  literal() {
    const value = this.pick([0, 1, 2, 3, 7, 10, 100, 65537, 2147483647, this.random(1000)]);
    return [`${value}`, `${value}`];
  }

  expression(type, depth, scope) {
    const known = this.of(scope, type);
    if (known.length > 0 && this.random(depth > 0 ? 3 : 2) === 0) {
      const { name } = this.pick(known);
      return [name, type === 'V' ? `copy(${name})` : name];
    }
    if (depth > 0) {
      const callees = this.functions.filter((one) => one.result === type && one.params.every(({ mutable }) => !mutable));
      if (callees.length > 0 && this.random(5) === 0) return this.call(this.pick(callees), depth - 1, scope);
      if (this.random(6) === 0) return this.conditional(type, depth - 1, scope);
    }
    return this[`make_${type}`](depth - 1, scope);
  }

  conditional(type, depth, scope) {
    const c = this.expression('b', depth, scope);
    const x = this.expression(type, depth, scope);
    const y = this.expression(type, depth, scope);
    return [`(if ${c[0]} then: ${x[0]} else: ${y[0]})`, `(${c[1]} ? ${x[1]} : ${y[1]})`];
  }

  call(callee, depth, scope) {
    const args = callee.params.map(({ type }) => this.expression(type, depth, scope));
    return [`${callee.name}(${args.map(([v]) => v).join(', ')})`, `${callee.name}(${args.map(([, j]) => j).join(', ')})`];
  }

  make_i(depth, scope) {
    if (depth < 0) return this.literal();
    const e = (type) => this.expression(type, depth, scope);
    switch (this.random(13)) {
      case 0: {
        const [x, y] = [e('i'), e('i')];
        return [`(${x[0]} + ${y[0]})`, `((${x[1]} + ${y[1]}) | 0)`];
      }
      case 1: {
        const [x, y] = [e('i'), e('i')];
        return [`(${x[0]} - ${y[0]})`, `((${x[1]} - ${y[1]}) | 0)`];
      }
      case 2: {
        const [x, y] = [e('i'), e('i')];
        return [`(${x[0]} * ${y[0]})`, `Math.imul(${x[1]}, ${y[1]})`];
      }
      case 3: {
        const x = e('i');
        const d = this.pick([3, 7, 1000]);
        return [`(${x[0]} % ${d})`, `(${x[1]} % ${d} | 0)`];
      }
      case 4: {
        const x = e('V');
        const f = this.pick(['a', 'b']);
        return [`(${x[0]}).${f}`, `(${x[1]}).${f}`];
      }
      case 5: {
        const x = e('O');
        return [`(${x[0]}).n`, `(${x[1]}).n`];
      }
      case 6: {
        const x = e('O');
        return [`(${x[0]}).v.b`, `(${x[1]}).v.b`];
      }
      case 7: {
        const [x, y] = [e('o'), e('i')];
        return [`un(${x[0]}, ${y[0]})`, `un(${x[1]}, ${y[1]})`];
      }
      case 8: {
        const x = e('U');
        return [`lr(${x[0]})`, `lr(${x[1]})`];
      }
      case 9: {
        const x = e('i');
        const y = e('V');
        return [`boxed((${x[0]}, ${y[0]})).value.1.a`, `((x, y) => y.a)(${x[1]}, ${y[1]})`];
      }
      case 10: {
        const [x, y] = [e('i'), e('i')];
        return [`inside(Box { value: L { l: ${x[0]} } }) + ${y[0]}`, `((${x[1]} + ${y[1]}) | 0)`].map((t) => `(${t})`);
      }
      case 11: {
        const [x, y, z] = [e('i'), e('i'), e('i')];
        return [`shaped(R { r: ${x[0]}, s: ${y[0]} }, ${z[0]})`, `area({ r: ${x[1]}, s: ${y[1]} }, ${z[1]})`];
      }
      default: {
        const lambdas = this.of(scope, 'f');
        const x = e('i');
        if (lambdas.length === 0) return [`widened({ n: ${x[0]}, m: true })`, x[1]];
        const { name } = this.pick(lambdas);
        return [`${name}(${x[0]})`, `${name}(${x[1]})`];
      }
    }
  }

  make_b(depth, scope) {
    if (depth < 0) return this.pick([['true', 'true'], ['false', 'false']]);
    const x = this.expression('i', depth, scope);
    const y = this.expression('i', depth, scope);
    const compare = [`(${x[0]} < ${y[0]})`, `(${x[1]} < ${y[1]})`];
    if (this.random(3) > 0) return compare;
    const z = this.expression('b', depth, scope);
    const [voyd, js] = this.pick([['and', '&&'], ['or', '||']]);
    return [`(${compare[0]} ${voyd} ${z[0]})`, `(${compare[1]} ${js} ${z[1]})`];
  }

  make_V(depth, scope) {
    const [x, y] = [this.expression('i', depth, scope), this.expression('i', depth, scope)];
    return [`V { a: ${x[0]}, b: ${y[0]} }`, `({ a: ${x[1]}, b: ${y[1]} })`];
  }

  make_O(depth, scope) {
    const n = this.expression('i', depth, scope);
    const v = this.expression('V', depth, scope);
    const o = this.expression('o', depth, scope);
    return [`O { n: ${n[0]}, v: ${v[0]}, o: ${o[0]} }`, `({ n: ${n[1]}, v: ${v[1]}, o: ${o[1]} })`];
  }

  make_o(depth, scope) {
    if (this.random(3) === 0) return ['none()', 'null'];
    const x = this.expression('i', depth, scope);
    return [`some(${x[0]})`, x[1]];
  }

  make_U(depth, scope) {
    const x = this.expression('i', depth, scope);
    const y = this.expression('i', depth, scope);
    const [voyd, js] = this.pick([
      [`L { l: ${x[0]} }`, `({ l: ${x[1]} })`],
      [`R { r: ${x[0]}, s: ${y[0]} }`, `({ r: ${x[1]}, s: ${y[1]} })`],
    ]);
    return [`wide(${voyd})`, js];
  }

  // --------------------------------------------------------------------------------------------- statements

  // Places that may be written: `[voyd, js, type, root]`.
  places(scope) {
    const found = [];
    for (const one of scope.variables) {
      if (one.kind === 'let' || scope.taken.has(one.name)) continue;
      found.push([one.name, one.name, one.type, one.name]);
      if (one.kind !== 'mutable') continue;
      if (one.type === 'V') for (const f of ['a', 'b']) found.push([`${one.name}.${f}`, `${one.name}.${f}`, 'i', one.name]);
      if (one.type === 'O') {
        for (const [f, type] of [['n', 'i'], ['v', 'V'], ['v.a', 'i'], ['v.b', 'i'], ['o', 'o']]) {
          found.push([`${one.name}.${f}`, `${one.name}.${f}`, type, one.name]);
        }
      }
    }
    return found;
  }

  block(scope, count, depth) {
    const inner = { ...scope, variables: [...scope.variables] };
    const lines = [[], []];
    for (let i = 0; i < count; i++) {
      const [voyd, js] = this.statement(inner, depth);
      lines[0].push(...voyd);
      lines[1].push(...js);
    }
    return [lines, inner];
  }

  nested(scope, depth) {
    const [lines] = this.block(scope, 1 + this.random(3), depth - 1);
    lines[0].push('void');
    return lines;
  }

  statement(scope, depth) {
    switch (this.random(depth > 0 ? 10 : 6)) {
      case 0:
      case 1:
        return this.declaration(scope);
      case 2:
      case 3: {
        const places = this.places(scope);
        if (places.length === 0) return this.declaration(scope);
        const [voyd, js, type] = this.pick(places);
        const x = this.expression(type, 2, scope);
        return [[`${voyd} = ${x[0]}`], [`${js} = ${x[1]};`]];
      }
      case 4:
        return this.inOutCall(scope);
      case 5:
        return this.lambda(scope);
      case 6:
      case 7: {
        const c = this.expression('b', 2, scope);
        const [a, b] = [this.nested(scope, depth), this.nested(scope, depth)];
        return [
          [`if ${c[0]}:`, ...indent(a[0]), 'else:', ...indent(b[0])],
          [`if (${c[1]}) {`, ...a[1], '} else {', ...b[1], '}'],
        ];
      }
      case 8: {
        const i = this.name('k');
        const body = this.nested(scope, depth);
        const times = 1 + this.random(4);
        return [
          [`var ${i} = 0`, `while ${i} < ${times}:`, ...indent([`${i} = ${i} + 1`, ...body[0]])],
          [`let ${i} = 0;`, `while (${i} < ${times}) {`, `${i}++;`, ...body[1], '}'],
        ];
      }
      default: {
        const u = this.expression('U', 2, scope);
        const l = this.name('l');
        const r = this.name('r');
        const left = { ...scope, variables: [...scope.variables, { name: l, type: 'i', kind: 'let' }] };
        const right = { ...scope, variables: [...scope.variables, { name: r, type: 'i', kind: 'let' }] };
        const [a, b] = [this.nested(left, depth), this.nested(right, depth)];
        const subject = this.name('u');
        return [
          [
            `match(wide(${u[0]}))`,
            ...indent([`L { l: ${l} }:`, ...indent(a[0]), `R { r: ${r} }:`, ...indent(b[0])]),
          ],
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
    }
  }

  declaration(scope) {
    const type = this.pick(['i', 'i', 'b', 'V', 'O', 'o', 'U']);
    const kind = this.pick(['let', 'var', ...(type === 'i' || type === 'V' || type === 'O' ? ['mutable', 'mutable'] : [])]);
    const x = this.expression(type, 3, scope);
    const name = this.name('x');
    scope.variables.push({ name, type, kind });
    const word = { let: 'let ', var: 'var ', mutable: 'let ~' }[kind];
    // A call, so that `let ~` makes a slot of its own instead of naming another one (spec 07 §1.4).
    const value = kind === 'mutable' ? `same_${type}(${x[0]})` : x[0];
    return [[`${word}${name}: ${TYPES[type]} = ${value}`], [`let ${name} = ${x[1]};`]];
  }

  inOutCall(scope) {
    const callees = this.functions.filter(({ params }) => params.some(({ mutable }) => mutable));
    if (callees.length === 0) return this.declaration(scope);
    const callee = this.pick(callees);
    const taken = new Set(scope.taken);
    const chosen = new Map();
    for (const [index, { type, mutable }] of callee.params.entries()) {
      if (!mutable) continue;
      const places = this.places(scope).filter(([, , have, root]) => {
        const owner = scope.variables.find(({ name }) => name === root);
        return have === type && owner.kind === 'mutable' && !taken.has(root);
      });
      if (places.length === 0) return this.declaration(scope);
      const place = this.pick(places);
      taken.add(place[3]);
      chosen.set(index, place);
    }
    // Objects may be shared between names: with an object among the slots, the other arguments use no variable.
    const shared = [...chosen.values()].some(([, , , root]) => {
      return scope.variables.find(({ name }) => name === root).type === 'O';
    });
    const inner = shared ? { variables: [], taken } : { ...scope, taken };
    if (shared && chosen.size > 1) return this.declaration(scope);
    const args = callee.params.map(({ type }, index) => {
      const place = chosen.get(index);
      if (!place) return this.expression(type, 2, inner);
      return [`~${place[0]}`, `{ get: () => ${type === 'V' ? `copy(${place[1]})` : place[1]}, set: (x) => { ${place[1]} = x; } }`];
    });
    const voyd = `${callee.name}(${args.map(([v]) => v).join(', ')})`;
    const js = `${callee.name}(${args.map(([, j]) => j).join(', ')})`;
    const name = this.name('x');
    scope.variables.push({ name, type: callee.result, kind: 'let' });
    return [[`let ${name}: ${TYPES[callee.result]} = ${voyd}`], [`let ${name} = ${js};`]];
  }

  // A function of a number that may use and change what is around it, as far as lambdas may.
  lambda(scope) {
    const name = this.name('f');
    const parameter = this.name('p');
    const seen = scope.variables.filter(({ kind, type }) => kind !== 'mutable' && type !== 'O');
    const inner = { variables: [...seen, { name: parameter, type: 'i', kind: 'let' }], taken: scope.taken };
    const variables = seen.filter(({ kind, type }) => kind === 'var' && type === 'i');
    const lines = [[], []];
    if (variables.length > 0 && this.random(2) === 0) {
      const target = this.pick(variables).name;
      const x = this.expression('i', 2, inner);
      lines[0].push(`${target} = ${x[0]}`);
      lines[1].push(`${target} = ${x[1]};`);
    }
    const result = this.expression('i', 2, inner);
    lines[0].push(result[0]);
    lines[1].push(`return ${result[1]};`);
    scope.variables.push({ name, type: 'f', kind: 'let' });
    return [
      [`let ${name} = (${parameter}: i32) -> i32 =>`, ...indent(lines[0])],
      [`const ${name} = (${parameter}) => {`, ...lines[1], '};'],
    ];
  }

  // ---------------------------------------------------------------------------------------------- functions

  define(index) {
    const name = `f_${index}`;
    const params = Array.from({ length: this.random(4) }, () => {
      const type = this.pick(['i', 'i', 'V', 'O', 'o', 'U', 'b']);
      const mutable = (type === 'i' || type === 'V' || type === 'O') && this.random(3) === 0;
      return { name: this.name('a'), type, mutable };
    });
    const result = this.pick(['i', 'i', 'V', 'o', 'U', 'O', 'b']);
    const variables = params.map((one) => ({ ...one, kind: one.mutable ? 'mutable' : 'let' }));
    const [lines, scope] = this.block({ variables, taken: new Set() }, 2 + this.random(4), 2);
    if (this.random(3) === 0) {
      const c = this.expression('b', 2, scope);
      const early = this.expression(result, 2, scope);
      lines[0].push(`if ${c[0]}:`, `  return ${early[0]}`);
      lines[1].push(`if (${c[1]}) { return ${early[1]}; }`);
    }
    const last = this.expression(result, 3, scope);
    const voydParams = params.map(({ name: p, type, mutable }) => `${mutable ? '~' : ''}${p}: ${TYPES[type]}`);
    const voyd = [`fn ${name}(${voydParams.join(', ')}) -> ${TYPES[result]}`, ...indent([...lines[0], last[0]])];
    // In-out parameters: a local copy, written back when the function is left by a return.
    const mutables = params.filter(({ mutable }) => mutable).map(({ name: p }) => p);
    const enter = mutables.map((p) => `let ${p} = $${p}.get();`);
    const leave = mutables.map((p) => `$${p}.set(${p});`);
    const js = [
      `function ${name}(${params.map(({ name: p, mutable }) => (mutable ? `$${p}` : p)).join(', ')}) {`,
      ...enter,
      `const result = (() => {`,
      ...lines[1],
      `return ${last[1]};`,
      `})();`,
      ...leave,
      'return result;',
      '}',
    ];
    this.functions.push({ name, params, result });
    return [voyd.join('\n'), js.join('\n')];
  }

  main() {
    const scope = { variables: [], taken: new Set() };
    const [lines, inner] = this.block(scope, 6, 2);
    const last = this.expression('i', 4, inner);
    return [
      ['pub fn main() -> i32', ...indent([...lines[0], last[0]])].join('\n'),
      ['function main() {', ...lines[1], `return ${last[1]};`, '}'].join('\n'),
    ];
  }
}

function indent(lines) {
  return lines.map((line) => `  ${line}`);
}

const SAME = ['i', 'V', 'O'].map((type) => `fn same_${type}(x: ${TYPES[type]}) -> ${TYPES[type]}\n  x\n`).join('\n');
const WIDE = 'fn wide(u: L | R) -> L | R\n  u\n';

/** A program for a seed: `{text, expected}`, the value that its `main` returns. */
export function generate(seed) {
  const generator = new Generator(randomFrom(seed));
  const functions = Array.from({ length: 3 + generator.random(4) }, (_, index) => generator.define(index));
  const main = generator.main();
  const text = [PREAMBLE, SAME, WIDE, ...functions.map(([voyd]) => voyd), main[0], ''].join('\n\n');
  const js = [JS_PREAMBLE, ...functions.map(([, code]) => code), main[1], 'return main();'].join('\n');
  return { text, expected: new Function(js)() };
}
