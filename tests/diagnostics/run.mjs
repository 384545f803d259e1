// The page of docs/ that shows diagnostics says what the compiler says: each program of it, checked alone, gives
// the text below it, byte for byte.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { runProcess } from '../harness/compiler.mjs';
import { readOptions } from '../harness/options.mjs';
import { finish, list } from '../harness/report.mjs';

const USAGE = `Usage: node tests/diagnostics/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --update           writes into the page what the compiler says`;

const PAGE = join('docs', 'diagnostics.md');
const EXAMPLE = /(^## (.*)$[^]*?```voyd\n)([^]*?)(```\n\n```text\n)([^]*?)(```)/gm;

async function said(voydc, folder, program) {
  writeFileSync(join(folder, 'main.voyd'), program);
  const run = await runProcess(voydc, ['check', 'main.voyd'], { timeoutMs: 60_000, cwd: folder });
  return run.stderr.replaceAll(`${folder}/`, '').trim() + '\n';
}

async function main() {
  const options = readOptions({ update: { type: 'boolean' } }, USAGE);
  const folder = mkdtempSync(join(tmpdir(), 'voyd-diagnostics-'));
  const page = readFileSync(PAGE, 'utf8');
  const failures = [];
  let updated = '';
  let end = 0;
  let examples = 0;
  for (const match of page.matchAll(EXAMPLE)) {
    const [whole, head, title, program, between, expected, close] = match;
    const text = await said(resolve(options.voydc), folder, program);
    examples++;
    if (text !== expected) failures.push(`${title}: the compiler says\n${text}`);
    updated += page.slice(end, match.index) + head + program + between + text + close;
    end = match.index + whole.length;
  }
  rmSync(folder, { recursive: true, force: true });
  if (options.update) {
    writeFileSync(PAGE, updated + page.slice(end));
    console.log(`${failures.length} of ${examples} examples of ${PAGE} rewritten`);
    return;
  }
  list('Failed:', failures);
  finish(examples - failures.length, failures.length);
}

await main();
