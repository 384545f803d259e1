// The head lines of golden programs (tests/golden/cases.mjs).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readCases } from '../golden/cases.mjs';

const PROGRAM = `//# expect main = {"i64":"7"}
//# trap fails
//# trap panics = "boom: \\"x\\""
//# error TY0027 \`a\\nb\`
//# error TY0027 \`a\\nb\`
//# error MD0002
//# spec 05 §1
//# ref-differs: something else
fn main()
//# expect after_the_head = 1
`;

test('each head line of a golden program is a case with a stable id', () => {
  assert.deepEqual(readCases('05-calls/a.voyd', PROGRAM), [
    { id: '05-calls/a.voyd expect main', kind: 'expect', entry: 'main', value: { i64: '7' } },
    { id: '05-calls/a.voyd trap fails', kind: 'trap', entry: 'fails', text: null },
    { id: '05-calls/a.voyd trap panics', kind: 'trap', entry: 'panics', text: 'boom: "x"' },
    { id: '05-calls/a.voyd error TY0027 `a\\nb`', kind: 'error', code: 'TY0027', text: 'a\nb' },
    { id: '05-calls/a.voyd error TY0027 `a\\nb` #2', kind: 'error', code: 'TY0027', text: 'a\nb' },
    { id: '05-calls/a.voyd error MD0002', kind: 'error', code: 'MD0002', text: null },
  ]);
});

test('a head line that cannot be read is refused', () => {
  assert.throws(() => readCases('a', '//# expect main\n'));
  assert.throws(() => readCases('a', '//# expects main = 1\n'));
  assert.throws(() => readCases('a', '//# error TY0001 text\n'));
});
