// Runs programs in a worker thread with a deep stack and a watchdog (Node). A call that hangs or breaks its
// worker costs that worker alone: the calls after it go to a fresh one, on a fresh instance of the program.

import { Worker } from 'node:worker_threads';

// Recursion in Wasm reaches about 15,000 frames on the default stack, more than a million on this one.
const STACK_MEGABYTES = 64;

export class Runner {
  #source;
  #options;
  #worker = null;

  /** `source` and `options` are those of a Worker whose code calls `serveRunner` (worker.mjs). */
  constructor(source, options = {}) {
    this.#source = source;
    this.#options = { ...options, resourceLimits: { stackSizeMb: STACK_MEGABYTES } };
  }

  /**
   * Runs `calls`, each `{entry, args?}` with arguments in JSON form, on one instance of the module.
   * `timeoutMs` limits each call
   * (0: no limit). Resolves to one outcome per call: those of `run` (host.mjs), or `{kind: 'timeout'}`.
   */
  async runProgram(bytes, calls, timeoutMs = 0) {
    const outcomes = [];
    while (outcomes.length < calls.length) {
      await this.#runSome(bytes, calls.slice(outcomes.length), outcomes, timeoutMs);
    }
    return outcomes;
  }

  async close() {
    const worker = this.#worker;
    this.#worker = null;
    if (worker) await worker.terminate();
  }

  // Appends outcomes until all calls have one or the worker is gone; at least one outcome is appended.
  #runSome(bytes, calls, outcomes, timeoutMs) {
    const worker = (this.#worker ??= new Worker(this.#source, this.#options));
    const last = outcomes.length + calls.length;
    return new Promise((resolve) => {
      let timer;
      const listeners = {
        message({ outcome }) {
          if (outcome) outcomes.push(outcome);
          if (outcomes.length === last) finish();
          else watch();
        },
        error: (error) => abandon({ kind: 'error', message: `the engine's thread failed: ${error.message}` }),
        exit: (code) => abandon({ kind: 'error', message: `the engine's thread ended with status ${code}` }),
      };
      const finish = () => {
        clearTimeout(timer);
        for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
        resolve();
      };
      const abandon = (outcome) => {
        outcomes.push(outcome);
        if (this.#worker === worker) this.#worker = null;
        finish();
      };
      const watch = () => {
        if (timeoutMs <= 0) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          abandon({ kind: 'timeout' });
          worker.terminate();
        }, timeoutMs);
      };
      for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
      worker.postMessage({ bytes, calls });
    });
  }
}
