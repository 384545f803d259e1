// Single changes that make a right program wrong: where they are made, what stands there then, and the codes
// that fit. A mutation may stand at the marked text or, with `around`, touch what holds it.

import { BOOL, F64, I32, I64, STRING, same, show } from './types.mjs';

/** Text of a type that nothing but itself satisfies, and that `type` does not accept. */
function foreign(type) {
  if (type.kind === 'optional') return foreign(type.of);
  if (same(type, STRING)) return '1';
  if (same(type, BOOL)) return '"no"';
  return type.kind === 'i32' ? 'true' : '7777i64';
}

// `foreign` of i64 itself.
function wrong({ type }) {
  let inner = type;
  while (inner.kind === 'optional') inner = inner.of;
  return same(inner, I64) ? '"no"' : foreign(type);
}

const anotherNumber = ({ type }) => (same(type, I32) ? '1i64' : same(type, F64) ? '1' : '1.5');
const always = () => true;

/** `{name, kind, codes, text(info), when(info), around}` by the kind of the mark. */
export const MUTATIONS = [
  { name: 'argument of another type', kind: 'argument', when: ({ single }) => single, text: wrong, codes: ['TY0027'] },
  { name: 'argument no overload takes', kind: 'argument', when: ({ single, type }) => !single && type.kind !== 'fn', text: ({ type }) => (same(type, I64) ? '"no"' : '7777i64'), codes: ['TY0008'], around: 1 },
  { name: 'missing argument', kind: 'arguments', when: ({ count, overloaded }) => count > 0 && !overloaded, text: () => '', codes: ['TY0021'], around: 1 },
  { name: 'arguments too many', kind: 'callee', when: always, text: (_, old) => `id(${old})(1)(2)(3)(4)`, codes: ['TY0005', 'TY0021', 'TY9999', 'TY0008'], around: 1 },
  { name: 'missing label', kind: 'label', when: always, text: () => '', codes: ['TY0021'], around: 2 },
  { name: 'label of nothing', kind: 'label', when: always, text: () => 'nothing: ', codes: ['TY0021'], around: 2 },
  { name: 'unknown name', kind: 'name', when: always, text: () => 'zz_unknown', codes: ['TY0030'] },
  { name: 'unknown function', kind: 'callee', when: always, text: () => 'zz_unknown', codes: ['TY0006'] },
  { name: 'unknown method', kind: 'method', when: always, text: () => 'zz_unknown', codes: ['TY0022'], around: 1 },
  { name: 'unknown field', kind: 'field', when: always, text: () => 'zz_unknown', codes: ['TY0033'], around: 1 },
  { name: 'index past the tuple', kind: 'index', when: always, text: () => '9', codes: ['TY0032'], around: 1 },
  { name: 'unknown type', kind: 'annotation', when: always, text: () => 'Zz', codes: ['TY0026'] },
  { name: 'type arguments too many', kind: 'applied', when: always, text: ({ call, type }) => `${call}<${show(type)}, i32>`, codes: ['TY9999'], around: 1 },
  { name: 'initializer of another type', kind: 'initializer', when: ({ type }) => !['fn', 'trait'].includes(type.kind), text: wrong, codes: ['TY0027'] },
  { name: 'assignment of another type', kind: 'assigned', when: always, text: wrong, codes: ['TY0027'] },
  { name: 'assignment to a let', kind: 'var', when: always, text: () => 'let', codes: ['TY0001'] },
  { name: 'missing tilde', kind: 'tilde', when: always, text: () => '', codes: ['TY0004'] },
  { name: 'field of another type', kind: 'field-value', when: always, text: wrong, codes: ['TY0027'] },
  { name: 'missing field', kind: 'entry', when: ({ first, count }) => !first && count > 1, text: () => '', codes: ['TY0037'], around: 1 },
  { name: 'field that is not declared', kind: 'field-name', when: always, text: () => 'zz_unknown', codes: ['TY0033', 'TY0037'], around: 1 },
  { name: 'condition that is no bool', kind: 'condition', when: always, text: () => '3', codes: ['TY0027'] },
  { name: 'branch of another class', kind: 'branch', when: ({ type }) => ['i32', 'i64', 'f64', 'bool', 'String'].includes(type.kind), text: wrong, codes: ['TY0012', 'TY0027'], around: 1 },
  { name: 'mixed numbers', kind: 'operand', when: always, text: anotherNumber, codes: ['TY0008'], around: 1 },
  { name: 'missing arm', kind: 'arm', when: always, text: () => '', codes: ['TY0003'], around: 1 },
  { name: 'arm for a foreign type', kind: 'pattern', when: always, text: () => 'Box<bool>', codes: ['TY0002'] },
  { name: 'arm for an unknown variant', kind: 'variant', when: always, text: () => 'Choice::Zz', codes: ['TY0026', 'TY0002', 'BD0001', 'TY9999'] },
  { name: 'test for a foreign type', kind: 'tested', when: always, text: () => 'Box<bool>', codes: ['TY0002'], around: 1 },
  { name: 'return of another type', kind: 'returned', when: always, text: wrong, codes: ['TY0011'], around: 1 },
  { name: 'result of another type', kind: 'tail', when: always, text: wrong, codes: ['TY0027', 'TY0012'] },
  { name: 'tuple pattern too long', kind: 'tuple-pattern', when: always, text: (_, old) => `${old.slice(0, -1)}, zz)`, codes: ['TY9999'] },
  { name: 'unhandled operation', kind: 'clause', when: always, text: () => '', codes: ['TY0013'], around: 1 },
  { name: 'answer of another type', kind: 'resumed', when: always, text: wrong, codes: ['TY0027'] },
  { name: 'operation that is not declared', kind: 'operation-name', when: always, text: () => 'zz_unknown', codes: ['BD0009'] },
  { name: 'operation with an argument of another type', kind: 'performed', when: always, text: wrong, codes: ['TY0027'] },
  { name: 'effect that the row forbids', kind: 'row', when: always, text: () => ': ()', codes: ['TY0014'], around: 1 },
  { name: 'missing trait method', kind: 'trait-method', when: always, text: () => '', codes: ['TY0042'], around: 1 },
  { name: 'result that differs from the trait', kind: 'impl-result', when: always, text: (type) => (same(type, I64) ? 'bool' : 'i64'), codes: ['TY9999'], around: 1 },
  { name: 'constraint that is not met', kind: 'constrained', when: always, text: () => '1', codes: ['TY9999'], around: 1 },
  { name: 'name bound twice', kind: 'binding', when: always, text: (_, old) => `(${old}, ${old})`, codes: ['BD0006'] },
];

/** The mutations that a program has room for: `{mutation, site}`. */
export function possibleMutations(sites) {
  return sites.flatMap((site) => {
    return MUTATIONS.filter(({ kind, when }) => kind === site.mark.kind && when(site.mark.info)).map((mutation) => {
      return { mutation, site };
    });
  });
}
