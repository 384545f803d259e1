// Arrays, dictionaries and strings.

import { captured } from './functions.mjs';
import { scopeWith, shape } from './shapes.mjs';

const WORDS = ['', 'a', 'voyd', 'x y', 'é', 'zz'];

function text(generator) {
  const word = generator.pick(WORDS);
  return [`"${word}"`, `'${word}'`];
}

function arrayLiteral(generator, depth, scope) {
  const items = Array.from({ length: 1 + generator.random(4) }, () => generator.expression('i', depth, scope));
  return [`[${items.map(([v]) => v).join(', ')}]`, `[${items.map(([, j]) => j).join(', ')}]`];
}

/** A method of arrays that takes a function of the element, which may use what is around it. */
const through = (voyd, js) => (generator, depth, scope) => {
  const xs = generator.expression('A', depth, scope);
  const parameter = generator.name('p');
  const inner = scopeWith(captured(generator, scope), [{ name: parameter, type: 'i', kind: 'let' }]);
  const x = generator.expression('i', depth, inner);
  return [voyd(xs[0], parameter, x[0]), js(xs[1], parameter, x[1])];
};

/** Elements appended and taken away in place. */
function change(generator, scope) {
  const arrays = generator.variables(scope, 'A', ({ kind }) => kind === 'mutable');
  if (arrays.length === 0) return sum(generator, scope);
  const { name } = generator.pick(arrays);
  const x = generator.expression('i', 2, { ...scope, variables: scope.variables.filter(({ type }) => type === 'i') });
  const popped = generator.name('x');
  scope.variables.push({ name: popped, type: 'o', kind: 'let' });
  return [
    [`${name}.push(${x[0]})`, `${name}.push(3)`, `let ${popped} = ${name}.pop()`],
    [`${name}.push(${x[1]}, 3); const ${popped} = ${name}.pop();`],
  ];
}

/** A loop over an array. */
function sum(generator, scope) {
  const xs = generator.expression('A', 2, scope);
  const [name, item] = [generator.name('x'), generator.name('k')];
  const inner = scopeWith(scope, [{ name: item, type: 'i', kind: 'let' }]);
  const x = generator.expression('i', 1, inner);
  scope.variables.push({ name, type: 'i', kind: 'var' });
  return [
    [`var ${name} = 0`, `for ${item} in ${xs[0]}:`, `  ${name} = ${name} * 3 + ${x[0]}`],
    [`let ${name} = 0;`, `for (const ${item} of ${xs[1]}) ${name} = (Math.imul(${name}, 3) + ${x[1]}) | 0;`],
  ];
}

export const collections = {
  preamble: `
use std::number::to_string

fn counted(xs: Array<i32>, word: String) -> Dict<String, i32>
  let ~dict = Dict<String, i32>::init()
  for x in xs:
    let key = word.concat(to_string(x % 4))
    dict.set(key, (dict.get(key) ?? 0) + 1)
  dict
`,
  js: `
const utf8 = (s) => new TextEncoder().encode(s).length;
const counted = (xs, word) => {
  const dict = new Map();
  for (const x of xs) dict.set(word + (x % 4 | 0), (dict.get(word + (x % 4 | 0)) ?? 0) + 1);
  return dict;
};
`,
  types: {
    A: { voyd: 'Array<i32>', slot: true, shared: true },
    s: { voyd: 'String', captured: true, json: (s) => s },
    D: { voyd: 'Dict<String, i32>' },
  },
  leaves: { s: [text] },
  expressions: {
    i: [
      shape(['A'], (xs) => `(${xs}).len()`, (xs) => `(${xs}).length`),
      shape(['A', 'i', 'i'], (xs, i, d) => `((${xs}).get(${i} % 3) ?? ${d})`,
        (xs, i, d) => `((${xs}).at(${i} % 3) ?? ${d})`),
      shape(['A', 'i'], (xs, x) => `(${xs}).reduce(${x}, step: (acc: i32, v: i32) => acc * 5 + v)`,
        (xs, x) => `((xs, x) => xs.reduce((acc, v) => (Math.imul(acc, 5) + v) | 0, x))(${xs}, ${x})`),
      shape(['s'], (s) => `(${s}).byte_len()`, (s) => `utf8(${s})`),
      shape(['D', 's', 'i'], (d, s, k) => `((${d}).get(${s}.concat(to_string(${k} % 4))) ?? -1)`,
        (d, s, k) => `((${d}).get(${s} + (${k} % 4 | 0)) ?? -1)`),
      shape(['D'], (d) => `(${d}).len()`, (d) => `(${d}).size`),
    ],
    b: [
      shape(['s', 's'], (x, y) => `(${x} == ${y})`, (x, y) => `(${x} === ${y})`),
      shape(['s', 's'], (x, y) => `(${x}).starts_with(${y})`, (x, y) => `(${x}).startsWith(${y})`),
      shape(['s', 's'], (x, y) => `(${x}).contains(${y})`, (x, y) => `(${x}).includes(${y})`),
      shape(['A', 'i'], (xs, x) => `(${xs}).contains(${x})`, (xs, x) => `(${xs}).includes(${x})`),
    ],
    o: [shape(['A'], (xs) => `(${xs}).first()`, (xs) => `((${xs})[0] ?? null)`)],
    A: [
      arrayLiteral,
      arrayLiteral,
      through((xs, p, x) => `(${xs}).map((${p}: i32) => ${x})`, (xs, p, x) => `(${xs}).map((${p}) => ${x})`),
      through((xs, p, x) => `(${xs}).filter((${p}: i32) => ${p} < ${x})`, (xs, p, x) => `(${xs}).filter((${p}) => ${p} < ${x})`),
      shape(['A', 'A'], (x, y) => `(${x}).concat(${y})`, (x, y) => `[...${x}, ...${y}]`),
      shape(['A'], (xs) => `(${xs}).sorted()`, (xs) => `[...${xs}].sort((x, y) => x - y)`),
      shape(['A'], (xs) => `(${xs}).reversed()`, (xs) => `[...${xs}].reverse()`),
    ],
    s: [
      text,
      shape(['s', 's'], (x, y) => `(${x}).concat(${y})`, (x, y) => `(${x} + ${y})`),
      shape(['s', 's'], (x, y) => `("<\${${x}}-\${${y}}>")`, (x, y) => `('<' + ${x} + '-' + ${y} + '>')`),
      shape(['i'], (x) => `to_string(${x})`, (x) => `String(${x})`),
    ],
    D: [shape(['A', 's'], (xs, s) => `counted(${xs}, ${s})`, (xs, s) => `counted(${xs}, ${s})`)],
  },
  statements: [change, sum],
};
