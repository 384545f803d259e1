// Command lines of the test runners.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { LEVELS } from './lanes.mjs';

export const PROJECT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** Prints a message and ends with the status of a wrong command line. */
export function stop(message) {
  console.error(message);
  process.exit(2);
}

/**
 * The options of a runner: those of `extra` (as util.parseArgs wants them) and `--voydc PATH` (default: VOYDC
 * of the environment, else the build folder's). Relative paths mean the project: it becomes the working
 * folder, so that spans name files as the runners do. A runner with an option `level` takes it from
 * VOYD_TEST_LEVEL of the environment if the command line has none.
 */
export function readOptions(extra, usage) {
  process.chdir(PROJECT);
  let values;
  try {
    const voydc = { type: 'string', default: process.env.VOYDC || 'build/voydc' };
    ({ values } = parseArgs({ options: { voydc, help: { type: 'boolean' }, ...extra } }));
  } catch (error) {
    stop(`${error.message}\n${usage}`);
  }
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  if ('level' in extra) values.level ??= process.env.VOYD_TEST_LEVEL;
  if (values.level && !LEVELS.includes(values.level)) stop(`no such level: ${values.level}\n${usage}`);
  if (!existsSync(values.voydc)) stop(`no compiler at ${values.voydc}: build it first, or pass --voydc PATH`);
  if (!values.voydc.includes('/')) values.voydc = `./${values.voydc}`;
  return values;
}
