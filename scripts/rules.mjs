// Writes docs/rules.md: every numbered section of the specification that a test names, with its tests. Tests
// name their rules themselves, golden programs in a line `//# spec NN §x`, language tests and runners by `spec NN §x`
// anywhere, unit tests in the comment above them; diagnostics are named by the codes that tests expect.
//
// Which sections there are stands in docs/spec-sections.txt; a section is shown if a test names it or one below it.
//
// Usage: scripts/rules.mjs           writes docs/rules.md
//        scripts/rules.mjs --check    fails if it is not what would be written
//        scripts/rules.mjs --missing  lists the sections that no test shows

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
const PAGE = join(PROJECT, 'docs', 'rules.md');

// Language tests first: they read best.
const FOLDERS = ['lang', 'golden', 'unit', 'cli', 'boundary', 'matrix', 'recovery'].map((name) => `tests/${name}`);

function sources(folder) {
  return readdirSync(join(PROJECT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(path);
    return /\.voyd$|^test_\w+\.c$|^run\.mjs$/.test(entry.name) ? [path] : [];
  });
}

// `spec 04 §3 §7.7, 05 §5.2` names the rules 04 §3, 04 §7.7 and 05 §5.2.
function rulesOf(text) {
  const rules = new Set();
  for (const [, list] of text.matchAll(/\bspec ((?:(?:\d\d )?§[\d.]+[ ,;]*(?:and )?)+)/g)) {
    let chapter = '';
    for (const [, number, section] of list.matchAll(/(?:(\d\d) )?§([\d.]+)/g)) {
      chapter = number ?? chapter;
      rules.add(`${chapter} §${section.replace(/\.$/, '')}`);
    }
  }
  return rules;
}

function codesOf(text) {
  return new Set([...text.matchAll(/\b(?:error|warning) ([A-Z]{2}\d{4})/g)].map(([, code]) => code));
}

function add(map, key, path) {
  if (!map.has(key)) map.set(key, []);
  map.get(key).push(path);
}

function order(a, b) {
  const numbers = (key) => key.match(/\d+/g).map(Number);
  const [x, y] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    if ((x[i] ?? -1) !== (y[i] ?? -1)) return (x[i] ?? -1) - (y[i] ?? -1);
  }
  return a < b ? -1 : 1;
}

// At most three names: those of language tests first, since they read best.
function shown(paths) {
  const sorted = [...new Set(paths)].sort((a, b) => b.startsWith('tests/lang') - a.startsWith('tests/lang') || (a < b ? -1 : 1));
  const names = sorted.slice(0, 3).map((path) => `[${path.replace(/^tests\//, '')}](../${path})`);
  return names.join(', ') + (sorted.length > 3 ? ` and ${sorted.length - 3} more` : '');
}

// The sections that state rules, in order.
function sections() {
  const lines = readFileSync(join(PROJECT, 'docs', 'spec-sections.txt'), 'utf8').split('\n');
  return lines.filter((line) => /^\d\d §/.test(line));
}

function collect() {
  const rules = new Map();
  const codes = new Map();
  for (const path of FOLDERS.flatMap(sources)) {
    const text = readFileSync(join(PROJECT, path), 'utf8');
    for (const rule of rulesOf(text)) add(rules, rule, path);
    for (const code of codesOf(text)) add(codes, code, path);
  }
  return { rules, codes };
}

function missing(rules) {
  const named = [...rules.keys()];
  return sections().filter((section) => !named.some((rule) => rule === section || rule.startsWith(`${section}.`)));
}

function page({ rules, codes }) {
  const table = (head, map, keys) =>
    [`| ${head} | tests |`, '| --- | --- |', ...keys.map((key) => `| ${key} | ${shown(map.get(key))} |`)].join('\n');
  const chapters = [...new Set([...rules.keys()].map((rule) => rule.slice(0, 2)))].sort();
  const parts = chapters.map((chapter) => {
    const keys = [...rules.keys()].filter((rule) => rule.startsWith(chapter)).sort(order);
    return `## Chapter ${chapter}\n\n${table('rule', rules, keys)}`;
  });
  return `# Rules and their tests

Which test shows which rule of the specification, and which expects which diagnostic. Written by
\`scripts/rules\` from what the tests say of themselves; a rule that is missing here has no test that names it.

${parts.join('\n\n')}

## Sections that no test names

${missing(rules).join(', ') || 'None.'}

## Diagnostics

${table('code', codes, [...codes.keys()].sort())}
`;
}

const found = collect();
const text = page(found);
if (process.argv[2] === '--missing') {
  for (const section of missing(found.rules)) console.log(section);
} else if (process.argv[2] === '--check') {
  if (readFileSync(PAGE, 'utf8') !== text) {
    console.error('docs/rules.md is out of date: run scripts/rules.mjs');
    process.exitCode = 1;
  }
} else {
  writeFileSync(PAGE, text);
}
