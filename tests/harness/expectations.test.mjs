// The comments of language tests (tests/lang/expectations.mjs).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { matchDiagnostics, readExpectations } from '../lang/expectations.mjs';

const read = (source) => readExpectations('a.voyd', source).map(({ label, ...rest }) => rest);

test('expected results and traps name a function, its arguments and a value', () => {
  const source = [
    '// expect main = 3',
    '  // expect add(1, {"i64":"2"}) = [1]',
    '// trap f',
    '// trap g(0) = "no"',
  ].join('\n');
  assert.deepEqual(read(source), [
    { kind: 'expect', entry: 'main', args: [], value: 3 },
    { kind: 'expect', entry: 'add', args: [1, { i64: '2' }], value: [1] },
    { kind: 'trap', entry: 'f', args: [], value: null },
    { kind: 'trap', entry: 'g', args: [0], value: 'no' },
  ]);
});

test('carets give the bytes of the line above, and several caret lines may follow it', () => {
  const marks = '//      ^ error TY0006: «ä»\n//          ^ error TY0001\n';
  const source = `// warning TY0039\nlet ü = ä + b\n${marks}`;
  const common = { file: 'a.voyd', text: null };
  assert.deepEqual(read(source), [
    { ...common, kind: 'warning', code: 'TY0039', message: null, span: null },
    { ...common, kind: 'error', code: 'TY0006', message: '«ä»', span: { start: 27, end: 29 } },
    { ...common, kind: 'error', code: 'TY0001', message: null, span: { start: 32, end: 33 } },
  ]);
});

test('a quoted text may span lines', () => {
  const [error] = read('// error MD0002 `a\\n  b`: deep\n');
  assert.equal(error.text, 'a\n  b');
  assert.equal(error.message, 'deep');
});

test('a comment that looks like an expectation but cannot be read is refused', () => {
  assert.throws(() => read('// expect main\n'));
  assert.throws(() => read('// expect main = yes\n'));
  assert.throws(() => read('// trap when it rains\n'));
  assert.throws(() => read('// error handling\n'));
  assert.throws(() => read('// ^^^ error\n'));
  assert.deepEqual(read('// expectations are high\nlet x = 1 // error\n/// trap\n'), []);
});

const at = (start, end) => ({ file: 'a.voyd', start, end });
const reported = (code, span, severity = 'error') => ({ code, severity, message: `about ${code}`, span });

test('every diagnostic must be expected, and every expected one reported, once', () => {
  const [exact, loose] = read('ab\n//^ error TY0001\n// error TY0001\n').map((item) => ({ ...item }));
  assert.deepEqual(exact.span, { start: 2, end: 2 });
  const both = [{ ...exact, span: { start: 0, end: 1 } }, loose];
  const match = (diagnostics) => matchDiagnostics(both, diagnostics, () => '');
  const counts = ({ missing, unexpected }) => [missing.length, unexpected.length];
  assert.deepEqual(counts(match([reported('TY0001', at(5, 6)), reported('TY0001', at(0, 1))])), [0, 0]);
  const note = reported('TY0002', at(0, 1), 'note');
  assert.deepEqual(counts(match([reported('TY0001', at(0, 1)), note])), [1, 0]);
  assert.deepEqual(counts(match([reported('TY0001', at(5, 6)), reported('TY0001', at(5, 6))])), [1, 1]);
  assert.deepEqual(counts(match([reported('TY0001', at(0, 1), 'warning')])), [2, 1]);
});
