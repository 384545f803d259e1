// The bytes that programs without effects compile to, as a list in the repository: a change that should not touch them
// shows when it does. One line per program: its id, then per level the size and the first digits of the SHA-256.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { LEVELS } from '../harness/lanes.mjs';
import { PROJECT } from '../harness/options.mjs';

const FILE = join(PROJECT, 'tests', 'golden', 'hashes.txt');
const DIGITS = 16;

const isEffectFree = (source) => !/^\s*(?:pub )?eff\b|\btry\b/m.test(source);

/** `id level` to `{size, hash}` of every module without effects: what neither handles an operation nor asks the host. */
export function hashModules(tasks, results) {
  const hashes = new Map();
  for (const [index, { program, level }] of tasks.entries()) {
    const { bytes } = results[index];
    if (!bytes || !program.files.every((file) => isEffectFree(readFileSync(file, 'utf8')))) continue;
    if (WebAssembly.Module.imports(new WebAssembly.Module(bytes)).length > 0) continue;
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, DIGITS);
    hashes.set(`${program.id} ${level}`, { size: bytes.length, hash });
  }
  return hashes;
}

function readList() {
  const list = new Map();
  const lines = existsSync(FILE) ? readFileSync(FILE, 'utf8').split('\n').filter(Boolean) : [];
  for (const [id, ...fields] of lines.map((line) => line.split(' '))) {
    for (const [index, level] of LEVELS.entries()) {
      list.set(`${id} ${level}`, { size: Number(fields[index * 2]), hash: fields[index * 2 + 1] });
    }
  }
  return list;
}

/** What differs from the list, in words; only programs and levels that were run, and that the list has. */
export function hashDifferences(hashes) {
  const list = readList();
  return [...hashes].flatMap(([key, { size, hash }]) => {
    const listed = list.get(key);
    if (!listed || listed.hash === hash) return [];
    const difference = size - listed.size;
    return [`${key}: ${listed.size} bytes before, ${size} now (${difference < 0 ? '' : '+'}${difference})`];
  });
}

/** Programs that the list lacks, of those that were run. */
export function unlisted(hashes) {
  const list = readList();
  return [...new Set([...hashes.keys()].filter((key) => !list.has(key)).map((key) => key.split(' ')[0]))];
}

/** Takes over what was run (at all levels); programs that were not keep their line while they exist. */
export function writeHashes(hashes, existing) {
  const all = new Map([...readList(), ...hashes]);
  const ids = [...new Set([...all.keys()].map((key) => key.split(' ')[0]))].filter((id) => existing.has(id)).sort();
  const lines = ids.map((id) => {
    const fields = LEVELS.map((level) => all.get(`${id} ${level}`)).map(({ size, hash }) => `${size} ${hash}`);
    return `${id} ${fields.join(' ')}\n`;
  });
  writeFileSync(FILE, lines.join(''));
  console.log(`hashes.txt: ${ids.length} programs`);
}
