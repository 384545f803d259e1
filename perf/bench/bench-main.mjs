// The measuring side of `voydc bench run`, in the engine: calls exports of several modules in turns, in one process, and
// checks every result. The job is a JSON file named by the environment variable VOYD_BENCH_JOB:
//
//   {"result": FILE, "warmups": 3, "samples": 9, "minimumMs": 0,
//    "programs": [{"file": FILE, "export": NAME, "args": [...], "expected": JSON}]}
//
// The result file gets {"programs": [{"samplesMs": [...], "gzipBytes": N, "sha256": HEX} | {"error": TEXT}]} in the order
// of the job. Samples of the programs alternate, so that a change of the machine's speed meets all of them.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Worker, isMainThread } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';

import { call, instantiate } from './host.mjs';
import { fromJson, toJson } from './values.mjs';

const STACK_MEGABYTES = 64;

function checkedCall(bench) {
  const value = call(bench.program, bench.export, bench.args);
  const json = toJson(value);
  if (json !== bench.expected) throw new Error(`${bench.export} returned ${json}, expected ${bench.expected}`);
}

async function prepare(description, job) {
  const bench = { ...description, samplesMs: [], repeats: 1 };
  const bytes = readFileSync(description.file);
  bench.gzipBytes = gzipSync(bytes, { level: 9 }).length;
  bench.sha256 = createHash('sha256').update(bytes).digest('hex');
  bench.program = await instantiate(new Uint8Array(bytes));
  bench.expected = JSON.stringify(description.expected);
  const { params } = bench.program.signatures.get(bench.export) ?? { params: [] };
  bench.args = (description.args ?? []).map((json, index) => fromJson(json, params[index]));
  for (let i = 0; i < job.warmups; i++) checkedCall(bench);
  // Repeat short calls until a batch is long enough to measure.
  const start = performance.now();
  checkedCall(bench);
  const once = performance.now() - start;
  bench.repeats = Math.max(1, Math.ceil(job.minimumMs / Math.max(once, 0.001)));
  return bench;
}

function sample(bench) {
  const start = performance.now();
  for (let i = 0; i < bench.repeats; i++) checkedCall(bench);
  bench.samplesMs.push((performance.now() - start) / bench.repeats);
}

async function runJob(job) {
  const benches = [];
  for (const description of job.programs) {
    try {
      benches.push(await prepare(description, job));
    } catch (error) {
      benches.push({ error: error.message });
    }
  }
  for (let i = 0; i < job.samples; i++) {
    for (const bench of benches) {
      if (bench.error) continue;
      try {
        sample(bench);
      } catch (error) {
        bench.error = error.message;
      }
    }
  }
  const programs = benches.map(({ error, samplesMs, gzipBytes, sha256 }) =>
    error ? { error } : { samplesMs, gzipBytes, sha256 },
  );
  writeFileSync(job.result, JSON.stringify({ programs }));
}

/** Entry of both threads: the main one starts the one with the deep stack, which measures. */
export function engineMain() {
  if (!isMainThread) return runJob(JSON.parse(readFileSync(process.env.VOYD_BENCH_JOB, 'utf8')));
  const worker = new Worker(process.argv[1], { resourceLimits: { stackSizeMb: STACK_MEGABYTES } });
  return worker.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
