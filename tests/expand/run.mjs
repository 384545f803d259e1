// `voydc expand` gives a program: for every language test and golden program that compiles, what it prints
// for the entry compiles too and answers each call alike. exceptions.txt lists programs whose expansion
// cannot be written down, each with the reason; one that has become right must leave the list.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

import { runProcess } from '../harness/compiler.mjs';
import { ensureEngine } from '../harness/engine.mjs';
import { describeOutcome } from '../harness/judge.mjs';
import { inLanes, runTasks } from '../harness/lanes.mjs';
import { PROJECT, readOptions } from '../harness/options.mjs';
import { findPrograms } from '../harness/programs.mjs';
import { finish, list } from '../harness/report.mjs';
import { readProgramCases } from '../golden/cases.mjs';
import { readExpectations } from '../lang/expectations.mjs';

const USAGE = `Usage: node tests/expand/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --filter TEXT      only programs whose path contains the text
  --keep FOLDER      leave the expanded programs in this folder`;

const LEVEL = 'balanced';
const EXCEPTIONS = join(PROJECT, 'tests', 'expand', 'exceptions.txt');
const TIMEOUT_MS = 60_000;

// Lines `path: reason`.
function readExceptions() {
  const lines = readFileSync(EXCEPTIONS, 'utf8').split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(lines.map((line) => line.split(/: (.*)/, 2)));
}

const isCall = ({ kind }) => kind === 'expect' || kind === 'trap';

function programsWithCalls(filter) {
  const golden = findPrograms(join('tests', 'golden')).map((program) => {
    return { ...program, calls: readProgramCases(program).filter(isCall) };
  });
  const lang = findPrograms(join('tests', 'lang')).map((program) => {
    const expectations = program.files.flatMap((file) => readExpectations(file, readFileSync(file, 'utf8')));
    return { ...program, calls: expectations.filter(isCall) };
  });
  return [...golden, ...lang].filter(({ entry, calls }) => calls.length > 0 && entry.includes(filter));
}

// The program with its entry expanded, in a folder of its own; null if it does not expand.
async function expanded(voydc, program, folder) {
  const run = await runProcess(voydc, ['expand', program.entry], { timeoutMs: TIMEOUT_MS });
  if (run.status !== 0) return null;
  const source = dirname(program.entry);
  const target = join(folder, source);
  if (program.files.length > 1 || program.entry.endsWith('/main.voyd')) {
    cpSync(source, target, { recursive: true });
  }
  const entry = join(target, relative(source, program.entry));
  mkdirSync(dirname(entry), { recursive: true });
  writeFileSync(entry, run.stdout);
  return { ...program, entry };
}

// What is different of the two results, or null.
function difference(plain, result, calls) {
  if (result === null) return 'does not expand';
  if (result.kind === 'crash') return `compiler crash: ${result.reason}`;
  if (result.kind === 'errors') {
    const { code, message, line } = result.diagnostics.find(({ severity }) => severity === 'error');
    return `does not compile: line ${line}: ${code} ${message}`;
  }
  for (const [index, { entry }] of calls.entries()) {
    const [before, now] = [plain, result].map(({ outcomes }) => describeOutcome(outcomes[index]));
    if (before !== now) return `${entry}: ${now} instead of ${before}`;
  }
  return null;
}

async function main() {
  const options = readOptions({ filter: { type: 'string', default: '' }, keep: { type: 'string' } }, USAGE);
  ensureEngine();
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'voyd-expand-'));
  try {
    const candidates = programsWithCalls(options.filter);
    const task = (program) => ({ program, level: LEVEL, calls: program.calls });
    const plain = await runTasks(options.voydc, candidates.map(task));
    const programs = candidates.flatMap((program, index) => {
      return plain[index].kind === 'done' ? [{ program, plain: plain[index] }] : [];
    });
    const copies = await inLanes(
      programs,
      () => ({}),
      ({ program }) => expanded(options.voydc, program, folder),
    );
    const written = copies.filter((copy) => copy !== null);
    const results = await runTasks(options.voydc, written.map(task));
    const exceptions = readExceptions();
    const failures = [];
    for (const [index, { program, plain: before }] of programs.entries()) {
      const result = copies[index] && results[written.indexOf(copies[index])];
      const wrong = difference(before, result, program.calls);
      if (wrong !== null && !exceptions.has(program.entry)) failures.push(`${program.entry}: ${wrong}`);
      if (wrong === null && exceptions.has(program.entry)) failures.push(`${program.entry}: is no exception any more`);
    }
    list('Failed:', failures);
    finish(programs.length - failures.length, failures.length);
  } finally {
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  }
}

await main();
