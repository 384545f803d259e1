// Errors of reading, one by one and together (spec 01 §20, 08 §3.2). Each line of program.voyd, which uses every
// construct, is broken in many ways (breakages.mjs). One mistake is one error, in the item of its line, and the forms
// around it stay: every other item, and the statements beside it. Then several items are broken at once: the errors
// are those of each mistake alone, no more and no fewer. exceptions.txt names the mistakes that still say more than one
// thing, or say it elsewhere.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { parseDiagnostics, runProcess } from '../harness/compiler.mjs';
import { inLanes } from '../harness/lanes.mjs';
import { PROJECT, readOptions } from '../harness/options.mjs';
import { finish, list } from '../harness/report.mjs';
import { Random } from '../soundness/random.mjs';
import { breakages } from './breakages.mjs';

const USAGE = `Usage: node tests/recovery/run.mjs [options]
  --voydc PATH       the compiler (default build/voydc)
  --filter TEXT      only breakages whose name contains the text
  --share N          one mistake of N is tried (default 6); --share 1 tries all
  --count N          how many files with several errors (default 100)
  --seed N           which mistakes, and which together (default 1)
  --show             print the lines around each mistake that fails`;

const LIMIT_MS = 60_000;

async function ask(voydc, text, ...options) {
  const args = [...options, '-', '--diagnostics', 'json'];
  const run = await runProcess(voydc, args, { timeoutMs: LIMIT_MS, input: text });
  return { ...run, diagnostics: parseDiagnostics(run.stderr, run.status) };
}

// The errors of reading and expansion and, if the text could not be read, the forms that were found all the same.
async function read(voydc, text) {
  const expanded = await ask(voydc, text, 'expand');
  if (expanded.diagnostics === null) return { crash: expanded.stderr.slice(0, 300) || `signal ${expanded.signal}` };
  const errors = expanded.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return { errors, items: [] };
  const forms = await ask(voydc, text, '--emit-core-ast');
  return { errors, isOfReading: forms.status === 1, items: JSON.parse(forms.stdout).slice(1).map((item) => JSON.stringify(item)) };
}

// The top-level items of the text: runs of lines that begin at the left margin, as [first line, end line).
function itemsOf(lines) {
  const starts = lines.flatMap((line, index) => (/^\S/.test(line) && !/^\/\/\//.test(lines[index - 1] ?? '') ? [index] : []));
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? lines.length }));
}

// The statements of an item that hold no others.
function leaves(json) {
  const found = [];
  const visit = (form) => {
    if (!Array.isArray(form)) return false;
    let inner = false;
    for (const element of form) {
      const holds = visit(element);
      if (form[0] === 'block' && element !== 'block' && !holds) found.push(JSON.stringify(element));
      inner ||= holds;
    }
    return inner || form[0] === 'block';
  };
  visit(JSON.parse(json));
  return found;
}

function lost(before, after) {
  const left = [...after];
  return before.filter((statement) => {
    const index = left.indexOf(statement);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

// The items that a mistake may be about: a line at the edge of an item may go on with the one beside it.
function concerned(line, lines, places) {
  const index = places.findIndex(({ start, end }) => start <= line && line < end);
  const { start, end } = places[index];
  const first = line === start && index > 0 ? index - 1 : index;
  const isLast = lines.slice(line + 1, end).every((other) => other.trim() === '');
  return [first, isLast && index + 1 < places.length ? index + 2 : index + 1];
}

// What is wrong with the answer to one mistake; null if nothing is.
function judge({ line, text }, answer, sound) {
  if (answer.crash) return `crash: ${answer.crash}`;
  const { errors, items } = answer;
  if (errors.length === 0) return null; // it happens to be right, or to be wrong in another way
  if (errors.length > 1) return `${errors.length} errors: ${errors.map(describe).join('; ')}`;
  const [first, end] = concerned(line, text.split('\n'), sound.places);
  const at = errors[0].line - 1;
  if (at < sound.places[first].start || at >= sound.places[end - 1].end) return `elsewhere: ${describe(errors[0])}`;
  const after = sound.items.slice(end);
  const gone = lost([...sound.items.slice(0, first), ...after], items);
  if (gone.length > 0) return `${gone.length} other items changed, first ${gone[0].slice(0, 60)} (${describe(errors[0])})`;
  const broken = items.slice(first, items.length - after.length).flatMap(leaves);
  const statements = lost(sound.items.slice(first, end).flatMap(leaves), broken);
  if (statements.length > 2) return `${statements.length} statements changed: ${statements.join(' ')} (${describe(errors[0])})`;
  return null;
}

const describe = ({ code, message, line, column }) => `${code} at ${line}:${column} ${message.split('\n')[0]}`;

// May two mistakes come to mean something together? A tab is reported once in a file.
function makePair(...errors) {
  const [a, b] = errors.map(({ message }) => message);
  if (/tabs|unterminated/.test(a) && a === b) return true;
  const has = (pattern) => errors.some(({ message }) => pattern.test(message));
  return has(/^unclosed|^unterminated/) && has(/^unexpected/);
}

// Several mistakes, no two in items that a third one could join. A file that cannot be read is not looked at further (spec 01 §20), so
// all are of reading or none is.
function together(singles, random, places, lines) {
  const isOfReading = random.pick([true, false]);
  const chosen = [];
  const wanted = random.between(3, 8);
  for (const single of random.shuffled(singles)) {
    const place = places.findIndex(({ start, end }) => start <= single.line && single.line < end);
    const isFree = chosen.every((other) => Math.abs(other.place - place) > 2 && !makePair(single.error, other.error));
    if (single.isOfReading === isOfReading && isFree) chosen.push({ ...single, place });
    if (chosen.length === wanted) break;
  }
  const broken = [...lines];
  for (const { line, broken: text } of chosen) broken[line] = text;
  return { text: broken.join('\n'), expected: chosen.map(({ error }) => describe(error)), names: chosen.map(({ name }) => name) };
}

function judgeTogether({ expected, names }, answer) {
  if (answer.crash) return `crash: ${answer.crash}`;
  const said = answer.errors.map(describe);
  const missing = lost(expected, said);
  const extra = lost(said, expected);
  if (missing.length === 0 && extra.length === 0) return null;
  return `${names.join(', ')}\n      not said: ${missing.join('; ')}\n      said too: ${extra.join('; ')}`;
}

async function main() {
  const options = readOptions(
    {
      filter: { type: 'string', default: '' },
      share: { type: 'string', default: '6' },
      count: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      show: { type: 'boolean' },
    },
    USAGE,
  );
  const voydc = resolve(options.voydc);
  const program = readFileSync(join(PROJECT, 'tests/recovery/program.voyd'), 'utf8');
  const excepted = new Set(readFileSync(join(PROJECT, 'tests/recovery/exceptions.txt'), 'utf8').split('\n').filter((line) => line.startsWith('line ')));
  const lines = program.split('\n');
  const places = itemsOf(lines);
  const forms = await ask(voydc, program, '--emit-core-ast');
  const sound = { places, items: JSON.parse(forms.stdout).slice(1).map((item) => JSON.stringify(item)) };
  if ((await read(voydc, program)).errors.length > 0) throw new Error('program.voyd has errors');
  if (sound.items.length !== places.length) throw new Error(`${sound.items.length} items, ${places.length} places`);

  const random = new Random(Number(options.seed));
  const mistakes = breakages(program).filter(
    ({ name }) => name.includes(options.filter) && random.below(Number(options.share)) === 0,
  );
  const answers = await inLanes(mistakes, () => ({}), ({ text }) => read(voydc, text));
  const failures = [];
  const singles = [];
  mistakes.forEach((mistake, index) => {
    const answer = answers[index];
    const reason = judge(mistake, answer, sound);
    if (reason === null && answer.errors.length === 1) singles.push({ ...mistake, isOfReading: answer.isOfReading, error: answer.errors[0] });
    if ((reason !== null) === excepted.has(mistake.name)) return;
    failures.push(`${mistake.name}: ${reason ?? 'is no exception any more'}`);
    if (options.show) failures.push(...mistake.text.split('\n').slice(Math.max(0, mistake.line - 2), mistake.line + 3).map((line) => `    | ${line}`));
  });
  const groups = Array.from({ length: singles.length > 0 ? Number(options.count) : 0 }, () => together(singles, random, places, lines));
  const said = await inLanes(groups, () => ({}), ({ text }) => read(voydc, text));
  groups.forEach((group, index) => {
    const reason = judgeTogether(group, said[index]);
    if (reason !== null) failures.push(`together: ${reason}`);
  });
  list('Failed:', failures);
  console.log(`${mistakes.length} mistakes, ${singles.length} of them one error; ${groups.length} files with several`);
  const failed = failures.filter((line) => !line.startsWith('    |')).length;
  finish(mistakes.length + groups.length - failed, failed);
}

await main();
