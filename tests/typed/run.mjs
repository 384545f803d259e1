// What the checker finds about programs, read from `--emit typed`.
//
// - programs/: each comment `// typed LINE` of a program must be a line of its dump, after the one before.
// - permuted/: the blocks of a program, separated by blank lines, may stand in any order: dump and diagnostics
//   are the same.
// - chains.mjs: what is inferred along long chains of functions is known of each.
// - steps.mjs: how much work nested calls are.
// - tests/lang: a dump, and with it the symbolic bodies, reports what `voydc check` reports.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { judgeCompilation, runProcess } from '../harness/compiler.mjs';
import { inLanes } from '../harness/lanes.mjs';
import { readOptions } from '../harness/options.mjs';
import { findPrograms } from '../harness/programs.mjs';
import { finish, list } from '../harness/report.mjs';
import { CHAINS, judgeChain } from './chains.mjs';
import { NESTS, judgeSteps } from './steps.mjs';

const USAGE = `Usage: node tests/typed/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --filter TEXT      only programs whose path contains the text`;

const ROOT = join('tests', 'typed');
const ORDERS = 8;

const options = readOptions({ filter: { type: 'string', default: '' } }, USAGE);

async function voydc(...args) {
  const run = await runProcess(options.voydc, [...args, '--diagnostics', 'json'], { timeoutMs: 60_000 });
  return { ...judgeCompilation(run), dump: run.stdout };
}
const typed = (entry) => voydc('compile', '--emit', 'typed', entry);

const describe = ({ code, message, span }) => `${code} ${span.start}..${span.end} ${message}`;

// The first expected line that does not follow, or null.
function firstMissing(expected, dump) {
  const lines = dump.split('\n').map((line) => line.trim());
  let from = 0;
  for (const line of expected) {
    const at = lines.indexOf(line, from);
    if (at < 0) return line;
    from = at + 1;
  }
  return null;
}

async function judgeProgram(entry) {
  const expected = [...readFileSync(entry, 'utf8').matchAll(/^\s*\/\/ typed (.*)$/gm)].map(([, line]) => line);
  if (expected.length === 0) return 'expects nothing';
  const { kind, reason, diagnostics, dump } = await typed(entry);
  if (kind !== 'done') return reason ?? diagnostics.map(describe).join('; ');
  const missing = firstMissing(expected, dump);
  return missing === null ? null : `not in the dump, or not there: ${missing}`;
}

// The blocks in another order, the same for the same number.
function shuffled(blocks, order) {
  let state = order * 2654435761 + 1;
  const result = [...blocks];
  for (let i = result.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

// What must not depend on the order: diagnostics by code and text under the span, bodies without positions.
function essence({ kind, reason, diagnostics, dump }, text) {
  const bytes = Buffer.from(text);
  const reports = diagnostics.map(({ code, message, span }) => {
    return `${code} ${message} ${bytes.subarray(span.start, span.end)}`;
  });
  const bodies = dump.split(/^(?=fn |let )/m).map((body) => body.replace(/^ {2}\d+:\d+/gm, ''));
  return JSON.stringify([kind, reason, reports.sort(), bodies.sort()], null, 1);
}

// Calls `use` with the path of a file that is not there yet.
async function withFile(use) {
  const folder = mkdtempSync(join(tmpdir(), 'voyd-typed-'));
  try {
    return await use(join(folder, 'main.voyd'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function judgePermuted(entry) {
  const blocks = readFileSync(entry, 'utf8').trim().split(/\n\n+/);
  const found = await withFile(async (file) => {
    const essences = [];
    for (let order = 0; order < ORDERS; order++) {
      const text = `${(order === 0 ? blocks : shuffled(blocks, order)).join('\n\n')}\n`;
      writeFileSync(file, text);
      essences.push(essence(await typed(file), text));
    }
    return essences;
  });
  const other = found.findIndex((one) => one !== found[0]);
  if (other < 0) return null;
  const [a, b] = [found[0].split('\n'), found[other].split('\n')];
  const line = a.findIndex((text, index) => text !== b[index]);
  return `order ${other} differs: ${a[line]} against ${b[line]}`;
}

const judgeGenerated = (chain) => () =>
  withFile(async (file) => {
    writeFileSync(file, chain.text);
    const { kind, reason, diagnostics, dump } = await typed(file);
    return kind === 'done' ? judgeChain(chain, dump) : (reason ?? diagnostics.slice(0, 3).map(describe).join('; '));
  });

const judgeNest = (nest) => () =>
  withFile(async (file) => {
    for (const depth of nest.depths) {
      writeFileSync(file, nest.at(depth));
      const report = `${file}.json`;
      const answer = await voydc('check', file, `--perf=${report}`);
      if (answer.kind === 'crash') return answer.reason;
      const steps = JSON.parse(readFileSync(report, 'utf8')).counters['check.steps'];
      const wrong = judgeSteps(nest, depth, { ...answer, steps });
      if (wrong !== null) return wrong;
    }
    return null;
  });

async function judgeDiagnostics(entry) {
  const [plain, dumped] = [await voydc('check', entry), await typed(entry)];
  if (dumped.kind === 'crash') return dumped.reason;
  const [a, b] = [plain, dumped].map(({ diagnostics }) => diagnostics.map(describe).join('\n'));
  return a === b ? null : `check reports ${a || 'nothing'}, with a dump ${b || 'nothing'}`;
}

const files = (folder) => readdirSync(join(ROOT, folder)).sort().map((file) => join(ROOT, folder, file));
const cases = [
  ...files('programs').map((entry) => ({ entry, judge: judgeProgram })),
  ...files('permuted').map((entry) => ({ entry, judge: judgePermuted })),
  ...CHAINS.map((chain) => ({ entry: `tests/typed/chains.mjs: ${chain.name}`, judge: judgeGenerated(chain) })),
  ...NESTS.map((nest) => ({ entry: `tests/typed/steps.mjs: ${nest.name}`, judge: judgeNest(nest) })),
  ...findPrograms(join('tests', 'lang')).map(({ entry }) => ({ entry, judge: judgeDiagnostics })),
].filter(({ entry }) => entry.includes(options.filter));
const reasons = await inLanes(cases, () => ({}), ({ entry, judge }) => judge(entry));
const failed = cases.map(({ entry }, index) => `${entry}: ${reasons[index]}`).filter((_, index) => reasons[index]);
list('Failed:', failed);
finish(cases.length - failed.length, failed.length);
