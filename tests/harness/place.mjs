// Tests that run the compiler as a person does: files in a fresh folder, a command line, what came out.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { runProcess } from './compiler.mjs';

export const VOYDC = resolve(process.env.VOYDC ?? 'build/voydc');

/** A folder of files and the compiler in it. */
export class Place {
  static folders = [];
  constructor(files) {
    this.folder = mkdtempSync(join(tmpdir(), 'voydc-cli-'));
    Place.folders.push(this.folder);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(this.path(name)), { recursive: true });
      writeFileSync(this.path(name), text);
    }
  }
  path(name) {
    return join(this.folder, name);
  }
  read(name) {
    return readFileSync(this.path(name));
  }
  async run(args, { input = null, env = {} } = {}) {
    return runProcess(VOYDC, args, {
      timeoutMs: 60_000,
      cwd: this.folder,
      input,
      env: { ...process.env, VOYD_COMPILER_PERF: '', TMPDIR: this.folder, ...env },
    });
  }
  // Runs and checks status and both streams; a stream that is not mentioned must be empty.
  async expect(args, { status = 0, stdout = '', stderr = '', ...options }) {
    const outcome = await this.run(args, options);
    assert.equal(outcome.signal, null, outcome.stderr);
    for (const [name, expected] of Object.entries({ stdout, stderr })) {
      if (expected instanceof RegExp) assert.match(outcome[name], expected);
      else assert.equal(outcome[name], expected);
    }
    assert.equal(outcome.status, status, outcome.stderr);
    return outcome;
  }
}

const tests = [];

/** A test: a name that says the rule, and what shows it, given an empty place. */
export const test = (name, body) => tests.push({ name, body });

/** Runs the tests whose names contain one of `wanted` (all if there are none) and prints the last line of a suite. */
export async function runTests(wanted) {
  let passed = 0;
  let failed = 0;
  for (const { name, body } of tests) {
    if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
    try {
      await body(new Place({}));
      passed++;
    } catch (error) {
      failed++;
      console.log(`FAILED ${name}\n  ${error.message.split('\n').join('\n  ')}`);
    }
  }
  for (const folder of Place.folders) rmSync(folder, { recursive: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
