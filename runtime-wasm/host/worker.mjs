// The worker thread that runs programs (Node). One message is one program with its calls, in order, on one
// instance; every outcome is posted as soon as it is known, so that the thread that waits (runner.mjs) can
// tell which call hangs.

import { parentPort } from 'node:worker_threads';

import { CAPABILITIES } from './capabilities.mjs';
import { failure, instantiate, run } from './host.mjs';

async function runProgram({ bytes, calls }) {
  parentPort.postMessage({}); // from here on time counts; starting a thread on a busy machine does not
  let program;
  try {
    program = await instantiate(bytes, CAPABILITIES);
  } catch (error) {
    const outcome = failure(error);
    for (const index of calls.keys()) parentPort.postMessage({ index, outcome });
    return;
  }
  for (const [index, { entry, args }] of calls.entries()) {
    parentPort.postMessage({ index, outcome: run(program, entry, args) });
  }
}

/** Serves the thread that started this worker until it terminates it. */
export function serveRunner() {
  parentPort.on('message', runProgram);
}
