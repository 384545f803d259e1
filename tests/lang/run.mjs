// Runs the language tests: every program at every level, held against the comments beside its code
// (tests/README.md). An expectation passes if it holds at each level. A diagnostic that no comment expects
// is a failure too.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ensureEngine } from '../harness/engine.mjs';
import { judgeTrap, judgeValue } from '../harness/judge.mjs';
import { LEVELS, runTasks } from '../harness/lanes.mjs';
import { readOptions, stop } from '../harness/options.mjs';
import { Sources, findPrograms } from '../harness/programs.mjs';
import { finish, list } from '../harness/report.mjs';
import { matchDiagnostics, readExpectations } from './expectations.mjs';

const USAGE = `Usage: node tests/lang/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --filter TEXT      only programs whose path below tests/lang contains the text
  --level LEVEL      only this level (none, balanced, release)`;

const ROOT = join('tests', 'lang');
const isRun = ({ kind }) => kind === 'expect' || kind === 'trap';

function readProgram(program) {
  try {
    const expectations = program.files.flatMap((file) => readExpectations(file, readFileSync(file, 'utf8')));
    if (expectations.length === 0) throw new Error(`${program.entry}: expects nothing`);
    const calls = expectations.filter(isRun);
    return { ...program, calls, diagnostics: expectations.filter((item) => !isRun(item)) };
  } catch (error) {
    return stop(error.message);
  }
}

function showDiagnostic({ severity, code, message, span, line, column }, textOf) {
  const place = `${span.file}:${line}:${column} over ${JSON.stringify(textOf(span))}`;
  return `${severity} ${code} at ${place}: ${message}`;
}

// What is wrong with a program at one level: a map from what failed to why.
function judgeProgram(program, result, sources) {
  const failures = new Map();
  if (result.kind === 'crash') {
    for (const { label } of [...program.calls, ...program.diagnostics]) failures.set(label, 'compiler crash');
    return failures.set(`${program.id} crash`, result.reason);
  }
  const textOf = (span) => sources.text(span);
  const { missing, unexpected } = matchDiagnostics(program.diagnostics, result.diagnostics, textOf);
  for (const { label } of missing) failures.set(label, 'not reported');
  for (const diagnostic of unexpected) {
    failures.set(`${program.id}: ${showDiagnostic(diagnostic, textOf)}`, 'not expected');
  }
  for (const [index, call] of program.calls.entries()) {
    if (result.kind === 'errors') {
      failures.set(call.label, 'does not compile');
      continue;
    }
    const outcome = result.outcomes[index];
    const reason = call.kind === 'trap' ? judgeTrap(outcome, call.value) : judgeValue(outcome, call.value);
    if (reason !== null) failures.set(call.label, reason);
  }
  return failures;
}

async function main() {
  const options = readOptions({ filter: { type: 'string', default: '' }, level: { type: 'string' } }, USAGE);
  ensureEngine();
  const programs = findPrograms(ROOT)
    .filter(({ id }) => id.includes(options.filter))
    .map(readProgram);
  const levels = options.level ? [options.level] : LEVELS;
  const tasks = programs.flatMap((program) => {
    return levels.map((level) => ({ program, level, calls: program.calls }));
  });

  const start = performance.now();
  const results = await runTasks(options.voydc, tasks);
  const sources = new Sources();
  const failures = new Map();
  for (const [index, { program, level }] of tasks.entries()) {
    for (const [what, why] of judgeProgram(program, results[index], sources)) {
      if (!failures.has(what)) failures.set(what, `${why} (${level})`);
    }
  }
  list('Failed:', [...failures].map(([what, why]) => `${what}: ${why}`));
  const expected = programs.flatMap(({ calls, diagnostics }) => [...calls, ...diagnostics]);
  const passed = expected.filter(({ label }) => !failures.has(label)).length;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${programs.length} programs, ${tasks.length} compilations in ${seconds} s`);
  finish(passed, failures.size);
}

await main();
