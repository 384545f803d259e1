// Makes well-typed programs of the type language from seeds: expressions are made for the type that their place
// wants, either exactly or, where the place passes its type on (spec 05 §5.2.1), of anything that satisfies it.
// What mutations may touch is marked (text.mjs).

import { Random } from './random.mjs';
import { mark } from './text.mjs';
import { BOOL, F64, I32, I64, NUMBERS, PRIMITIVES, STRING, array, box, fn, named, narrower, optional, record, same, show, trait, tuple, union } from './types.mjs';
import { World } from './world.mjs';

const indent = (depth) => '  '.repeat(depth);

class Generator {
  constructor(seed) {
    this.random = new Random(seed);
    this.world = new World(this.random);
    this.functions = [];
    this.makers = new Map();
    this.names = 0;
  }

  fresh(prefix) {
    return `${prefix}${this.names++}`;
  }

  // --- expressions

  literal(type) {
    const { random } = this;
    const number = random.below(100);
    if (type === I32) return `${number}`;
    if (type === I64) return `${number}i64`;
    if (type === F64) return `${number}.5`;
    if (type === BOOL) return random.pick(['true', 'false']);
    return `"s${number}"`;
  }

  /** An expression of exactly this type, whatever is expected of it. */
  exact(type, scope, depth) {
    const options = [];
    const locals = scope.filter((local) => same(local.type, type));
    if (locals.length > 0) options.push(() => mark('name', { type }, this.random.pick(locals).name), () => this.random.pick(locals).name);
    if (PRIMITIVES.includes(type) || type === STRING) options.push(() => mark('literal', { type }, this.literal(type)));
    if (depth > 0) {
      this.addCalls(options, type, scope, depth);
      if (NUMBERS.includes(type)) options.push(() => this.arithmetic(type, scope, depth), () => this.arithmetic(type, scope, depth));
      if (type === BOOL) options.push(() => this.comparison(scope, depth));
      if (type === STRING) options.push(() => ['"t${', this.exact(STRING, scope, depth - 1), '}"']);
      this.addFields(options, type, scope);
      options.push(() => this.conditional(type, scope, depth, (inner) => this.exact(type, scope, inner)));
    }
    this.addConstructions(options, type, scope, depth);
    return options.length > 0 ? this.random.pick(options)() : this.made(type);
  }

  /** An expression for a place that expects the type and passes that on. */
  expected(type, scope, depth) {
    const { random } = this;
    // An object may have a field of its base, so that derived ones would go on forever.
    const choices = type.kind === 'named' && depth <= 0 ? [] : narrower(type, this.world);
    if (type.kind === 'fn') return this.lambda(type, scope, depth);
    if (type.kind === 'optional' && random.chance(0.2)) return 'None {}';
    if (choices.length > 0 && random.chance(0.6)) return this.exact(random.pick(choices), scope, depth);
    if (type.kind === 'tuple') return ['(', ...type.of.flatMap((of, i) => [i ? ', ' : '', this.expected(of, scope, depth - 1)]), ')'];
    if (depth > 0 && random.chance(0.15)) return this.conditional(type, scope, depth, (inner) => this.expected(type, scope, inner));
    return this.exact(type, scope, depth);
  }

  /** For an argument of a method or overload: typed alone first, then held against the parameter. */
  argument(type, scope, depth) {
    const choices = [type, ...narrower(type, this.world)];
    return this.exact(this.random.pick(choices), scope, depth);
  }

  /** A call of a function that makes a value of the type. */
  made(type) {
    const key = show(type);
    if (!this.makers.has(key)) {
      const name = `make_${this.makers.size}`;
      this.makers.set(key, { name, type });
    }
    return `${this.makers.get(key).name}()`;
  }

  addConstructions(options, type, scope, depth) {
    if (type.kind === 'named') options.push(() => this.construction(type.declaration, scope, depth));
    if (type.kind === 'array') {
      options.push(() => ['[', this.exact(type.of, scope, depth - 1), ', ', this.exact(type.of, scope, depth - 1), ']']);
    }
    if (type.kind === 'tuple') options.push(() => ['(', ...type.of.flatMap((of, i) => [i ? ', ' : '', this.exact(of, scope, depth - 1)]), ')']);
    if (type.kind === 'record') options.push(() => ['{ ', ...type.fields.flatMap(([name, of], i) => [i ? ', ' : '', `${name}: `, this.exact(of, scope, depth - 1)]), ' }']);
    if (type.kind === 'box') options.push(() => [`Box<${show(type.of)}> { value: `, this.expected(type.of, scope, depth - 1), ' }']);
    if (type.kind === 'fn') options.push(() => this.annotatedLambda(type, scope, depth));
  }

  construction(object, scope, depth) {
    const entries = object.fields.map(([name, type], index) => {
      const value = mark('field-value', { type }, this.expected(type, scope, depth - 1));
      const rest = [mark('field-name', {}, name), ': ', value];
      return mark('entry', { first: index === 0, count: object.fields.length }, index ? ', ' : '', ...rest);
    });
    return mark('construction', { object }, mark('type-name', {}, object.name), ' { ', ...entries, ' }');
  }

  conditional(type, scope, depth, branch) {
    const condition = mark('condition', {}, this.exact(BOOL, scope, depth - 1));
    return ['(if ', condition, ' then: ', branch(depth - 1), ' else: ', mark('branch', { type }, branch(depth - 1)), ')'];
  }

  arithmetic(type, scope, depth) {
    const operator = this.random.pick(['+', '-', '*']);
    const right = mark('operand', { type }, this.exact(type, scope, depth - 1));
    return mark('operation', {}, '(', this.exact(type, scope, depth - 1), ` ${operator} `, right, ')');
  }

  comparison(scope, depth) {
    const { random } = this;
    const type = random.pick(NUMBERS);
    const right = mark('operand', { type }, this.exact(type, scope, depth - 1));
    const simple = mark('operation', {}, '(', this.exact(type, scope, depth - 1), ` ${random.pick(['<', '==', '>=', '!='])} `, right, ')');
    if (random.chance(0.3)) return ['(', simple, random.pick([' and ', ' or ']), this.exact(BOOL, scope, depth - 1), ')'];
    return random.chance(0.2) ? ['(not ', simple, ')'] : simple;
  }

  addFields(options, type, scope) {
    for (const local of scope) {
      if (local.type.kind === 'named') {
        for (const [name, of] of local.type.declaration.fields) {
          if (same(of, type)) options.push(() => mark('access', {}, `${local.name}.`, mark('field', {}, name)));
        }
      }
      if (local.type.kind === 'tuple') {
        local.type.of.forEach((of, i) => same(of, type) && options.push(() => mark('access', {}, `${local.name}.`, mark('index', {}, `${i}`))));
      }
      if (local.type.kind === 'fn' && same(local.type.result, type)) {
        options.push(() => [`${local.name}(`, ...local.type.parameters.flatMap((of, i) => [i ? ', ' : '', this.expected(of, scope, 1)]), ')']);
      }
      if (type.kind === 'optional' && local.type.kind === 'array' && same(local.type.of, type.of)) {
        options.push(() => [`${local.name}[`, this.exact(I32, scope, 0), ']']);
      }
    }
  }

  addCalls(options, type, scope, depth) {
    const inner = depth - 1;
    for (const callee of this.functions) {
      if (same(callee.result, type)) options.push(() => this.call(callee, scope, inner));
    }
    for (const object of this.world.objects) {
      if (same(object.method.result, type)) options.push(() => this.methodCall(object, object.method, scope, inner));
      for (const of of object.traits) {
        if (same(of.result, type)) options.push(() => this.traitCall(object, of, scope, inner));
      }
    }
    if (type.kind !== 'fn' && type.kind !== 'trait') this.addGenericCalls(options, type, scope, inner);
    if (type === I32) options.push(() => this.labelledCall(scope, inner), () => this.shiftedCall(scope, inner));
  }

  addGenericCalls(options, type, scope, inner) {
    const { random } = this;
    const other = random.pick([I32, F64, STRING]);
    options.push(
      () => ['id(', this.exact(type, scope, inner), ')'],
      () => [mark('applied', { call: 'id', type }, `id<${show(type)}>`), '(', this.expected(type, scope, inner), ')'],
      () => ['choose(', this.exact(type, scope, inner), ', ', mark('second', { type }, this.exact(type, scope, inner)), ')'],
      () => ['unbox(Box { value: ', this.exact(type, scope, inner), ' })'],
      () => {
        const x = this.fresh('x');
        return ['apply(', this.exact(other, scope, inner), `, (${x}) => `, this.exact(type, [...scope, { name: x, type: other }], inner), ')'];
      },
      () => ['swapped((', this.exact(type, scope, inner), ', ', this.exact(other, scope, inner), ')).1'],
    );
    if (type.kind !== 'optional') {
      const holder = scope.filter((local) => local.type.kind === 'optional' && same(local.type.of, type));
      if (holder.length > 0) options.push(() => ['(', random.pick(holder).name, ' ?? ', this.exact(type, scope, inner), ')']);
    }
  }

  list(parameters, scope, depth, make, single) {
    return parameters.flatMap((type, i) => [i ? ', ' : '', mark('argument', { type, single }, make(type, scope, depth))]);
  }

  call(callee, scope, depth) {
    const make = callee.overloaded ? (type) => this.exact(type, scope, depth) : (type) => this.expected(type, scope, depth);
    const list = this.list(callee.parameters, scope, depth, make, !callee.overloaded);
    return mark('call', { ...callee }, mark('callee', {}, callee.name), '(', mark('arguments', { count: callee.parameters.length, overloaded: callee.overloaded }, ...list), ')');
  }

  methodCall(object, method, scope, depth) {
    const receiver = this.exact(named(object), scope, Math.min(depth, 0));
    const list = this.list(method.parameters, scope, depth, (type) => this.argument(type, scope, depth), false);
    return mark('method-call', {}, receiver, '.', mark('method', {}, method.name), '(', ...list, ')');
  }

  traitCall(object, of, scope, depth) {
    const receiver = this.exact(named(object), scope, Math.min(depth, 0));
    if (this.random.chance(0.4)) return [`with_${of.name}(`, mark('constrained', {}, receiver), ')'];
    if (this.random.chance(0.5)) return mark('method-call', {}, receiver, '.', mark('method', {}, of.twice), '()');
    return [receiver, `.${of.name}::${of.method}(`, this.exact(of.argument, scope, depth), ')'];
  }

  labelledCall(scope, depth) {
    const { random } = this;
    const labels = random.shuffled(['left', 'right', ...(random.chance(0.5) ? ['extra'] : [])]);
    const list = labels.flatMap((label, i) => [i ? ', ' : '', this.labelled(label, scope, depth)]);
    return mark('call', {}, 'named(', ...list, ')');
  }

  labelled(label, scope, depth) {
    return mark('labelled', { label }, mark('label', { label }, `${label}: `), this.expected(I32, scope, depth));
  }

  shiftedCall(scope, depth) {
    const times = this.random.chance(0.5) ? [', ', this.labelled('times', scope, depth)] : [];
    return mark('call', {}, 'shifted(', this.expected(I32, scope, depth), ', ', this.labelled('by', scope, depth), ...times, ')');
  }

  lambda(type, scope, depth) {
    const parameters = type.parameters.map((of) => ({ name: this.fresh('p'), type: of }));
    return [`(${parameters.map(({ name }) => name).join(', ')}) => `, this.expected(type.result, [...scope, ...parameters], depth - 1)];
  }

  annotatedLambda(type, scope, depth) {
    const parameters = type.parameters.map((of) => ({ name: this.fresh('p'), type: of }));
    const list = parameters.map(({ name, type: of }) => `${name}: ${show(of)}`).join(', ');
    return [`(${list}) -> ${show(type.result)} => `, this.expected(type.result, [...scope, ...parameters], depth - 1)];
  }

  // --- statements

  /** Lines that end in a value of the result's type. */
  body(parameters, result, level, statements = 0) {
    const scope = [...parameters];
    const lines = [];
    for (let i = 0; i < statements; i++) lines.push(this.statement(scope, level, result));
    const tail = mark('tail', { type: result }, this.expected(result, scope, 2));
    return [...lines, indent(level), tail, '\n'];
  }

  statement(scope, level, result) {
    const makers = [
      () => this.letStatement(scope, level),
      () => this.letStatement(scope, level),
      () => this.annotatedLet(scope, level),
      () => this.annotatedLet(scope, level),
      () => this.assignment(scope, level),
      () => this.mutation(scope, level),
      () => this.matchUnion(scope, level),
      () => this.matchOptional(scope, level),
      () => this.matchEnum(scope, level),
      () => this.narrowing(scope, level),
      () => this.early(scope, level, result),
      () => this.loop(scope, level),
      () => this.handler(scope, level),
      () => this.destructuring(scope, level),
    ];
    return [indent(level), this.random.pick(makers)()];
  }

  letStatement(scope, level) {
    const type = this.random.pick([...this.world.types(), tuple([I32, STRING]), box(I32), record([['a', I32], ['b', F64]])]);
    const value = this.exact(type, scope, 2);
    const name = this.fresh('v');
    scope.push({ name, type });
    return ['let ', mark('binding', {}, name), ' = ', value, '\n'];
  }

  annotatedLet(scope, level) {
    const types = [...this.world.types(), tuple([optional(I32), F64]), fn([I32], F64), fn([STRING, I32], optional(I32)), box(optional(F64))];
    const type = this.random.pick(types);
    const value = this.expected(type, scope, 2);
    const name = this.fresh('v');
    scope.push({ name, type });
    return [`let ${name}: `, mark('annotation', {}, show(type)), ' = ', mark('initializer', { type }, value), '\n'];
  }

  assignment(scope, level) {
    const type = this.random.pick(this.world.types());
    const [first, second] = [this.expected(type, scope, 1), this.expected(type, scope, 1)];
    const name = this.fresh('w');
    scope.push({ name, type });
    const declaration = [mark('var', { name }, 'var'), ` ${name}: ${show(type)} = `, first, '\n'];
    return [...declaration, indent(level), `${name} = `, mark('assigned', { type }, second), '\n'];
  }

  mutation(scope, level) {
    const objects = this.world.objects.filter(({ fields }) => fields.some(([, type]) => type === I32));
    if (objects.length === 0) return this.letStatement(scope, level);
    const object = this.random.pick(objects);
    const [field] = object.fields.find(([, type]) => type === I32);
    const name = this.fresh('o');
    const value = this.construction(object, scope, 1);
    const change = this.random.chance(0.5) ? `${name}.bump()` : [`${name}.${field} = `, this.expected(I32, scope, 1)];
    scope.push({ name, type: named(object) });
    return ['let ', mark('tilde', { name }, '~'), `${name} = `, value, '\n', indent(level), change, '\n'];
  }

  // `let v: T = match(x)` with an arm for each member.
  match(scope, level, subject, arms) {
    const type = this.random.pick([I32, F64, STRING, optional(I32)]);
    const name = this.fresh('v');
    const lines = arms.map(({ pattern, names, kind }) => {
      const head = [indent(level + 1), mark(kind ?? 'pattern', {}, pattern), ': '];
      return mark('arm', {}, ...head, this.expected(type, [...scope, ...names], 1), '\n');
    });
    const out = [`let ${name}: ${show(type)} = `, mark('match', {}, `match(${subject})\n`, ...lines)];
    scope.push({ name, type });
    return out;
  }

  matchUnion(scope, level) {
    if (this.world.unions.length === 0) return this.letStatement(scope, level);
    const declaration = this.random.pick(this.world.unions);
    const subject = this.fresh('u');
    const first = [`let ${subject}: ${declaration.name} = `, this.expected(union(declaration), scope, 1), '\n', indent(level)];
    const arms = this.random.shuffled(declaration.members).map((member) => {
      const [field, type] = member.fields[0];
      if (this.random.chance(0.5)) return { pattern: member.name, names: [{ name: subject, type: named(member) }] };
      const bound = this.fresh('b');
      return { pattern: `${member.name} { ${field}: ${bound} }`, names: [{ name: bound, type }] };
    });
    return [...first, this.match(scope, level, subject, arms)];
  }

  matchOptional(scope, level) {
    const of = this.random.pick([I32, F64, STRING]);
    const subject = this.fresh('q');
    const bound = this.fresh('b');
    const first = [`let ${subject}: ${show(optional(of))} = `, this.expected(optional(of), scope, 1), '\n', indent(level)];
    const arms = [{ pattern: `Some { value: ${bound} }`, names: [{ name: bound, type: of }] }, { pattern: 'None', names: [] }];
    return [...first, this.match(scope, level, subject, arms)];
  }

  matchEnum(scope, level) {
    const { name, variants } = this.world.variants;
    const subject = this.fresh('c');
    const chosen = this.random.pick(variants);
    const values = chosen.fields.map(([field, type]) => [`${field}: `, this.expected(type, scope, 1)]);
    const first = [`let ${subject}: ${name} = ${name}::${chosen.name} { `, ...values, ' }\n', indent(level)];
    const arms = variants.map((variant) => {
      const names = variant.fields.map(([, type]) => ({ name: this.fresh('b'), type }));
      const fields = variant.fields.map(([field], i) => `${field}: ${names[i].name}`).join(', ');
      return { pattern: `${name}::${variant.name}${fields ? ` { ${fields} }` : ''}`, names, kind: 'variant' };
    });
    return [...first, this.match(scope, level, subject, arms)];
  }

  narrowing(scope, level) {
    const unions = scope.filter((local) => local.type.kind === 'union');
    if (unions.length === 0) return this.matchUnion(scope, level);
    const local = this.random.pick(unions);
    const member = this.random.pick(local.type.declaration.members);
    const [field] = member.fields[0];
    return [`if ${local.name} is `, mark('tested', {}, member.name), `:\n${indent(level + 1)}${local.name}.${field}\n`];
  }

  early(scope, level, result) {
    const value = mark('returned', { type: result }, this.expected(result, scope, 1));
    return ['if ', mark('condition', {}, this.exact(BOOL, scope, 1)), `:\n${indent(level + 1)}return `, value, '\n'];
  }

  loop(scope, level) {
    const of = this.random.pick([I32, STRING]);
    const item = this.fresh('i');
    const elements = ['[', this.exact(of, scope, 0), ', ', this.exact(of, scope, 0), ']'];
    const inside = [...scope, { name: item, type: of }];
    return [`for ${item} in `, ...elements, ':\n', this.random.chance(0.5) ? [indent(level + 1), 'while ', mark('condition', {}, this.exact(BOOL, inside, 1)), `:\n${indent(level + 2)}break\n`] : [indent(level + 1), this.letStatement(inside, level + 1)]];
  }

  handler(scope, level) {
    const { name: effect, operations } = this.world.effect;
    const [get, put] = operations;
    const name = this.fresh('h');
    const performed = [`${effect}::`, mark('operation-name', {}, get.name), '(', mark('performed', { type: I32 }, this.exact(I32, scope, 0)), ')\n'];
    const second = put.result === I32 ? `${indent(level + 2)}${effect}::put() + ${name}a\n` : `${indent(level + 2)}${effect}::put()\n${indent(level + 2)}${name}a\n`;
    const clauses = [
      mark('clause', {}, indent(level + 2), `${effect}::get(tail, a):\n${indent(level + 3)}tail(`, mark('resumed', { type: I32 }, this.expected(I32, [...scope, { name: 'a', type: I32 }], 1)), ')\n'),
      mark('clause', {}, indent(level + 2), `${effect}::put(${put.kind}):\n${indent(level + 3)}${put.kind}(`, mark('resumed', { type: put.result }, this.expected(put.result, scope, 1)), ')\n'),
    ];
    scope.push({ name, type: I32 });
    return [`let ${name} = `, mark('try', {}, `try\n${indent(level + 2)}let ${name}a = `, ...performed, second, ...clauses)];
  }

  destructuring(scope, level) {
    const [a, b] = [this.fresh('t'), this.fresh('t')];
    const types = [this.random.pick(PRIMITIVES), this.random.pick(this.world.types())];
    const value = ['(', this.exact(types[0], scope, 1), ', ', this.exact(types[1], scope, 1), ')'];
    scope.push({ name: a, type: types[0] }, { name: b, type: types[1] });
    return ['let ', mark('tuple-pattern', {}, `(${a}, ${b})`), ' = ', ...value, '\n'];
  }

  // --- the program

  makeFunctions() {
    const { random } = this;
    const types = this.world.types();
    const out = [];
    const count = random.between(3, 6);
    for (let i = 0; i < count; i++) {
      const parameters = Array.from({ length: random.between(1, 3) }, () => random.pick([...types, fn([I32], random.pick(PRIMITIVES))]));
      const callee = { name: `f${i}`, parameters, result: random.pick(types), overloaded: false };
      out.push(this.functionText(callee, random.between(1, 4)));
      this.functions.push(callee);
    }
    for (const type of random.shuffled([I32, F64, STRING, BOOL]).slice(0, 3)) {
      const callee = { name: 'over', parameters: [type], result: type, overloaded: true };
      out.push(this.functionText(callee, 0));
      this.functions.push(callee);
    }
    return out;
  }

  functionText({ name, parameters, result }, statements) {
    const locals = parameters.map((type, i) => ({ name: `a${i}`, type }));
    const list = locals.map(({ name: own, type }) => `${own}: ${show(type)}`).join(', ');
    return [`fn ${name}(${list}) -> `, mark('result', {}, show(result)), '\n', this.body(locals, result, 1, statements)];
  }

  performers() {
    const { name, operations } = this.world.effect;
    const row = mark('row', {}, `: ${name}`);
    return [`fn performs(x: i32)`, row, ` -> i32\n  ${name}::${operations[0].name}(x)\n`, `fn takes(f: fn(i32)${': '}${name} -> i32) -> i32\n  try\n    f(1)\n  ${name}::get(tail, a):\n    tail(a)\n  ${name}::put(${operations[1].kind}):\n    ${operations[1].kind}(${this.literal(operations[1].result)})\n`];
  }

  program() {
    const functions = this.makeFunctions();
    const declarations = this.world.text((parameters, result, level) => this.body(parameters, result, level));
    const main = ['pub fn main() -> i32\n', this.body([], I32, 1, 6)];
    const makers = [];
    for (const { name, type } of this.makers.values()) { // grows: a maker may want others
      makers.push([`fn ${name}() -> ${show(type)}\n  `, this.simplest(type), '\n']);
    }
    return [declarations, functions, this.performers(), main, makers];
  }

  // A value for a maker: of few parts, so that makers end.
  simplest(type) {
    switch (type.kind) {
      case 'optional':
        return 'None {}';
      case 'union':
        return this.simplest(named(type.declaration.members[0]));
      case 'trait':
        return this.simplest(named(this.world.objects.find(({ traits }) => traits.includes(type.declaration))));
      case 'named':
        return [`${type.declaration.name} { `, ...type.declaration.fields.flatMap(([name, of], i) => [i ? ', ' : '', `${name}: `, this.simplest(of)]), ' }'];
      case 'array':
        return ['[', this.simplest(type.of), ']'];
      case 'tuple':
        return ['(', ...type.of.flatMap((of, i) => [i ? ', ' : '', this.simplest(of)]), ')'];
      case 'box':
        return [`Box<${show(type.of)}> { value: `, this.simplest(type.of), ' }'];
      case 'record':
        return ['{ ', ...type.fields.flatMap(([name, of], i) => [i ? ', ' : '', `${name}: `, this.simplest(of)]), ' }'];
      case 'fn':
        return [`(${type.parameters.map((_, i) => `x${i}`).join(', ')}) => `, this.simplest(type.result)];
      default:
        return this.literal(type);
    }
  }
}

/** The program of a seed, as a tree for `render` of text.mjs. */
export function generate(seed) {
  return new Generator(seed).program();
}
