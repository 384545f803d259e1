// Effects: operations performed by functions that say so, handled by clauses that resume, tail or abandon.
//
// JavaScript keeps the chain of handlers that spec 06 §22 describes: a clause runs on top of the performer with the
// handlers outside its own, and an abandoned performer is left by an exception. What a clause reads of the variables
// around the `try` are copies made when that was entered (06 §7.4), one set for each activation.

import { indent, scopeWith } from './shapes.mjs';

const OPERATIONS = [
  { name: 'ask', kind: 'resume' },
  { name: 'tell', kind: 'tail' },
  { name: 'stop', kind: 'resume' },
];

/** An operation performed, where the scope allows it; else its argument alone. */
const performed = (operation) => (generator, depth, scope) => {
  const x = generator.expression('i', depth, scope);
  return scope.performs ? [`Talk::${operation}(${x[0]})`, `perform('${operation}', ${x[1]})`] : x;
};

function clause(generator, scope, { name, kind }) {
  const parameter = generator.name('n');
  const around = scope.variables.filter(({ type, kind: binding }) => {
    return binding !== 'mutable' && generator.types[type]?.captured && type !== 'F';
  });
  const inner = scopeWith({ ...scope, variables: around }, [{ name: parameter, type: 'i', kind: 'let' }]);
  const x = generator.expression('i', 2, inner);
  const lines = [[], []];
  const numbers = around.filter(({ type, kind: binding }) => type === 'i' && binding === 'var');
  if (numbers.length > 0 && generator.random(3) === 0) {
    const target = generator.pick(numbers).name; // of this activation alone
    lines[0].push(`${target} = ${target} + ${parameter}`);
    lines[1].push(`${target} = (${target} + ${parameter}) | 0;`);
  }
  if (kind === 'tail') {
    lines[0].push(`tail(${x[0]})`);
    lines[1].push(`return { resume: ${x[1]} };`);
  } else if (name === 'stop') {
    lines[0].push(x[0]);
    lines[1].push(`return { abandon: ${x[1]} };`);
  } else {
    const c = generator.expression('b', 1, inner);
    const y = generator.expression('i', 1, inner);
    lines[0].push(`if ${c[0]} then:`, `  ${y[0]}`, 'else:', `  resume(${x[0]})`);
    lines[1].push(`return ${c[1]} ? { abandon: ${y[1]} } : { resume: ${x[1]} };`);
  }
  const copies = around.map((one) => `let ${one.name} = ${generator.read(one.type, `$s.${one.name}`)};`);
  return [
    [`Talk::${name}(${kind}, ${parameter}):`, ...indent(lines[0])],
    [`${name}: (${parameter}) => {`, ...copies, ...lines[1], '},'],
    around,
  ];
}

function handled(generator, scope, depth) {
  const body = generator.valueSuite('i', { ...scope, performs: true }, depth);
  const clauses = OPERATIONS.map((operation) => clause(generator, scope, operation));
  const seen = new Map(clauses.flatMap(([, , around]) => around.map((one) => [one.name, one])));
  const snapshot = [...seen.values()].map(({ name, type }) => `${name}: ${generator.read(type, name)}`);
  const name = generator.name('x');
  scope.variables.push({ name, type: 'i', kind: 'let' });
  return [
    [`let ${name} = try`, ...indent([...body[0], ...clauses.flatMap(([lines]) => lines)])],
    [
      `const ${name} = (() => { const $s = { ${snapshot.join(', ')} };`,
      'return handle({',
      ...clauses.flatMap(([, lines]) => lines),
      '}, () => {',
      ...body[1],
      '}); })();',
    ],
  ];
}

export const effects = {
  preamble: `
eff Talk
  ask(resume, n: i32) -> i32
  tell(tail, n: i32) -> i32
  stop(resume, n: i32) -> i32

fn twice_told(n: i32): Talk -> i32
  Talk::tell(n) + Talk::tell(n + 1)

fn through(f: fn(i32): (open) -> i32, n: i32): (open) -> i32
  f(n) + 1

fn searched(n: i32): Talk -> i32
  var i = 0
  while i < 3:
    i = i + 1
    if n + i == 4:
      return Talk::stop(i)
  Talk::ask(i)
`,
  js: `
let handlers = null;
class Abandon { constructor(to, value) { this.to = to; this.value = value; } }
const handle = (clauses, body) => {
  const mine = { clauses, parent: handlers };
  handlers = mine;
  try {
    return body();
  } catch (e) {
    if (e instanceof Abandon && e.to === mine) return e.value;
    throw e;
  } finally {
    handlers = mine.parent;
  }
};
const perform = (operation, n) => {
  const saved = handlers;
  handlers = saved.parent;
  try {
    const answer = saved.clauses[operation](n);
    if ('abandon' in answer) throw new Abandon(saved, answer.abandon);
    return answer.resume;
  } finally {
    handlers = saved;
  }
};
const searched = (n) => {
  for (let i = 1; i <= 3; i++) if (((n + i) | 0) === 4) return perform('stop', i);
  return perform('ask', 3);
};
`,
  declarations: [(generator) => generator.defineFunction('Talk'), (generator) => generator.defineFunction('Talk')],
  expressions: {
    i: [
      ...OPERATIONS.map(({ name }) => performed(name)),
      (generator, depth, scope) => {
        const x = generator.expression('i', depth, scope);
        if (!scope.performs) return x;
        return generator.pick([
          [`twice_told(${x[0]})`, `((n) => (perform('tell', n) + perform('tell', (n + 1) | 0)) | 0)(${x[1]})`],
          [`through((n) => Talk::ask(n * 2), ${x[0]})`, `((n) => (perform('ask', Math.imul(n, 2)) + 1) | 0)(${x[1]})`],
          [`searched(${x[0]})`, `searched(${x[1]})`],
        ]);
      },
    ],
  },
  statements: [handled, handled],
};
