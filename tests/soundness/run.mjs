// The soundness of the checker: generated right programs (generator.mjs) are accepted, and each with a single wrong
// change (mutations.mjs) is refused with a code that fits, where the change is. Many programs are modules of one
// check, so that ten thousand take minutes.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { judgeCompilation, runProcess } from '../harness/compiler.mjs';
import { inLanes } from '../harness/lanes.mjs';
import { readOptions, stop } from '../harness/options.mjs';
import { finish, list, table } from '../harness/report.mjs';
import { generate } from './generator.mjs';
import { MUTATIONS, possibleMutations } from './mutations.mjs';
import { Random } from './random.mjs';
import { render } from './text.mjs';

const USAGE = `Usage: node tests/soundness/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --count N          how many programs (default 300)
  --seed N           the seed of the first (default 1); the others follow
  --keep DIR         write the programs there and leave them
  --kinds            show each kind of mutation with its numbers`;

const BATCH = 50;
const LIMIT_MS = 120_000;

// A batch of programs as one: a main module, and the programs as its sub-modules, which are checked with it.
function writeBatch(folder, programs) {
  mkdirSync(join(folder, 'main'), { recursive: true });
  writeFileSync(join(folder, 'main.voyd'), 'pub fn main() -> i32\n  1\n');
  for (const { name, text } of programs) writeFileSync(join(folder, 'main', `${name}.voyd`), text);
  return join(folder, 'main.voyd');
}

// The diagnostics of each program of a batch, by its name; a crash counts for all.
async function checkBatch(voydc, folder, programs) {
  const entry = writeBatch(folder, programs);
  const run = await runProcess(voydc, ['check', '--diagnostics', 'json', entry], { timeoutMs: LIMIT_MS });
  const { kind, reason, diagnostics } = judgeCompilation(run);
  const of = new Map(programs.map(({ name }) => [name, []]));
  for (const diagnostic of diagnostics) of.get(basename(diagnostic.span.file, '.voyd'))?.push(diagnostic);
  return { crash: kind === 'crash' ? reason : null, of };
}

function batches(programs) {
  const out = [];
  for (let i = 0; i < programs.length; i += BATCH) out.push(programs.slice(i, i + BATCH));
  return out;
}

const describe = ({ code, message, line, column }) => `${code} at ${line}:${column}: ${message.split('\n')[0]}`;

function judgeRight(diagnostics) {
  return diagnostics.length === 0 ? null : `refused: ${describe(diagnostics[0])}`;
}

// Does a span, or a related one, touch the change or what holds it?
function touches({ span, related = [] }, { start, end }) {
  return [{ span }, ...related].some((item) => item.span.start <= end + 1 && item.span.end + 1 >= start);
}

function judgeWrong(diagnostics, { mutation, place }) {
  const fitting = diagnostics.filter(({ code }) => mutation.codes.includes(code));
  if (diagnostics.length === 0) return 'accepted';
  if (fitting.length === 0) return `another code: ${describe(diagnostics[0])}`;
  return fitting.some((item) => touches(item, place)) ? null : `elsewhere: ${describe(fitting[0])}`;
}

// The program of a seed with one change. Kinds take turns, so that rare ones come too.
function mutate(seed, tree, sites, turn) {
  const possible = possibleMutations(sites);
  const random = new Random(seed ^ 0x5eed);
  const wanted = MUTATIONS[turn % MUTATIONS.length];
  const fitting = possible.filter(({ mutation }) => mutation === wanted);
  const { mutation, site } = random.pick(fitting.length > 0 ? fitting : possible);
  const before = render(tree).text.slice(site.start, site.end);
  const { text, sites: after } = render(tree, site.mark, mutation.text(site.mark.info, before));
  let place = after.find(({ mark }) => mark === site.mark);
  for (let i = 0; i < (mutation.around ?? 0); i++) place = place.around ?? place;
  return { name: `p${seed}`, text, mutation, place };
}

// Errors of one stage end the check of all modules before the next: programs of one stage go together.
function byStage(programs) {
  const stage = ({ mutation }) => mutation.codes[0].slice(0, 2);
  return ['BD', 'TY'].map((wanted) => programs.filter((program) => stage(program) === wanted));
}

async function judgeAll(voydc, root, label, programs, judge) {
  const parts = batches(programs);
  const results = await inLanes(
    parts.map((part, index) => ({ part, folder: join(root, `${label}-${index}`) })),
    () => ({}),
    async ({ part, folder }) => {
      const { crash, of } = await checkBatch(voydc, folder, part);
      return part.map((program) => {
        return { program, reason: crash ? `compiler crash: ${crash}` : judge(of.get(program.name), program), errors: of.get(program.name).length };
      });
    },
  );
  return results.flat();
}

function kindTable(results) {
  const rows = [['mutation', 'programs', 'failed', 'one error']];
  for (const mutation of MUTATIONS) {
    const own = results.filter(({ program }) => program.mutation === mutation);
    rows.push([mutation.name, own.length, own.filter(({ reason }) => reason).length, own.filter(({ errors }) => errors === 1).length]);
  }
  return table(rows);
}

async function main() {
  const options = readOptions(
    {
      count: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      keep: { type: 'string' },
      kinds: { type: 'boolean' },
    },
    USAGE,
  );
  const [count, first] = [Number(options.count), Number(options.seed)];
  if (!(count > 0) || !Number.isInteger(first)) stop('--count and --seed are whole numbers');
  const root = options.keep ?? mkdtempSync(join(tmpdir(), 'voyd-soundness-'));
  const start = performance.now();
  const right = [];
  const wrong = [];
  for (let seed = first; seed < first + count; seed++) {
    const tree = generate(seed);
    const { text, sites } = render(tree);
    right.push({ name: `p${seed}`, text });
    wrong.push(mutate(seed, tree, sites, seed - first));
  }
  const accepted = await judgeAll(options.voydc, root, 'right', right, judgeRight);
  const refused = [];
  for (const [index, programs] of byStage(wrong).entries()) {
    refused.push(...(await judgeAll(options.voydc, root, `wrong-${index}`, programs, judgeWrong)));
  }
  if (!options.keep) rmSync(root, { recursive: true, force: true });
  const failures = [
    ...accepted.filter(({ reason }) => reason).map(({ program, reason }) => `${program.name}: ${reason}`),
    ...refused.filter(({ reason }) => reason).map(({ program, reason }) => `${program.name}, ${program.mutation.name}: ${reason}`),
  ];
  list('Failed:', failures);
  if (options.kinds) console.log(`\n${kindTable(refused)}\n`);
  const single = refused.filter(({ errors }) => errors === 1).length;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${count} programs, seeds from ${first}, in ${seconds} s; ${single} of ${refused.length} changes gave one error alone`);
  finish(accepted.length + refused.length - failures.length, failures.length);
}

await main();
