// Checks the standard library whole, and the small one of the fuzz targets: every body of every module, reached or
// not. A program that uses std checks only what it reaches.

import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { judgeCompilation, runProcess } from '../harness/compiler.mjs';
import { inLanes } from '../harness/lanes.mjs';
import { PROJECT, readOptions } from '../harness/options.mjs';
import { finish, list } from '../harness/report.mjs';

const USAGE = `Usage: node tests/std/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)`;

const LIBRARIES = [join(PROJECT, 'runtime-wasm', 'std'), join(PROJECT, 'tests', 'fuzz', 'std')];

// What compiling a module of a library as a program meets: generic exports, effects that a program handles.
const NO_MISTAKES = new Set(['CG0001', 'CG0003']);

// The mistakes in a module, each in a line.
async function mistakes(voydc, { library, file }) {
  const args = ['check', join(library, file), '--std', library, '--diagnostics', 'json'];
  const judged = judgeCompilation(await runProcess(voydc, args, { timeoutMs: 60000 }));
  if (judged.kind === 'crash') return [`${file}: ${judged.reason}`];
  return (judged.diagnostics ?? [])
    .filter(({ code }) => !NO_MISTAKES.has(code))
    .map(({ code, message, span }) => `${span.file}:${span.start}: ${code} ${message}`);
}

const options = readOptions({}, USAGE);
const voydc = resolve(options.voydc);
const files = LIBRARIES.flatMap((library) => {
  const all = readdirSync(library, { recursive: true }).filter((file) => file.endsWith('.voyd'));
  return all.sort().map((file) => ({ library, file }));
});
const failures = [];
let wrong = 0;
await inLanes(files, () => ({}), async (file) => {
  const found = await mistakes(voydc, file);
  wrong += found.length > 0 ? 1 : 0;
  failures.push(...found);
});
list('Failed:', [...new Set(failures)].sort());
finish(files.length - wrong, wrong);
