// Checks every program of the corpus (corpus.mjs), once with diagnostics as JSON and once as text, then
// read from standard input if it is a single file: the compiler must report errors and end with status 1,
// without a crash, a hang or a sanitizer's report.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { judgeCompilation, judgeTextCompilation, runProcess } from '../harness/compiler.mjs';
import { inLanes } from '../harness/lanes.mjs';
import { readOptions } from '../harness/options.mjs';
import { finish, list } from '../harness/report.mjs';
import { brokenPrograms } from './corpus.mjs';

const USAGE = `Usage: node tests/broken/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc); one built with sanitizers will do
  --filter TEXT      only programs whose name contains the text
  --timeout SECONDS  limit of each run (default 60)
  --slowest N        show the N slowest programs`;

const JSON_FORM = ['--diagnostics', 'json'];
const TEXT = [];

// Writes a program below `folder` and returns the path to compile.
function writeProgram({ bytes, files, entry, link }, folder) {
  if (link !== undefined) {
    symlinkSync(link, join(folder, 'link.voyd'));
    return join(folder, 'link.voyd');
  }
  for (const [path, content] of Object.entries(files ?? { 'main.voyd': bytes })) {
    const target = join(folder, path);
    mkdirSync(content === null ? target : dirname(target), { recursive: true });
    if (content !== null) writeFileSync(target, content);
  }
  return join(folder, entry ?? 'main.voyd');
}

// Why the answer is wrong; null if it is right. A path that names no file has no place for a diagnostic:
// there a message is as good.
function judge(run, form, program) {
  const isMessage = program.name.startsWith('entries/') && !run.stderr.startsWith('[');
  const { kind, reason } = form === TEXT || isMessage ? judgeTextCompilation(run) : judgeCompilation(run);
  if (kind === 'crash') return reason;
  return kind === 'errors' ? null : 'accepted';
}

async function main() {
  const options = readOptions(
    {
      filter: { type: 'string', default: '' },
      timeout: { type: 'string', default: '60' },
      slowest: { type: 'string', default: '0' },
    },
    USAGE,
  );
  const voydc = resolve(options.voydc);
  const timeoutMs = Number(options.timeout) * 1000;
  const root = mkdtempSync(join(tmpdir(), 'voyd-broken-'));
  const env = { ...process.env, TMPDIR: root, UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1' };
  const programs = brokenPrograms().filter(({ name }) => name.includes(options.filter));
  const failures = [];
  const times = [];
  try {
    await inLanes([...programs.entries()], () => ({}), async ([index, program]) => {
      const folder = join(root, String(index));
      mkdirSync(folder);
      const entry = writeProgram(program, folder);
      for (const form of [JSON_FORM, TEXT]) {
        const input = form === TEXT ? (program.bytes ?? null) : null;
        const args = ['check', input === null ? entry : '-', ...form];
        const run = await runProcess(voydc, args, { timeoutMs, env, input });
        const reason = judge(run, form, program);
        if (reason !== null) failures.push(`${program.name} (${form === TEXT ? 'text' : 'json'}): ${reason}`);
        times.push([run.milliseconds, program.name]);
      }
      rmSync(folder, { recursive: true });
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  times.sort(([a], [b]) => b - a);
  const slowest = times.slice(0, Number(options.slowest));
  list('Slowest:', slowest.map(([ms, name]) => `${ms.toFixed(0)} ms  ${name}`));
  list('Failed:', failures);
  console.log(`${programs.length} programs, each as JSON and as text`);
  finish(2 * programs.length - failures.length, failures.length);
}

await main();
