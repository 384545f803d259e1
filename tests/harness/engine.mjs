// Makes sure that the engine under the test runners can run compiled programs: a runner started by any Node
// starts itself again with the engine that `voydc run` would use (compiler/cli/engine.c) and ends with its
// status.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { ENGINE_REQUIREMENT, engineIsSuitable } from '../../runtime-wasm/host/probe.mjs';

// Set for the second start, so that an unsuitable engine cannot start itself for ever.
const MARK = 'VOYD_TEST_ENGINE';

function cachedEngine() {
  const folder = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const file = join(folder, 'voydc', 'engine');
  if (!existsSync(file)) return null;
  const engine = readFileSync(file, 'utf8').split('\n')[0].trim();
  return existsSync(engine) ? engine : null;
}

/** Returns if this process can run compiled programs; else goes on in one that can, or ends with status 2. */
export function ensureEngine() {
  if (engineIsSuitable()) return;
  const engine = process.env.VOYD_NODE || cachedEngine();
  if (!engine || process.env[MARK]) {
    console.error(`no engine for the tests: set VOYD_NODE to a ${ENGINE_REQUIREMENT}, or run scripts/engine`);
    process.exit(2);
  }
  const env = { ...process.env, [MARK]: '1' };
  const run = spawnSync(engine, process.argv.slice(1), { stdio: 'inherit', env });
  if (run.error) console.error(`cannot start the engine ${engine}: ${run.error.message}`);
  process.exit(run.status ?? 2);
}
