// Compiles every golden program, language test and scenario twice: with what it means of the standard library, and
// with all of it (--eager-std). Diagnostics and bytes must be the same, and a program that is right must not need a
// second reading: then the index lacks something.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { judgeCompilation, runProcess } from '../harness/compiler.mjs';
import { inLanes } from '../harness/lanes.mjs';
import { PROJECT, readOptions } from '../harness/options.mjs';
import { findPrograms } from '../harness/programs.mjs';
import { finish, list } from '../harness/report.mjs';

const USAGE = `Usage: node tests/library/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --filter TEXT      only programs whose path contains the text`;

const FOLDERS = ['tests/golden', 'tests/lang', 'perf/scenarios'];
const REREAD = '"source.library.reread"';
const TIMEOUT_MS = 60_000;

function read(file) {
  return existsSync(file) ? readFileSync(file) : null;
}

async function compile(voydc, entry, folder, flags) {
  const output = join(folder, 'program.wasm');
  const summary = join(folder, 'summary.json');
  rmSync(output, { force: true });
  rmSync(summary, { force: true });
  const args = ['compile', entry, '-o', output, `--perf=${summary}`, '--diagnostics', 'json', ...flags];
  const run = await runProcess(voydc, args, { timeoutMs: TIMEOUT_MS, env: { ...process.env, TMPDIR: folder } });
  const answer = judgeCompilation(run);
  return { ...answer, text: JSON.stringify(answer.diagnostics), bytes: read(output), summary: read(summary) };
}

// What is wrong with a program's two compilations; null if nothing is.
async function judge(voydc, entry, folder) {
  const part = await compile(voydc, entry, folder, []);
  const whole = await compile(voydc, entry, folder, ['--eager-std']);
  const crash = [part, whole].find(({ kind }) => kind === 'crash');
  if (crash) return crash.reason;
  if (part.text !== whole.text) return `diagnostics differ:\n    ${part.text}\n    ${whole.text}`;
  if (part.kind === 'errors') return null;
  if (Buffer.compare(part.bytes, whole.bytes) !== 0) return 'bytes differ';
  return part.summary.includes(REREAD) ? 'the library was read twice' : null;
}

const options = readOptions({ filter: { type: 'string', default: '' } }, USAGE);
const voydc = resolve(options.voydc);
const programs = FOLDERS.flatMap((folder) =>
  findPrograms(join(PROJECT, folder)).map(({ id, entry }) => ({ name: `${folder}/${id}`, entry })),
).filter(({ name }) => name.includes(options.filter));
const root = mkdtempSync(join(tmpdir(), 'voyd-library-'));
const makeLane = (index) => {
  const folder = join(root, String(index));
  mkdirSync(folder);
  return folder;
};
try {
  const reasons = await inLanes(programs, makeLane, ({ entry }, folder) => judge(voydc, entry, folder));
  const failures = programs.flatMap(({ name }, index) => (reasons[index] ? [`${name}: ${reasons[index]}`] : []));
  list('Failed:', failures);
  finish(programs.length - failures.length, failures.length);
} finally {
  rmSync(root, { recursive: true, force: true });
}
