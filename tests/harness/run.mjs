// Runs the tests of the test runners themselves and of the JavaScript host.

import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';

import { ensureEngine } from './engine.mjs';
import { finish, list } from './report.mjs';

const LIMIT_MS = 300_000;

ensureEngine();
const folder = fileURLToPath(new URL('./', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.test.mjs'));
const failures = [];
let passed = 0;
run({ files: files.map((name) => folder + name), concurrency: 2, timeout: LIMIT_MS })
  .on('test:pass', () => passed++)
  .on('test:fail', ({ name, file, details }) => {
    failures.push(`${file}: ${name}: ${details.error.cause?.stack ?? details.error.message}`);
  })
  .on('end', () => {
    list('Failed:', failures);
    finish(passed, failures.length);
  })
  .resume();
