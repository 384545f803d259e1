// 32-bit numbers, conditions, and the statements that need nothing else: declarations, assignments, branches, loops.

import { indent, shape } from './shapes.mjs';

function literal(generator) {
  const value = generator.pick([0, 1, 2, 3, 7, 10, 100, 65537, 2147483647, generator.random(1000)]);
  return [`${value}`, `${value}`];
}

function remainder(generator, depth, scope) {
  const x = generator.expression('i', depth, scope);
  const d = generator.pick([3, 7, 1000]);
  return [`(${x[0]} % ${d})`, `(${x[1]} % ${d} | 0)`];
}

/** `if c then: x else: y` of any type. */
function conditional(generator, depth, scope, type) {
  return shape(
    ['b', type, type],
    (c, x, y) => `(if ${c} then: ${x} else: ${y})`,
    (c, x, y) => `(${c} ? ${x} : ${y})`,
  )(generator, depth, scope);
}

function declaration(generator, scope) {
  const type = generator.anyType();
  const kind = generator.pick(['let', 'var', ...(generator.types[type].slot ? ['mutable', 'mutable'] : [])]);
  const x = generator.expression(type, 3, scope);
  const name = generator.name('x');
  scope.variables.push({ name, type, kind });
  const word = { let: 'let ', var: 'var ', mutable: 'let ~' }[kind];
  const value = kind === 'mutable' ? `same_${type}(${x[0]})` : x[0];
  return [[`${word}${name}: ${generator.voydType(type)} = ${value}`], [`let ${name} = ${x[1]};`]];
}

/** A declaration through `if … then … else` of any type. */
function conditionalDeclaration(generator, scope) {
  const type = generator.anyType();
  const x = conditional(generator, 2, scope, type);
  const name = generator.name('x');
  scope.variables.push({ name, type, kind: 'let' });
  return [[`let ${name}: ${generator.voydType(type)} = ${x[0]}`], [`let ${name} = ${x[1]};`]];
}

function assignment(generator, scope) {
  const places = generator.places(scope);
  if (places.length === 0) return declaration(generator, scope);
  const { text, type } = generator.pick(places);
  const x = generator.expression(type, 2, scope);
  return [[`${text} = ${x[0]}`], [`${text} = ${x[1]};`]];
}

function branch(generator, scope, depth) {
  if (depth <= 0) return assignment(generator, scope);
  const c = generator.expression('b', 2, scope);
  const [a, b] = [generator.suite(scope, depth), generator.suite(scope, depth)];
  return [
    [`if ${c[0]}:`, ...indent(a[0]), 'else:', ...indent(b[0])],
    [`if (${c[1]}) {`, ...a[1], '} else {', ...b[1], '}'],
  ];
}

function loop(generator, scope, depth) {
  if (depth <= 0) return declaration(generator, scope);
  const i = generator.name('k');
  const body = generator.suite(scope, depth);
  const times = 1 + generator.random(4);
  return [
    [`var ${i} = 0`, `while ${i} < ${times}:`, ...indent([`${i} = ${i} + 1`, ...body[0]])],
    [`let ${i} = 0;`, `while (${i} < ${times}) {`, `${i}++;`, ...body[1], '}'],
  ];
}

const compare = ['<', '<=', '>', '>='].map((operator) =>
  shape(
    ['i', 'i'],
    (x, y) => `(${x} ${operator} ${y})`,
    (x, y) => `(${x} ${operator} ${y})`,
  ),
);

export const numbers = {
  types: {
    i: { voyd: 'i32', slot: true, captured: true, json: (n) => n },
    b: { voyd: 'bool', captured: true, json: (b) => b },
  },
  leaves: {
    i: [literal],
    b: [() => ['true', 'true'], () => ['false', 'false']],
  },
  expressions: {
    i: [
      shape(['i', 'i'], (x, y) => `(${x} + ${y})`, (x, y) => `((${x} + ${y}) | 0)`),
      shape(['i', 'i'], (x, y) => `(${x} - ${y})`, (x, y) => `((${x} - ${y}) | 0)`),
      shape(['i', 'i'], (x, y) => `(${x} * ${y})`, (x, y) => `Math.imul(${x}, ${y})`),
      remainder,
      (generator, depth, scope) => conditional(generator, depth, scope, 'i'),
    ],
    b: [
      ...compare,
      shape(['i', 'i'], (x, y) => `(${x} == ${y})`, (x, y) => `(${x} === ${y})`),
      shape(['b', 'b'], (x, y) => `(${x} and ${y})`, (x, y) => `(${x} && ${y})`),
      shape(['b', 'b'], (x, y) => `(${x} or ${y})`, (x, y) => `(${x} || ${y})`),
      shape(['b'], (x) => `(not ${x})`, (x) => `(!${x})`),
    ],
  },
  statements: [declaration, declaration, conditionalDeclaration, assignment, assignment, branch, branch, loop],
};
