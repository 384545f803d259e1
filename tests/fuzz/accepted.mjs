// Programs that fuzzing made and the checker accepts: they compile at every level, the engine takes the modules, and
// every exported function without parameters does the same at each.

import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureEngine } from '../harness/engine.mjs';
import { describeOutcome } from '../harness/judge.mjs';
import { LEVELS, runTasks } from '../harness/lanes.mjs';
import { readOptions } from '../harness/options.mjs';
import { finish, list } from '../harness/report.mjs';

const USAGE = `Usage: node tests/fuzz/accepted.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --folder DIR       where the programs are (default: what scripts/fuzz accepted found, build-fuzz/corpus/accepted)
  --count N          how many of them, spread over the folder (default 200)`;

const EXPORT = /^pub fn (\w+)\(\)/gm;
const MANY_CALLS = 12;
// Changed programs loop for ever, or long enough.
const CALL_LIMIT_MS = 2_000;
const OUT_OF_STACK = /stack/i;

// Whether two levels did the same, as far as a program can tell: which of the engine's traps it was, it cannot.
function agree(a, b) {
  if (a.kind !== b.kind) return false;
  return a.kind === 'value' ? a.json === b.json : a.kind === 'trap' || describeOutcome(a) === describeOutcome(b);
}

// Calls end where the machine does: that is no difference between levels.
function isCutShort(outcome) {
  return outcome.kind === 'timeout' || (outcome.kind === 'trap' && OUT_OF_STACK.test(outcome.trap.message));
}

function isBroken(outcome) {
  return outcome.kind === 'error' && /CompileError|engine's thread/.test(outcome.message);
}

// What is wrong with the outcomes of a program's calls, `outcomes[level][call]`; null if nothing is.
function judge(calls, outcomes) {
  for (const [index, { entry }] of calls.entries()) {
    const all = outcomes.map((ofLevel) => ofLevel[index]);
    // What comes after a call that was cut short runs on another instance than elsewhere.
    if (all.some(isCutShort)) return null;
    const shown = all.map((outcome, level) => `${LEVELS[level]} ${describeOutcome(outcome)}`).join('; ');
    if (all.some(isBroken) || !all.every((outcome) => agree(all[0], outcome))) return `${entry}: ${shown}`;
  }
  return null;
}

function chooseFiles(folder, count) {
  const files = readdirSync(folder).sort();
  const step = Math.max(1, files.length / count);
  return Array.from({ length: Math.min(count, files.length) }, (_, index) => files[Math.floor(index * step)]);
}

async function main() {
  const options = readOptions(
    {
      folder: { type: 'string', default: 'build-fuzz/corpus/accepted' },
      count: { type: 'string', default: '200' },
    },
    USAGE,
  );
  ensureEngine();
  const programs = mkdtempSync(join(tmpdir(), 'voyd-accepted-'));
  const tasks = chooseFiles(options.folder, Number(options.count)).map((file) => {
    const entry = join(programs, `${file.replace(/\W/g, '_')}.voyd`);
    copyFileSync(join(options.folder, file), entry);
    const names = [...readFileSync(entry, 'latin1').matchAll(EXPORT)].map(([, name]) => name);
    const calls = [...new Set(names)].slice(0, MANY_CALLS).map((name) => ({ entry: name, args: [] }));
    return { file, program: { entry }, calls };
  });
  const failures = [];
  let alive = tasks;
  const outcomes = new Map(tasks.map((task) => [task, []]));
  for (const level of LEVELS) {
    const results = await runTasks(options.voydc, alive.map((task) => ({ ...task, level })), CALL_LIMIT_MS);
    const next = [];
    for (const [index, task] of alive.entries()) {
      const { kind, reason, diagnostics, outcomes: made } = results[index];
      if (kind === 'crash') failures.push(`${task.file} (${level}): ${reason}`);
      else if (kind === 'done') next.push(task);
      else if (level !== LEVELS[0]) failures.push(`${task.file} (${level}): ${diagnostics[0]?.message}`);
      if (kind === 'done') outcomes.get(task).push(made ?? []);
    }
    alive = next;
  }
  for (const task of alive) {
    const reason = judge(task.calls, outcomes.get(task));
    if (reason !== null) failures.push(`${task.file}: ${reason}`);
  }
  rmSync(programs, { recursive: true, force: true });
  list('Failed:', failures);
  console.log(`${tasks.length} programs, ${alive.length} of them accepted`);
  finish(tasks.length - failures.length, failures.length);
}

await main();
