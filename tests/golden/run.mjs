// Runs the golden programs: every program at every level, judged case by case (README.md of this folder). A
// case passes if it passes at each level that was run. The suite fails when a case of must-pass.txt no
// longer passes, the bytes of a program of hashes.txt change, or the compiler crashes.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ensureEngine } from '../harness/engine.mjs';
import { judgeDiagnostic, judgeTrap, judgeValue } from '../harness/judge.mjs';
import { LEVELS, runTasks } from '../harness/lanes.mjs';
import { PROJECT, readOptions, stop } from '../harness/options.mjs';
import { Sources, findPrograms } from '../harness/programs.mjs';
import { finish, list, table } from '../harness/report.mjs';
import { readProgramCases } from './cases.mjs';
import { hashDifferences, hashModules, unlisted, writeHashes } from './hashes.mjs';

const USAGE = `Usage: node tests/golden/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --chapter NN       only the chapter whose folder begins so, for example 04
  --filter TEXT      only programs whose id contains the text
  --level LEVEL      only this level (none, balanced, release)
  --list-failures    every failed case with its reason
  --update           add the cases that pass to must-pass.txt, drop those that no longer exist
  --update-hashes    write what programs without effects compile to into hashes.txt`;

const ROOT = join('tests', 'golden');
const MUST_PASS = join(PROJECT, ROOT, 'must-pass.txt');

function readMustPass() {
  return new Set(existsSync(MUST_PASS) ? readFileSync(MUST_PASS, 'utf8').split('\n').filter(Boolean) : []);
}

// The reason why a case fails in what became of its program, null if it passes.
function judgeCase(golden, result, calls, sources) {
  if (result.kind === 'crash') return `compiler crash: ${result.reason}`;
  if (golden.kind === 'error') {
    return judgeDiagnostic(result.diagnostics, golden.code, golden.text, (span) => sources.text(span));
  }
  if (result.kind === 'errors') {
    const { code, message } = result.diagnostics.find(({ severity }) => severity === 'error');
    return `does not compile: ${code} ${message}`;
  }
  const outcome = result.outcomes[calls.indexOf(golden)];
  return golden.kind === 'trap' ? judgeTrap(outcome, golden.text) : judgeValue(outcome, golden.value);
}

function summary(programs, failures) {
  const rows = [['chapter', 'programs', 'cases', 'passed', 'failed']];
  const total = ['all', 0, 0, 0, 0];
  for (const chapter of [...new Set(programs.map((program) => program.chapter))]) {
    const members = programs.filter((program) => program.chapter === chapter);
    const cases = members.flatMap((program) => program.cases);
    const failed = cases.filter(({ id }) => failures.has(id)).length;
    const row = [chapter, members.length, cases.length, cases.length - failed, failed];
    rows.push(row);
    for (let column = 1; column < row.length; column++) total[column] += row[column];
  }
  return table([...rows, total]);
}

function writeMustPass(mustPass, existing, passed) {
  const next = [...new Set([...mustPass, ...passed])].filter((id) => existing.has(id)).sort();
  writeFileSync(MUST_PASS, next.map((id) => `${id}\n`).join(''));
  console.log(`must-pass.txt: ${mustPass.size} cases before, ${next.length} now`);
}

async function main() {
  const options = readOptions(
    {
      chapter: { type: 'string', default: '' },
      filter: { type: 'string', default: '' },
      level: { type: 'string' },
      'list-failures': { type: 'boolean' },
      update: { type: 'boolean' },
      'update-hashes': { type: 'boolean' },
    },
    USAGE,
  );
  if (options.level && (options.update || options['update-hashes'])) stop('an update needs all levels');
  ensureEngine();
  const everyProgram = findPrograms(ROOT).map((program) => {
    return { ...program, cases: readProgramCases(program) };
  });
  const programs = everyProgram.filter(
    ({ id, chapter }) => chapter.startsWith(options.chapter) && id.includes(options.filter),
  );
  const levels = options.level ? [options.level] : LEVELS;
  const tasks = programs.flatMap((program) => {
    const calls = program.cases.filter(({ kind }) => kind !== 'error');
    return levels.map((level) => ({ program, level, calls }));
  });

  const start = performance.now();
  const results = await runTasks(options.voydc, tasks);
  const failures = new Map();
  const crashes = new Map();
  const sources = new Sources();
  for (const [index, { program, level, calls }] of tasks.entries()) {
    const result = results[index];
    if (result.kind === 'crash') {
      const [levelsBefore] = crashes.get(program.id) ?? [[]];
      crashes.set(program.id, [[...levelsBefore, level], result.reason]);
    }
    for (const golden of program.cases) {
      const reason = judgeCase(golden, result, calls, sources);
      if (reason !== null && !failures.has(golden.id)) failures.set(golden.id, `${reason} (${level})`);
    }
  }

  const cases = programs.flatMap((program) => program.cases);
  const passed = cases.filter(({ id }) => !failures.has(id)).map(({ id }) => id);
  const mustPass = readMustPass();
  const fallen = cases.filter(({ id }) => mustPass.has(id) && failures.has(id));
  const existing = new Set(everyProgram.flatMap((program) => program.cases.map(({ id }) => id)));
  const gone = [...mustPass].filter((id) => !existing.has(id));

  console.log(summary(programs, failures));
  console.log(`${tasks.length} compilations in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  if (options['list-failures']) list('Failed:', [...failures].map(([id, reason]) => `${id}: ${reason}`));
  if (options.update) {
    writeMustPass(mustPass, existing, passed);
  } else {
    list('IN must-pass.txt BUT NO CASE:', gone);
    const joining = passed.filter((id) => !mustPass.has(id)).length;
    if (joining > 0) console.log(`${joining} passing cases are not yet in must-pass.txt: --update adds them`);
  }
  const hashes = hashModules(tasks, results);
  const changed = options['update-hashes'] ? [] : hashDifferences(hashes);
  if (options['update-hashes']) writeHashes(hashes, new Set(everyProgram.map(({ id }) => id)));
  const missing = unlisted(hashes).length;
  if (missing > 0) console.log(`${missing} programs are not yet in hashes.txt: --update-hashes adds them`);
  list('OTHER BYTES THAN IN hashes.txt (--update-hashes takes them over):', changed);
  list(
    'COMPILER CRASHES:',
    [...crashes].map(([id, [at, reason]]) => `${id} (${at.join(', ')}): ${reason}`),
  );
  list('FELL OUT OF must-pass.txt:', fallen.map(({ id }) => `${id}: ${failures.get(id)}`));
  finish(passed.length, fallen.length + crashes.size + changed.length + (options.update ? 0 : gone.length));
}

await main();
