// Generated programs that carry their own answer (generators/), at every level: a fault of one level shows, and so
// does one that all levels share.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureEngine } from '../harness/engine.mjs';
import { judgeTrap, judgeValue } from '../harness/judge.mjs';
import { LEVELS, runTasks } from '../harness/lanes.mjs';
import { readOptions, stop } from '../harness/options.mjs';
import { finish, list } from '../harness/report.mjs';
import { generate } from './generators/generator.mjs';

const USAGE = `Usage: node tests/differential/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --level LEVEL      only this level (none, balanced, release)
  --count N          how many programs (default 40)
  --seed N           the seed of the first (default 1); the others follow
  --keep DIR         write the programs there and leave them`;

function judge(outcomes, expected) {
  const reasons = outcomes.map((outcome) => {
    return 'trap' in expected ? judgeTrap(outcome, expected.trap) : judgeValue(outcome, expected.value);
  });
  if (reasons[0] !== null) return reasons[0];
  return reasons[1] === null ? null : `the second call ${reasons[1]}`;
}

async function main() {
  const options = readOptions(
    {
      level: { type: 'string' },
      count: { type: 'string', default: '40' },
      seed: { type: 'string', default: '1' },
      keep: { type: 'string' },
    },
    USAGE,
  );
  const [count, first] = [Number(options.count), Number(options.seed)];
  if (!(count > 0) || !Number.isInteger(first)) stop('--count and --seed are whole numbers');
  ensureEngine();
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'voyd-differential-'));
  mkdirSync(folder, { recursive: true });
  const levels = options.level ? [options.level] : LEVELS;
  const tasks = [];
  for (let seed = first; seed < first + count; seed++) {
    const { text, expected } = generate(seed);
    const entry = join(folder, `seed-${seed}.voyd`);
    writeFileSync(entry, text);
    for (const level of levels) {
      // Twice: what a program did, a trap above all, must not change what it does next.
      const calls = [{ entry: 'main', args: [] }, { entry: 'main', args: [] }];
      tasks.push({ program: { entry }, seed, level, expected, calls });
    }
  }
  const results = await runTasks(options.voydc, tasks);
  const failures = [];
  for (const [index, { seed, level, expected }] of tasks.entries()) {
    const result = results[index];
    let reason = null;
    if (result.kind === 'done') reason = judge(result.outcomes, expected);
    else if (result.kind === 'crash') reason = `compiler crash: ${result.reason}`;
    else reason = `does not compile: ${result.diagnostics.map(({ code, message }) => `${code} ${message}`).join('; ')}`;
    if (reason !== null) failures.push(`seed ${seed} (${level}): ${reason}, wanted ${JSON.stringify(expected)}`);
  }
  if (!options.keep) rmSync(folder, { recursive: true, force: true });
  list('Failed:', failures);
  console.log(`${count} programs at ${levels.length} levels, seeds from ${first}`);
  finish(tasks.length - failures.length, failures.length);
}

await main();
