// Makes well-typed Voyd programs that carry their own answer: every piece of a program is written twice, as Voyd
// and as JavaScript that means the same, and the answer is what the JavaScript gives. Pieces are pairs
// `[voyd, js]` of texts (expressions) or of lists of lines (statements). Both languages evaluate from left to
// right, so both must meet the same side effects and the same trap.
//
// The generator knows scopes and how pieces fit together; what pieces there are is said by features (features.mjs),
// of which each program uses a few. A feature is a table:
//
//   preamble, js    declarations that stand before everything else
//   types           key -> {voyd: its name, copied: what JavaScript calls to copy a value where it is read,
//                   slot: may be the type of `let ~`, shared: other names may mean the same object,
//                   fields: [[path, type]] that can be written, captured: a lambda may use variables of it,
//                   abstract: values have other types, json: what a result of `main` looks like to the runner}
//   expressions     type -> makers `(generator, depth, scope) => piece`; `depth` is what operands may use up
//   any             makers `(generator, depth, scope, type) => piece` for expressions of every type
//   leaves          type -> makers without operands, for where the depth is used up
//   statements      makers `(generator, scope, depth) => piece`; they may declare into the scope
//   declarations    makers `(generator) => piece`, one call each in front of the functions
//
// A scope is `{variables, taken, performs}`: the names in-out arguments have taken, and whether the place may perform
// effects (effects.mjs).
//
// A type is only made by features that declare it or that are always there, so any choice of features is a program.

import { ALWAYS, CHOSEN } from './features.mjs';
import { randomFrom } from './random.mjs';
import { indent } from './shapes.mjs';

class Generator {
  constructor(random) {
    this.random = random;
    this.functions = [];
    this.names = 0;
    const features = [...ALWAYS, ...CHOSEN.filter(() => random(3) === 0)];
    this.features = features;
    this.types = Object.assign({}, ...features.map(({ types }) => types));
    this.expressions = this.byType(features.map(({ expressions }) => expressions));
    this.leaves = this.byType(features.map(({ leaves }) => leaves));
    this.any = features.flatMap(({ any }) => any ?? []);
    this.statements = features.flatMap(({ statements }) => statements ?? []);
    this.declarations = features.flatMap(({ declarations }) => declarations ?? []);
  }

  byType(tables) {
    const all = {};
    for (const table of tables) {
      for (const [type, makers] of Object.entries(table ?? {})) (all[type] ??= []).push(...makers);
    }
    return all;
  }

  pick(list) {
    return list[this.random(list.length)];
  }

  name(prefix) {
    return `${prefix}${this.names++}`;
  }

  /** A type of the program's features that variables and parameters can have; numbers are the most frequent. */
  anyType(filter = () => true) {
    const types = Object.keys(this.types).filter((type) => filter(this.types[type]));
    return this.random(3) === 0 && filter(this.types.i) ? 'i' : this.pick(types);
  }

  voydType(type) {
    return this.types[type].voyd;
  }

  /** What JavaScript writes to read `text`, a place of this type. */
  read(type, text) {
    const { copied } = this.types[type];
    return copied ? `${copied}(${text})` : text;
  }

  /** Variables in scope, `{name, type, kind: 'let' | 'var' | 'mutable'}`, that no in-out argument has taken. */
  variables(scope, type, filter = () => true) {
    return scope.variables.filter((one) => one.type === type && filter(one) && !scope.taken.has(one.name));
  }

  expression(type, depth, scope) {
    const known = this.variables(scope, type);
    if (known.length > 0 && this.random(depth > 0 ? 3 : 2) === 0) {
      const { name } = this.pick(known);
      return [name, this.read(type, name)];
    }
    if (depth > 0) {
      const callees = this.callees(scope).filter((one) => one.result === type && !one.params.some(({ mutable }) => mutable));
      if (callees.length > 0 && this.random(5) === 0) return this.call(this.pick(callees), depth - 1, scope);
    }
    if (depth > 0 && this.any.length > 0 && this.random(8) === 0) return this.pick(this.any)(this, depth - 1, scope, type);
    const makers = depth < 0 && this.leaves[type] ? this.leaves[type] : this.expressions[type];
    return this.pick(makers)(this, depth - 1, scope);
  }

  /** The functions that a scope may call. */
  callees(scope) {
    return this.functions.filter(({ performs }) => !performs || scope.performs);
  }

  call(callee, depth, scope) {
    const args = callee.params.map(({ type }) => this.expression(type, depth, scope));
    return [`${callee.name}(${args.map(([v]) => v).join(', ')})`, `${callee.name}(${args.map(([, j]) => j).join(', ')})`];
  }

  /** Places that may be written: `{voyd, js, type, root}`. */
  places(scope) {
    const found = [];
    for (const { name, type, kind } of scope.variables) {
      if (kind === 'let' || scope.taken.has(name)) continue;
      found.push({ text: name, type, root: name });
      const fields = kind === 'mutable' ? (this.types[type].fields ?? []) : [];
      found.push(...fields.map(([path, inner]) => ({ text: `${name}.${path}`, type: inner, root: name })));
    }
    return found;
  }

  /** Some statements: their lines, and the scope after them. */
  block(scope, count, depth) {
    const inner = { ...scope, variables: [...scope.variables] };
    const lines = [[], []];
    for (let i = 0; i < count; i++) {
      const [voyd, js] = this.pick(this.statements)(this, inner, depth);
      lines[0].push(...voyd);
      lines[1].push(...js);
    }
    return [lines, inner];
  }

  /** The lines of a suite of type void. */
  suite(scope, depth) {
    const [lines] = this.block(scope, 1 + this.random(3), depth - 1);
    lines[0].push('void');
    return lines;
  }

  /** A suite that ends with a value: its lines; in JavaScript the last one returns it. */
  valueSuite(type, scope, depth) {
    const [lines, inner] = this.block(scope, this.random(3), depth - 1);
    const last = this.expression(type, 2, inner);
    return [[...lines[0], last[0]], [...lines[1], `return ${last[1]};`]];
  }

  /** A function of a random signature; `row` is what it may perform, in Voyd's words. */
  defineFunction(row = null) {
    const name = this.name('f_');
    const params = Array.from({ length: this.random(4) }, () => {
      const type = this.anyType();
      return { name: this.name('a'), type, mutable: this.types[type].slot === true && this.random(3) === 0 };
    });
    const result = this.anyType();
    const variables = params.map((one) => ({ ...one, kind: one.mutable ? 'mutable' : 'let' }));
    const outer = { variables, taken: new Set(), performs: row !== null };
    const [lines, scope] = this.block(outer, 2 + this.random(4), 2);
    if (this.random(3) === 0) {
      const c = this.expression('b', 2, scope);
      const early = this.expression(result, 2, scope);
      lines[0].push(`if ${c[0]}:`, `  return ${early[0]}`);
      lines[1].push(`if (${c[1]}) { return ${early[1]}; }`);
    }
    const last = this.expression(result, 3, scope);
    const voydParams = params.map(({ name: p, type, mutable }) => `${mutable ? '~' : ''}${p}: ${this.voydType(type)}`);
    const head = `fn ${name}(${voydParams.join(', ')})${row ? `: ${row}` : ''} -> ${this.voydType(result)}`;
    // In-out parameters: a local copy, written back when the function is left by a return.
    const mutables = params.filter(({ mutable }) => mutable).map(({ name: p }) => p);
    const js = [
      `function ${name}(${params.map(({ name: p, mutable }) => (mutable ? `$${p}` : p)).join(', ')}) {`,
      ...mutables.map((p) => `let ${p} = $${p}.get();`),
      'const result = (() => {',
      ...lines[1],
      `return ${last[1]};`,
      '})();',
      ...mutables.map((p) => `$${p}.set(${p});`),
      'return result;',
      '}',
    ];
    this.functions.push({ name, params, result, performs: row !== null });
    return [[head, ...indent([...lines[0], last[0]])], js];
  }

  defineMain(result) {
    const [lines, scope] = this.block({ variables: [], taken: new Set(), performs: false }, 6, 2);
    const last = this.expression(result, 4, scope);
    return [
      [`pub fn main() -> ${this.voydType(result)}`, ...indent([...lines[0], last[0]])],
      ['function main() {', ...lines[1], `return ${last[1]};`, '}'],
    ];
  }

  /** A program for the features chosen: its pieces, and the type of `main`. */
  program() {
    const declared = this.declarations.map((make) => make(this));
    const functions = Array.from({ length: 3 + this.random(4) }, () => this.defineFunction());
    const result = this.anyType(({ json }) => json !== undefined);
    return [[...declared, ...functions, this.defineMain(result)], result];
  }
}

/** The functions that make a slot of their own of a value: `let ~` names another one otherwise (spec 07 §1.4). */
function sameFunctions(types) {
  const slots = Object.entries(types).filter(([, { slot }]) => slot);
  return slots.map(([type, { voyd }]) => `fn same_${type}(x: ${voyd}) -> ${voyd}\n  x\n`).join('\n');
}

const TRAP = `
class Trap { constructor(text) { this.text = text; } }
const trap = (text) => { throw new Trap(text); };
`;

// What the program of a generator gives, or null for one that calls itself without end: it has no answer.
function answer(code) {
  try {
    return new Function(code)();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A program for a seed: `{text, expected}`; its `main` gives `{value}` or ends with `{trap}`, a text or null. */
export function generate(seed) {
  const random = randomFrom(seed);
  for (;;) {
    const generator = new Generator(random);
    const [pieces, result] = generator.program();
    const voyd = [...generator.features.map(({ preamble }) => preamble ?? ''), sameFunctions(generator.types)];
    const js = generator.features.map((feature) => feature.js ?? '');
    const text = [...voyd, ...pieces.map(([lines]) => lines.join('\n')), ''].join('\n\n');
    const outcome = 'try { return { value: main() }; } catch (e) { if (e instanceof Trap) return { trap: e.text }; throw e; }';
    const expected = answer([TRAP, ...js, ...pieces.map(([, lines]) => lines.join('\n')), outcome].join('\n'));
    if (expected === null) continue;
    return { text, expected: 'trap' in expected ? expected : { value: generator.types[result].json(expected.value) } };
  }
}
