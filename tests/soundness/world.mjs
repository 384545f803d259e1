// The declarations of a generated program: objects with bases, value types, unions, an enum, traits with defaults
// and their implementations, aliases, an effect, and generic helpers that every program has.

import { joined, mark } from './text.mjs';
import { BOOL, F64, I32, I64, PRIMITIVES, STRING, array, named, optional, show, trait, union } from './types.mjs';

// Generic functions; their bodies are checked for each type that the program uses them with.
const HELPERS = `obj Box<T> { value: T }
fn id<T>(x: T) -> T
  x
fn choose<T>(a: T, b: T) -> T
  if true then: a else: b
fn unbox<T>(b: Box<T>) -> T
  b.value
fn apply<T, U>(x: T, f: fn(T) -> U) -> U
  f(x)
fn or_else<T>(o: Optional<T>, other: T) -> T
  match(o)
    Some { value }: value
    None: other
fn first<T>(xs: Array<T>, other: T) -> T
  or_else(xs[0], other)
fn swapped<A, B>(p: (A, B)) -> (B, A)
  (p.1, p.0)
fn none_of<T>() -> Optional<T>
  None {}
fn named({ left: i32, right: i32, extra?: i32 }) -> i32
  left - right + (extra ?? 0)
fn shifted(x: i32, { by: i32, times: i32 = 1 }) -> i32
  x + by * times
`;

function makeFields(random, types, prefix) {
  return Array.from({ length: random.between(1, 3) }, (_, i) => [`${prefix}${i}`, random.pick(types)]);
}

export class World {
  constructor(random) {
    this.random = random;
    this.objects = [];
    this.makeTraits();
    this.makeObjects();
    this.makeUnions();
    this.makeImpls();
    this.alias = random.pick(PRIMITIVES);
  }

  makeTraits() {
    this.traits = Array.from({ length: this.random.between(1, 2) }, (_, i) => {
      const result = this.random.pick([I32, F64, STRING, BOOL]);
      return { name: `Tr${i}`, method: `act${i}`, result, argument: this.random.pick([I32, F64]), twice: `dbl${i}` };
    });
  }

  makeObjects() {
    const { random } = this;
    const count = random.between(3, 5);
    for (let i = 0; i < count; i++) {
      const plain = [...PRIMITIVES, STRING, optional(I32), array(I32)];
      const bases = this.objects.filter(({ value, base }) => !value && !base);
      const base = bases.length > 0 && random.chance(0.3) ? random.pick(bases) : null;
      const earlier = this.objects.filter(({ value }) => !value).map(named);
      const types = [...plain, ...earlier];
      const value = !base && random.chance(0.2);
      const own = makeFields(random, types, `f${i}_`);
      const object = { name: `O${i}`, base, value, fields: [...(base?.fields ?? []), ...own], traits: [] };
      object.method = { name: `m${i}`, parameters: [random.pick([I32, I64, BOOL])], result: random.pick(PRIMITIVES) };
      for (const of of this.traits) if (!value && random.chance(0.6)) object.traits.push(of);
      this.objects.push(object);
    }
  }

  makeUnions() {
    const { random } = this;
    this.unions = [];
    const apart = random.shuffled(this.objects.filter(({ value, base }) => !value && !base));
    if (apart.length >= 2) this.unions.push({ name: 'U0', members: apart.slice(0, random.between(2, 3)) });
    const variants = Array.from({ length: random.between(2, 3) }, (_, i) => {
      return { name: `V${i}`, fields: random.chance(0.6) ? [[`v${i}`, random.pick(PRIMITIVES)]] : [] };
    });
    this.variants = { name: 'Choice', variants };
  }

  makeImpls() {
    this.effect = { name: 'Ask', operations: [
      { name: 'get', kind: 'tail', parameters: [I32], result: I32 },
      { name: 'put', kind: this.random.pick(['tail', 'resume']), parameters: [], result: this.random.pick([I32, F64]) },
    ] };
  }

  /** Types that functions take and give. */
  types() {
    const objects = this.objects.map(named);
    const basic = [...PRIMITIVES, STRING, ...objects];
    return [
      ...basic,
      ...this.unions.map(union),
      ...this.traits.filter((of) => this.objects.some(({ traits }) => traits.includes(of))).map(trait),
      optional(this.random.pick(PRIMITIVES)),
      optional(this.random.pick(objects)),
      array(this.random.pick(basic)),
    ];
  }

  /** The declarations as text; `body(parameters, result)` writes the bodies of methods. */
  text(body) {
    const out = [HELPERS, `type Alias = ${show(this.alias)}\n`];
    for (const object of this.objects) {
      const fields = joined(object.fields.map(([name, type]) => `${name}: ${show(type)}`), ', ');
      const base = object.base ? `: ${object.base.name} ` : '';
      out.push(`${object.value ? 'val' : 'obj'} ${object.name} ${base}{ `, fields, ' }\n');
    }
    for (const { name, members } of this.unions) {
      out.push(`type ${name} = ${members.map((member) => member.name).join(' | ')}\n`);
    }
    out.push(`enum ${this.variants.name}\n`);
    for (const { name, fields } of this.variants.variants) {
      const list = fields.map(([field, type]) => `${field}: ${show(type)}`).join(', ');
      out.push(`  ${name}${list ? ` { ${list} }` : ''}\n`);
    }
    out.push(`eff ${this.effect.name}\n`);
    for (const { name, kind, parameters, result } of this.effect.operations) {
      const list = parameters.map((type, i) => `, a${i}: ${show(type)}`).join('');
      out.push(`  ${name}(${kind}${list}) -> ${show(result)}\n`);
    }
    for (const { name, method, argument, result, twice } of this.traits) {
      out.push(`trait ${name}\n  fn ${method}(self, x: ${show(argument)}) -> ${show(result)}\n`);
      out.push(`  fn ${twice}(self) -> ${show(result)}\n    self.${method}(${argument === I32 ? '1' : '1.0'})\n`);
      out.push(`fn with_${name}<T: ${name}>(t: T) -> ${show(result)}\n  t.${twice}()\n`);
    }
    for (const object of this.objects) {
      const { name, parameters, result } = object.method;
      const self = { name: 'self', type: named(object) };
      out.push(`impl ${object.name}\n  fn ${name}(self, p: ${show(parameters[0])}) -> ${show(result)}\n`);
      out.push(body([self, { name: 'p', type: parameters[0] }], result, 2));
      const writable = object.fields.find(([, type]) => type === I32);
      if (writable) out.push(`  fn bump(~self) -> void\n    self.${writable[0]} = self.${writable[0]} + 1\n`);
      for (const of of object.traits) {
        const parts = [`  fn ${of.method}(self, x: ${show(of.argument)}) -> `, mark('impl-result', of.result, show(of.result)), '\n'];
        const method = mark('trait-method', {}, ...parts, body([self, { name: 'x', type: of.argument }], of.result, 2));
        out.push(mark('impl', of, `impl ${of.name} for ${object.name}\n`, method, `  fn own_${of.name}(self) -> i32\n    1\n`));
      }
    }
    return out;
  }
}
