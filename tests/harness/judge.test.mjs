// What the runners count as right (judge.mjs, compiler.mjs).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { judgeCompilation } from './compiler.mjs';
import { judgeDiagnostic, judgeTrap, judgeValue, spanMatches } from './judge.mjs';

test('a span over a name, literal or operator is exact', () => {
  assert.ok(spanMatches('total', 'total'));
  assert.ok(!spanMatches('total)', 'total'));
  assert.ok(!spanMatches('~total', 'total'));
  assert.ok(!spanMatches('"a" ', '"a"'));
  assert.ok(!spanMatches('12)', '12'));
  assert.ok(!spanMatches('+=', '+'));
});

test('a span over a compound form may include closing delimiters, or lack them', () => {
  assert.ok(spanMatches('f(a)', 'f(a'));
  assert.ok(spanMatches('f(g(a))', 'f(g(a'));
  assert.ok(spanMatches('f(a,\n)', 'f(a'));
  assert.ok(spanMatches('f(a', 'f(a)'));
  assert.ok(!spanMatches('f(a) + 1', 'f(a'));
});

test('a span over a bracketed form may include its opening delimiter', () => {
  assert.ok(spanMatches('{ n: 1 }', 'n: 1'));
  assert.ok(spanMatches('(P { x: 1 }, 2)', 'P { x: 1 }, 2'));
  assert.ok(!spanMatches('L { n: 1 }', 'n: 1'));
});

test('a call without arguments is recorded as its callee', () => {
  assert.ok(spanMatches('make()', 'make'));
  assert.ok(spanMatches('p.get()', 'p.get'));
  assert.ok(!spanMatches('make(1)', 'make'));
});

test('values are compared as JSON, whatever the order of keys', () => {
  const outcome = { kind: 'value', json: '{"a":[1,{"i64":"2"}],"b":null}' };
  assert.equal(judgeValue(outcome, { b: null, a: [1, { i64: '2' }] }), null);
  assert.notEqual(judgeValue(outcome, { b: null, a: [1, { i64: '3' }] }), null);
  assert.notEqual(judgeValue(outcome, { a: [1, { i64: '2' }] }), null);
  assert.notEqual(judgeValue({ kind: 'value', json: '[]' }, {}), null);
  assert.notEqual(judgeValue({ kind: 'trap', trap: { message: 'unreachable' } }, 1), null);
});

test('a trap is judged by its text only where one is expected', () => {
  const outcome = { kind: 'trap', trap: { message: 'boom' } };
  assert.equal(judgeTrap(outcome, null), null);
  assert.equal(judgeTrap(outcome, 'boom'), null);
  assert.notEqual(judgeTrap(outcome, 'bang'), null);
  assert.notEqual(judgeTrap({ kind: 'value', json: '1' }, null), null);
  assert.notEqual(judgeTrap({ kind: 'error', message: 'Missing export main' }, null), null);
});

test('a diagnostic is judged by code and span', () => {
  const diagnostics = [{ code: 'TY0001', span: 'x' }, { code: 'TY0002', span: 'y' }];
  const textOf = (span) => span;
  assert.equal(judgeDiagnostic(diagnostics, 'TY0002', 'y', textOf), null);
  assert.equal(judgeDiagnostic(diagnostics, 'TY0002', null, textOf), null);
  assert.notEqual(judgeDiagnostic(diagnostics, 'TY0002', 'x', textOf), null);
  assert.notEqual(judgeDiagnostic(diagnostics, 'TY0003', null, textOf), null);
  assert.notEqual(judgeDiagnostic([], 'TY0003', null, textOf), null);
});

function compilation(status, stderr, more = {}) {
  return judgeCompilation({ status, signal: null, stderr, timedOut: false, milliseconds: 1, ...more }).kind;
}

function diagnosticLine(more = {}) {
  const span = { file: 'a.voyd', start: 0, end: 1 };
  return `${JSON.stringify([{ code: 'TY0001', severity: 'error', message: 'm', span, ...more }])}\n`;
}

test('whatever is neither a module nor diagnostics is a crash', () => {
  assert.equal(compilation(0, ''), 'done');
  assert.equal(compilation(0, diagnosticLine({ severity: 'warning' })), 'done');
  assert.equal(compilation(1, diagnosticLine()), 'errors');
  assert.equal(compilation(1, ''), 'crash');
  assert.equal(compilation(1, '[]\n'), 'crash');
  assert.equal(compilation(1, 'cannot open'), 'crash');
  assert.equal(compilation(1, diagnosticLine({ message: 'internal compiler error: x' })), 'crash');
  assert.equal(compilation(0, diagnosticLine()), 'crash');
  assert.equal(compilation(1, diagnosticLine({ severity: 'warning' })), 'crash');
  assert.equal(compilation(1, diagnosticLine({ span: { file: 'a', start: 3, end: 2 } })), 'crash');
  assert.equal(compilation(2, diagnosticLine()), 'crash');
  assert.equal(compilation(null, '', { signal: 'SIGSEGV' }), 'crash');
  assert.equal(compilation(null, '', { timedOut: true }), 'crash');
  assert.equal(compilation(1, `${diagnosticLine()}x.c:1:2: runtime error: shift\n`), 'crash');
});
