// The main program of the engine process that `voydc run` starts (compiler/cli/engine.c). The job comes
// over the file descriptor CHANNEL, and the outcome goes back over it: blocks of a 32-bit little-endian
// length and that many bytes. The program's own input and output are the process's.
//
// Job: entry name, arguments as JSON text ('' for none), time limit in milliseconds as text (0: none),
// module bytes. Outcome: kind (value, trap, error, timeout), the line that `--json` prints, the text that a
// plain run prints.

import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

import { ENGINE_REQUIREMENT, engineIsSuitable } from './probe.mjs';
import { Runner } from './runner.mjs';
import { trapText } from './traps.mjs';
import { serveRunner } from './worker.mjs';

const CHANNEL = 3;

function readBlocks(bytes) {
  const blocks = [];
  for (let position = 0; position < bytes.length; ) {
    const start = position + 4;
    position = start + bytes.readUInt32LE(position);
    blocks.push(bytes.subarray(start, position));
  }
  return blocks;
}

function writeBlocks(texts) {
  const blocks = texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  });
  const bytes = Buffer.concat(blocks);
  for (let position = 0; position < bytes.length; ) position += writeSync(CHANNEL, bytes, position);
}

function parseArguments(text) {
  if (text === '') return [];
  let args;
  try {
    args = JSON.parse(text);
  } catch (error) {
    throw new Error(`the arguments are not JSON: ${error.message}`);
  }
  if (!Array.isArray(args)) throw new Error('the arguments must be a JSON array');
  return args;
}

// The three texts of an outcome, in the order of the protocol.
function report(outcome, timeoutMs) {
  switch (outcome.kind) {
    case 'value':
      return ['value', `{"value":${outcome.json}}`, outcome.text];
    case 'trap':
      return ['trap', JSON.stringify({ trap: outcome.trap }), trapText(outcome.trap)];
    case 'timeout': {
      const message = `the program did not end within ${timeoutMs} ms`;
      return ['timeout', JSON.stringify({ error: { message } }), `error: ${message}`];
    }
    default:
      return ['error', JSON.stringify({ error: { message: outcome.message } }), `error: ${outcome.message}`];
  }
}

async function runJob(source, job) {
  const [entry, args, timeout, bytes] = readBlocks(job);
  const timeoutMs = Number(timeout);
  let outcome;
  try {
    const runner = new Runner(source, { eval: true });
    const call = { entry: entry.toString(), args: parseArguments(args.toString()) };
    [outcome] = await runner.runProgram(new Uint8Array(bytes), [call], timeoutMs);
    await runner.close();
  } catch (error) {
    outcome = { kind: 'error', message: error.message };
  }
  if (outcome.kind === 'error' && !engineIsSuitable()) {
    const engine = `${process.execPath} (${process.version})`;
    outcome.message += `; the engine ${engine} is too old: ${ENGINE_REQUIREMENT} is needed`;
  }
  writeBlocks(report(outcome, timeoutMs));
}

/** Entry of both threads: `source` is the whole bundled host, `job` the blocks above (main thread only). */
export function engineMain(source, job) {
  if (isMainThread) return runJob(source, job);
  return serveRunner();
}
