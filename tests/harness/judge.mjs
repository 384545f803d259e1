// Whether an outcome is the expected one. Pure functions; each gives null for yes, else the reason why not.

function sameJson(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

/** The outcome of a call (runtime-wasm/host/host.mjs) in a few words. */
export function describeOutcome(outcome) {
  switch (outcome.kind) {
    case 'value':
      return outcome.json;
    case 'trap':
      return `trap ${JSON.stringify(outcome.trap.message)}`;
    case 'timeout':
      return 'no end within the time limit';
    default:
      return `error: ${outcome.message}`;
  }
}

export function judgeValue(outcome, expected) {
  if (outcome.kind === 'value' && sameJson(JSON.parse(outcome.json), expected)) return null;
  return `got ${describeOutcome(outcome)}`;
}

/** `text` is the panic text, or null for any trap. */
export function judgeTrap(outcome, text) {
  if (outcome.kind === 'trap' && (text === null || outcome.trap.message === text)) return null;
  return `got ${describeOutcome(outcome)}`;
}

const NAME = /^[@~]?[\p{L}_$][\p{L}\p{N}_$]*[!?]?$/u;
const LITERAL = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[0-9][\w.]*)$/su;
const OPERATOR = /^[-+*/%<>=!&|^~?.:]+$/;
const CLOSING = /^[\s,]*[)\]}>]*$/;
const EMPTY_CALL = /^\(\s*\)$/;
const OPENING = /^[([{<]\s*$/;

/**
 * Whether a span that covers `actual` is right where `expected` is recorded. Names, literals and operators
 * are exact. A compound form may include its closing delimiters or not, and a bracketed one its opening
 * delimiter (spec 08 §2); a call without arguments is recorded as its bare callee.
 */
export function spanMatches(actual, expected) {
  if (actual === expected) return true;
  const rest = actual.startsWith(expected) ? actual.slice(expected.length) : null;
  if (NAME.test(expected)) return rest !== null && EMPTY_CALL.test(rest);
  if (LITERAL.test(expected) || OPERATOR.test(expected)) return false;
  if (expected.startsWith(actual)) return CLOSING.test(expected.slice(actual.length));
  const start = actual.startsWith(expected) ? 0 : actual.indexOf(expected);
  if (start < 0) return false;
  const before = actual.slice(0, start);
  const after = actual.slice(start + expected.length);
  return (before === '' || OPENING.test(before)) && (CLOSING.test(after) || EMPTY_CALL.test(after));
}

/** Some diagnostic has the code and, unless `text` is null, a span over the text. `textOf` reads a span. */
export function judgeDiagnostic(diagnostics, code, text, textOf) {
  const sameCode = diagnostics.filter((diagnostic) => diagnostic.code === code);
  if (sameCode.length === 0) {
    const got = [...new Set(diagnostics.map((diagnostic) => diagnostic.code))].join(', ');
    return got ? `got ${got}` : 'no diagnostics';
  }
  if (text === null) return null;
  const covered = sameCode.map(({ span }) => textOf(span));
  if (covered.some((actual) => actual !== null && spanMatches(actual, text))) return null;
  const shown = covered.map((actual) => (actual === null ? 'no file' : JSON.stringify(actual)));
  return `spans ${shown.join(', ')}`;
}
