// The lines `//# …` at the head of a golden program, as cases (README.md of this folder).

import { readFileSync } from 'node:fs';

const HEAD_LINE = /^\/\/# (\S+)(?: (.*))?$/;

function parseError(argument) {
  const match = /^(\w+)(?: `(.*)`)?$/s.exec(argument);
  if (!match) throw new Error(`cannot read: error ${argument}`);
  const text = match[2] === undefined ? null : match[2].replaceAll('\\n', '\n');
  return { kind: 'error', code: match[1], text };
}

function parseCase(word, argument) {
  if (word === 'error') return parseError(argument);
  const match = /^(\S+)(?: = (.*))?$/s.exec(argument);
  if (!match || (word === 'expect' && match[2] === undefined)) {
    throw new Error(`cannot read: ${word} ${argument}`);
  }
  const entry = match[1];
  const value = match[2] === undefined ? null : JSON.parse(match[2]);
  return word === 'expect' ? { kind: 'expect', entry, value } : { kind: 'trap', entry, text: value };
}

/**
 * The cases of a program's source text: `{id, kind, entry, value}` for `expect`, `{id, kind, entry, text}`
 * for `trap`, `{id, kind, code, text}` for `error`. `program` is the id of the program, with which theirs
 * begin.
 */
export function readCases(program, source) {
  const cases = [];
  const seen = new Map();
  for (const line of source.split('\n')) {
    const match = HEAD_LINE.exec(line);
    if (!match) break;
    const [, word, argument = ''] = match;
    if (word === 'spec' || word === 'ref-differs:') continue;
    if (!['expect', 'trap', 'error'].includes(word)) throw new Error(`${program}: cannot read: ${line}`);
    const parsed = parseCase(word, argument);
    const name = parsed.kind === 'error' ? argument : parsed.entry;
    const id = `${program} ${word} ${name}`;
    seen.set(id, (seen.get(id) ?? 0) + 1);
    cases.push({ id: seen.get(id) === 1 ? id : `${id} #${seen.get(id)}`, ...parsed });
  }
  return cases;
}

export function readProgramCases(program) {
  return readCases(program.id, readFileSync(program.entry, 'utf8'));
}
