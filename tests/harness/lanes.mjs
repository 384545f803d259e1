// Compiles and runs many programs at once: each lane has its own compiler process, output file and engine
// thread, and takes the next piece of work when it is done with one.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Runner } from '../../runtime-wasm/host/runner.mjs';
import { Compiler } from './compiler.mjs';

export const LEVELS = ['none', 'balanced', 'release'];

const LANES = 2;
// Far above what any program needs, so that a loaded machine does not look like a hang.
const LIMIT_MS = 60_000;
const WORKER = new URL('./worker-entry.mjs', import.meta.url);

/** Calls `work(item, lane)` for every item, at most LANES at a time; results in the order of the items. */
export async function inLanes(items, makeLane, work) {
  const results = new Array(items.length);
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(LANES, items.length) }, async (_, index) => {
      const lane = makeLane(index);
      while (next < items.length) {
        const position = next++;
        results[position] = await work(items[position], lane);
      }
      await lane.close?.();
    }),
  );
  return results;
}

/**
 * Compiles each task `{program, level, calls}` and makes its calls (`{entry, args}`): per task `{kind,
 * diagnostics, reason?, outcomes?}`, as judgeCompilation with the outcomes of the calls when it was done.
 * No call may take longer than `callLimitMs`.
 */
export async function runTasks(voydc, tasks, callLimitMs = LIMIT_MS) {
  const folder = mkdtempSync(join(tmpdir(), 'voyd-tests-'));
  const makeLane = (index) => {
    const laneFolder = join(folder, String(index));
    mkdirSync(laneFolder);
    const runner = new Runner(WORKER);
    return { compiler: new Compiler(voydc, laneFolder, LIMIT_MS), runner, close: () => runner.close() };
  };
  try {
    return await inLanes(tasks, makeLane, async ({ program, level, calls }, { compiler, runner }) => {
      const answer = await compiler.compile(program.entry, level);
      if (answer.kind !== 'done' || calls.length === 0) return answer;
      return { ...answer, outcomes: await runner.runProgram(answer.bytes, calls, callLimitMs) };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
