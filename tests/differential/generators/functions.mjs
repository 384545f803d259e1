// Calls with in-out arguments, and lambdas that use and change what is around them.
//
// JavaScript gets an in-out argument as a pair of a getter and a setter. No slot is given to a call twice, so the
// order of write-backs cannot matter.

import { indent, scopeWith, shape } from './shapes.mjs';

function inOutCall(generator, scope, depth) {
  const instead = () => generator.pick(generator.statements)(generator, scope, depth - 1);
  const callees = generator.callees(scope).filter(({ params }) => params.some(({ mutable }) => mutable));
  if (callees.length === 0) return instead();
  const callee = generator.pick(callees);
  const taken = new Set(scope.taken);
  const chosen = new Map();
  const rootOf = ({ root }) => scope.variables.find(({ name }) => name === root);
  for (const [index, { type, mutable }] of callee.params.entries()) {
    if (!mutable) continue;
    const places = generator.places(scope).filter((place) => {
      return place.type === type && rootOf(place).kind === 'mutable' && !taken.has(place.root);
    });
    if (places.length === 0) return instead();
    const place = generator.pick(places);
    taken.add(place.root);
    chosen.set(index, place);
  }
  // Objects may be shared between names: with an object among the slots, the other arguments use no variable.
  const shared = [...chosen.values()].some((place) => generator.types[rootOf(place).type].shared);
  const inner = shared ? { variables: [], taken, performs: false } : { ...scope, taken };
  if (shared && chosen.size > 1) return instead();
  const args = callee.params.map(({ type }, index) => {
    const place = chosen.get(index);
    if (!place) return generator.expression(type, 2, inner);
    return [`~${place.text}`, `{ get: () => ${generator.read(type, place.text)}, set: (x) => { ${place.text} = x; } }`];
  });
  const name = generator.name('x');
  scope.variables.push({ name, type: callee.result, kind: 'let' });
  return [
    [`let ${name}: ${generator.voydType(callee.result)} = ${callee.name}(${args.map(([v]) => v).join(', ')})`],
    [`let ${name} = ${callee.name}(${args.map(([, j]) => j).join(', ')});`],
  ];
}

/** What a lambda made in this scope may use. */
export function captured(generator, scope) {
  const seen = scope.variables.filter(({ kind, type }) => {
    return kind !== 'mutable' && (type === 'f' || generator.types[type].captured);
  });
  return { variables: seen, taken: scope.taken, performs: false };
}

function lambda(generator, scope) {
  const name = generator.name('f');
  const parameter = generator.name('p');
  const around = captured(generator, scope);
  const inner = scopeWith(around, [{ name: parameter, type: 'i', kind: 'let' }]);
  const numbers = around.variables.filter(({ kind, type }) => kind === 'var' && type === 'i');
  const lines = [[], []];
  if (numbers.length > 0 && generator.random(2) === 0) {
    const target = generator.pick(numbers).name;
    const x = generator.expression('i', 2, inner);
    lines[0].push(`${target} = ${x[0]}`);
    lines[1].push(`${target} = ${x[1]};`);
  }
  const result = generator.expression('i', 2, inner);
  scope.variables.push({ name, type: 'f', kind: 'let' });
  return [
    [`let ${name} = (${parameter}: i32) -> i32 =>`, ...indent([...lines[0], result[0]])],
    [`const ${name} = (${parameter}) => {`, ...lines[1], `return ${result[1]};`, '};'],
  ];
}

function lambdaCall(generator, depth, scope) {
  const x = generator.expression('i', depth, scope);
  const lambdas = generator.variables(scope, 'f');
  if (lambdas.length === 0) return x;
  const { name } = generator.pick(lambdas);
  return [`${name}(${x[0]})`, `${name}(${x[1]})`];
}

export const functions = {
  preamble: `
fn twice(f: fn(i32) -> i32, x: i32) -> i32
  f(f(x))
`,
  js: 'const twice = (f, x) => f(f(x));',
  expressions: {
    i: [
      lambdaCall,
      shape(['i', 'i'], (x, y) => `twice((n: i32) => n * 3 + ${y}, ${x})`,
        (x, y) => `twice((n) => (Math.imul(n, 3) + ${y}) | 0, ${x})`),
    ],
  },
  statements: [inOutCall, inOutCall, lambda],
};
