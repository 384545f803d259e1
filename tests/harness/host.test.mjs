// The JavaScript host (runtime-wasm/host): signatures, values, traps, the worker and its watchdog. The
// modules are written as bytes, since the host must not depend on the compiler under test.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readModule } from '../../runtime-wasm/host/abi.mjs';
import { call, instantiate, run } from '../../runtime-wasm/host/host.mjs';
import { Runner } from '../../runtime-wasm/host/runner.mjs';
import { isVoydRuntimeError, trapText } from '../../runtime-wasm/host/traps.mjs';
import { fromJson, toJson, toText, toWasm } from '../../runtime-wasm/host/values.mjs';

const I32 = 0x7f;
const I64 = 0x7e;
const F32 = 0x7d;
const F64 = 0x7c;

const length = (count) => (count < 128 ? [count] : [(count & 127) | 128, count >> 7]);
const section = (id, bytes) => [id, ...length(bytes.length), ...bytes];
const text = (string) => [string.length, ...Buffer.from(string)];
const custom = (name, json) => section(0, [...text(name), ...Buffer.from(JSON.stringify(json))]);
const vector = (items) => [items.length, ...items.flat()];

// A module of exported functions `{name, params, results, code}` behind the given leading types; `abi` is
// its voyd.abi.
function makeModule(functions, { abi, diagnostics, leadingTypes = [] } = {}) {
  const first = leadingTypes.length;
  const types = functions.map(({ params = [], results = [] }) => {
    return [0x60, ...vector(params), ...vector(results)];
  });
  const bodies = functions.map(({ code }) => [code.length + 2, 0, ...code, 0x0b]);
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([...leadingTypes, ...types])),
    ...section(3, vector(functions.map((_, index) => [first + index]))),
    ...section(7, vector(functions.map(({ name }, index) => [...text(name), 0, index]))),
    ...section(10, vector(bodies)),
    ...(abi ? custom('voyd.abi', abi) : []),
    ...(diagnostics ? custom('voyd.runtime_diagnostics', diagnostics) : []),
  ]);
}

const identity = (name, type) => ({ name, params: [type], results: [type], code: [0x20, 0] });
const TRAP = { name: 'fails', code: [0x00] };
const SPIN = { name: 'spins', code: [0x03, 0x40, 0x0c, 0, 0x0b] };
const SEVEN = { name: 'seven', results: [I32], code: [0x41, 7] };

test('signatures come from the type section, struct types and recursive groups skipped', () => {
  const base = [0x50, 0, 0x5f, 2, 0x7f, 1, 0x77, 0];
  const derived = [0x4f, 1, 0, 0x5f, 3, 0x7f, 1, 0x77, 0, 0x63, 0, 1];
  const struct = [0x4e, 2, ...base, ...derived];
  const array = [0x5e, 0x78, 1];
  const module = makeModule([{ name: 'f', params: [I32, I64, F32, F64], results: [F64], code: [0x20, 3] }]);
  const params = ['i32', 'i64', 'f32', 'f64'];
  assert.deepEqual(readModule(module).signatures.get('f'), { params, result: 'f64' });
  const grouped = makeModule([], { leadingTypes: [struct, array] });
  assert.equal(readModule(grouped).signatures.size, 0);
});

test('voyd.abi says which integers are booleans', async () => {
  const abi = { version: 1, exports: { same: { params: ['bool'], result: 'bool' } } };
  const program = await instantiate(makeModule([identity('same', I32), SEVEN], { abi }));
  assert.equal(run(program, 'same', [true]).json, 'true');
  assert.equal(run(program, 'same', [false]).text, 'false');
  assert.equal(run(program, 'same', [1]).kind, 'error');
  assert.equal(run(program, 'seven').json, '7');
});

test('a section of another version is refused', () => {
  assert.throws(() => readModule(makeModule([SEVEN], { abi: { version: 2, exports: {} } })), /version 2/);
});

test('bytes that are no module give an Error', () => {
  const module = makeModule([SEVEN]);
  assert.throws(() => readModule(new Uint8Array()), Error);
  assert.throws(() => readModule(new Uint8Array(64)), /not a WebAssembly module/);
  for (let end = 9; end < module.length; end++) {
    try {
      readModule(module.subarray(0, end));
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  }
});

test('arguments are checked before the call', () => {
  assert.equal(toWasm(2 ** 31 - 1, 'i32', 'arg0'), 2 ** 31 - 1);
  assert.throws(() => toWasm(2 ** 31, 'i32', 'arg0'), /^Error: arg0 expected i32, got number$/);
  assert.throws(() => toWasm(NaN, 'i32', 'arg0'), /got NaN/);
  assert.throws(() => toWasm('1', 'f64', 'arg0'), /expected f64, got string/);
  assert.throws(() => toWasm(null, 'bool', 'arg0'), /got null/);
  assert.throws(() => toWasm([], 'i64', 'arg0'), /got array/);
  assert.equal(toWasm(-5, 'i64', 'arg0'), -5n);
  assert.throws(() => toWasm(2n ** 63n, 'i64', 'arg0'), /expected i64/);
  assert.throws(() => toWasm(2 ** 60, 'i64', 'arg0'), /expected i64/);
});

test('numbers that JSON lacks have a form of their own', () => {
  for (const [value, json] of [[-0, '-0'], [NaN, 'NaN'], [Infinity, 'Infinity'], [-Infinity, '-Infinity']]) {
    assert.equal(toJson(value), `{"f64":"${json}"}`);
    assert.ok(Object.is(fromJson({ f64: json }, 'f64'), value));
    assert.equal(toText(value), json);
  }
  assert.equal(toJson(9007199254740993n), '{"i64":"9007199254740993"}');
  assert.equal(fromJson({ i64: '9007199254740993' }, 'i64'), 9007199254740993n);
  assert.equal(toText(9007199254740993n), '9007199254740993n');
  assert.equal(toText({ total: 6n, words: ['a'], low: -0 }), '{\n  "total": "6n",\n  "words": [\n    "a"\n  ],\n  "low": 0\n}');
  const ring = { next: null };
  ring.next = ring;
  assert.equal(toText(ring), '{\n  "next": "[Circular]"\n}');
  assert.equal(toJson(undefined), 'null');
  assert.equal(toText(undefined), '');
});

test('a trap leaves the instance usable', async () => {
  const program = await instantiate(makeModule([TRAP, SEVEN]));
  assert.deepEqual(run(program, 'fails').trap.message, 'unreachable');
  assert.equal(run(program, 'seven').json, '7');
  assert.deepEqual(run(program, 'missing'), { kind: 'error', message: 'Missing export missing' });
});

const SPAN = { file: 'a.voyd', start: 0, end: 9, startLine: 3 };
const PLACE = { wasmName: 'fails', moduleId: 'src::a', functionName: 'f', wasmIndex: 1, span: SPAN };

async function trapOf(table, functions = [SEVEN, { name: 'fails', code: [0x01, 0x01, 0x00] }]) {
  const program = await instantiate(makeModule(functions, { diagnostics: { version: 1, ...table } }));
  return run(program, 'fails').trap;
}

test('a trap says where, if the module carries positions', async () => {
  const offset = makeModule([SEVEN, { name: 'fails', code: [0x01, 0x01, 0x00] }]).length - 2;
  const lineOf = async (positions) => trapOf({ functions: [{ ...PLACE, positions }] });
  const place = (line) => ({ function: 'f', file: 'a.voyd', line });
  const expected = (line) => ({ message: 'unreachable', ...place(line), frames: [place(line)] });
  assert.deepEqual(await lineOf(undefined), expected(3));
  assert.deepEqual(await lineOf([[offset - 2, 4], [offset, 5], [offset + 1, 6]]), expected(5));
  assert.deepEqual(await lineOf([[offset - 1, 4], [offset + 1, 6]]), expected(4));
});

test('a trap in inlined code names every function that it was inlined through, but those nobody wrote', async () => {
  const scopes = [
    { wasmName: 'g', moduleId: 'src::a', functionName: 'g', file: 'a.voyd', line: 7 },
    { wasmName: 'next', moduleId: '', functionName: 'next', line: 8, scope: 1 },
    { wasmName: 'h', moduleId: 'src::b', functionName: 'h', file: 'b.voyd', scope: 2 },
  ];
  const { frames } = await trapOf({ functions: [{ ...PLACE, positions: [[0, 9, 3]] }], scopes });
  assert.deepEqual(frames, [
    { function: 'h', file: 'b.voyd', line: 9 },
    { function: 'g', file: 'a.voyd', line: 8 },
    { function: 'f', file: 'a.voyd', line: 7 },
  ]);
});

test('the error of a trap carries the report of the specification', async () => {
  const functions = [SEVEN, TRAP];
  const program = await instantiate(makeModule(functions, { diagnostics: { version: 1, functions: [PLACE] } }));
  assert.throws(
    () => call(program, TRAP.name),
    (error) => {
      const { trap, ...report } = error.voyd;
      assert.ok(isVoydRuntimeError(error));
      assert.deepEqual(report, {
        version: 1,
        kind: 'wasm-trap',
        transition: { point: 'run_pure_entry', direction: 'host->vm' },
      });
      const { wasmFunctionIndex, moduleId, functionName, span } = trap;
      assert.deepEqual([wasmFunctionIndex, moduleId, functionName, span], [1, 'src::a', 'f', SPAN]);
      return true;
    },
  );
  assert.throws(() => call(program, 'missing'), (error) => !isVoydRuntimeError(error));
});

test('a report for people has a line for each caller and counts equal ones', () => {
  const frame = (name, line) => ({ function: name, file: 'a.voyd', line });
  const frames = [frame('f', 1), frame('g', 2), frame('g', 2), frame('main', 3)];
  assert.equal(
    trapText({ message: 'unreachable', ...frames[0], frames }),
    'trap: unreachable (in f at a.voyd:1)\n  called in g at a.voyd:2 (2 times)\n  called in main at a.voyd:3',
  );
  assert.equal(trapText({ message: 'unreachable' }), 'trap: unreachable');
});

test('a call that hangs costs only itself', async (context) => {
  context.after(() => runner.close());
  const runner = new Runner(new URL('./worker-entry.mjs', import.meta.url));
  const calls = ['seven', 'spins', 'fails', 'seven'].map((entry) => ({ entry }));
  const outcomes = await runner.runProgram(makeModule([SEVEN, SPIN, TRAP]), calls, 2000);
  assert.deepEqual(outcomes.map(({ kind }) => kind), ['value', 'timeout', 'trap', 'value']);
  const refused = await runner.runProgram(new Uint8Array(8), calls, 2000);
  assert.deepEqual(refused.map(({ kind }) => kind), ['error', 'error', 'error', 'error']);
});
