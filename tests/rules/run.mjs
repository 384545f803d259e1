// Every section of chapters 01 and 02 that states a rule is named by a test (docs/rules.md, scripts/rules.mjs).

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const HELD = /^0[12] §/;

const lines = (text) => text.split('\n').filter((line) => HELD.test(line));
const stated = lines(readFileSync(join(PROJECT, 'docs', 'spec-sections.txt'), 'utf8'));
const listed = execFileSync(process.execPath, [join(PROJECT, 'scripts', 'rules.mjs'), '--missing'], { encoding: 'utf8' });
const missing = lines(listed);
for (const section of missing) console.error(`${section}: no test names it`);
console.log(`${stated.length - missing.length} passed, ${missing.length} failed`);
process.exitCode = missing.length > 0 ? 1 : 0;
