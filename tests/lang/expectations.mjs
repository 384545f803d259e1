// The comments of a language test that say what must hold (tests/README.md), read from its sources.
//
// Columns of a caret line count characters; spans count bytes, as those of diagnostics do.

import { resolve } from 'node:path';

const CALL = /^([\p{L}_$][\p{L}\p{N}_$]*)(?:\((.*)\))?/u;
const DIAGNOSTIC = /^(error|warning|note) ([A-Z]{2}[0-9]{4})(?: `(.*)`)?(?:: (.+))?$/;
const CARETS = /^(\s*\/\/\s*)(\^+)\s+(.*)$/;
const COMMENT = /^\s*\/\/ (expect|trap|error|warning|note)\b(.*)$/;

function parseJson(text, where) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${where}: ${text}: ${error.message}`);
  }
}

function parseRun(word, rest, where) {
  const argument = rest.trimStart();
  const call = CALL.exec(argument);
  const tail = call ? argument.slice(call[0].length) : '';
  const value = /^ = (.*)$/.exec(tail);
  const readable = call && (value !== null || (word === 'trap' && tail === ''));
  if (!readable) throw new Error(`${where}: cannot read`);
  return {
    kind: word,
    entry: call[1],
    args: call[2] === undefined ? [] : parseJson(`[${call[2]}]`, where),
    value: value === null ? null : parseJson(value[1], where),
  };
}

function parseDiagnostic(text, where) {
  const match = DIAGNOSTIC.exec(text);
  if (!match) throw new Error(`${where}: cannot read`);
  const [, severity, code, quoted = null, message = null] = match;
  return { kind: severity, code, message, text: quoted && quoted.replaceAll('\\n', '\n') };
}

// The bytes of `line` under the carets, as a span of the file in which the line starts at byte `lineStart`.
function spanUnder(line, lineStart, column, width) {
  const characters = [...line];
  const start = Buffer.byteLength(characters.slice(0, column).join(''));
  const length = Buffer.byteLength(characters.slice(column, column + width).join(''));
  return { start: lineStart + start, end: lineStart + start + length };
}

/**
 * The expectations of one source file, in the order of its lines; each has a `label` that names it in
 * reports. `{kind: 'expect' | 'trap', entry, args, value}` (for a trap the panic text, or null), or `{kind:
 * 'error' | 'warning' | 'note', file, code, message, text, span}`, where each of the last three may be null.
 */
export function readExpectations(file, source) {
  const expectations = [];
  let lineStart = 0;
  let above = null; // the last line that holds no carets, and its start
  for (const [index, line] of source.split('\n').entries()) {
    const where = `${file}:${index + 1}`;
    const carets = CARETS.exec(line);
    const comment = COMMENT.exec(line);
    if (carets) {
      if (above === null) throw new Error(`${where}: no line above the carets`);
      const span = spanUnder(above.line, above.start, [...carets[1]].length, carets[2].length);
      expectations.push({ ...parseDiagnostic(carets[3], where), file, span, label: `${where} ${carets[3]}` });
    } else if (comment) {
      const [, word, rest] = comment;
      const label = `${where} ${word}${rest}`;
      if (word === 'expect' || word === 'trap') expectations.push({ ...parseRun(word, rest, where), label });
      else expectations.push({ ...parseDiagnostic(word + rest, where), file, span: null, label });
    }
    if (!carets) above = { line, start: lineStart };
    lineStart += Buffer.byteLength(line) + 1;
  }
  return expectations;
}

function isExpected(expectation, diagnostic, textOf) {
  const { kind, file, code, message, text, span } = expectation;
  if (diagnostic.severity !== kind || diagnostic.code !== code) return false;
  if (message !== null && !diagnostic.message.includes(message)) return false;
  if (text !== null && textOf(diagnostic.span) !== text) return false;
  const reported = diagnostic.span;
  if (span === null) return true;
  if (resolve(reported.file) !== resolve(file)) return false;
  return reported.start === span.start && reported.end === span.end;
}

/**
 * Sets expected diagnostics against reported ones, each used once: `{missing: [expectation], unexpected:
 * [diagnostic]}`. The most exact expectations choose first. Notes need not be expected.
 */
export function matchDiagnostics(expectations, diagnostics, textOf) {
  const exactness = ({ span, text, message }) => (span ? 4 : 0) + (text ? 2 : 0) + (message ? 1 : 0);
  const left = [...diagnostics];
  const missing = [];
  for (const expectation of [...expectations].sort((a, b) => exactness(b) - exactness(a))) {
    const index = left.findIndex((diagnostic) => isExpected(expectation, diagnostic, textOf));
    if (index < 0) missing.push(expectation);
    else left.splice(index, 1);
  }
  return { missing, unexpected: left.filter(({ severity }) => severity !== 'note') };
}
