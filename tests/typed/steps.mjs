// How much work checking is, counted in expressions looked at (`check.steps`): the same on every machine.

// Calls nested in the lambdas of one another. The candidates agree on the lambdas' parameter types, or not.
const AGREE = 'fn g(a: i32, f: fn(i32) -> i32) -> i32\n  f(a)\nfn g(a: f64, f: fn(i32) -> i32) -> i32\n  f(1)\n';
const DISAGREE = 'fn g(f: fn(i32) -> i32) -> i32\n  f(1)\nfn g(f: fn(f64) -> f64) -> i32\n  2\n';
const PLAIN = 'fn g(a: i32) -> i32\n  a\nfn g(a: f64) -> f64\n  a\n';
const nested = (functions, open, inner, depth) => {
  return `${functions}pub fn main() -> i32\n  ${open.repeat(depth)}${inner}${')'.repeat(depth)}\n`;
};

/** Programs at two depths, what they report (a code or null), and the most steps for each level of depth. */
export const NESTS = [
  { name: 'calls that agree on a lambda type it once', at: (depth) => nested(AGREE, 'g(1, (x) => ', 'x', depth), code: null, most: () => 5 },
  { name: 'calls without lambdas are tried once', at: (depth) => nested(PLAIN, 'g(', '1', depth), code: null, most: () => 4 },
  { name: 'calls that disagree on a lambda end in TY0041', at: (depth) => nested(DISAGREE, 'g((x) => ', '1', depth), code: 'TY0041', most: (depth) => 24000 / depth }, // four looks: to infer and to report, again with all of std
].map((nest) => ({ ...nest, depths: [12, 48] }));

/** What is wrong with a check at one depth, or null. */
export function judgeSteps({ code, most }, depth, { diagnostics, steps }) {
  const codes = diagnostics.map((diagnostic) => diagnostic.code);
  if (codes.join() !== (code ?? '')) return `reports ${codes.join() || 'nothing'} at depth ${depth}`;
  const hints = diagnostics.flatMap((diagnostic) => diagnostic.hints ?? []);
  if (code && !hints.some((hint) => JSON.stringify(hint).includes("types of the lambdas' parameters"))) return 'no hint says what to do';
  const limit = most(depth) * depth + 20;
  return steps <= limit ? null : `${steps} steps at depth ${depth}, at most ${limit} wanted`;
}
