// Generated programs whose functions lean on one another, more of them than any stack holds, and what must be
// known of each: `{name, text, every}`, where `every` is the head that the dump shows for each `fN`.

const LENGTH = 10_000;

const repeat = (line) => Array.from({ length: LENGTH }, (_, index) => line(index)).join('');
const effect = 'eff Ask\n  get(tail) -> i32\n\n';
const handled = (call) => `pub fn main() -> i32\n  try\n    ${call}\n  Ask::get(tail):\n    tail(1)\n`;
const plain = (call) => `pub fn main() -> i32\n  ${call}\n`;
const next = (index) => (index + 1) % LENGTH;
const condition = (then) => `  let c = if x < 0 then: ${then} else: 0\n`;

export const CHAINS = [
  {
    name: 'rows are inferred along a chain of calls',
    text: `${effect}${repeat((i) => `fn f${i}(x: i32) -> i32\n  f${i + 1}(x) + 1\n`)}fn f${LENGTH}(x: i32) -> i32\n  Ask::get()\n${handled('f0(1)')}`,
    every: 'fn fN(x: i32) -> i32, row (Ask.get)',
  },
  {
    name: 'results and rows are inferred along a chain of calls',
    text: `${effect}${repeat((i) => `fn f${i}(x: i32)\n  f${i + 1}(x) + 1\n`)}fn f${LENGTH}(x: i32)\n  Ask::get()\n${handled('f0(1)')}`,
    every: 'fn fN(x: i32) -> i32, row (Ask.get)',
  },
  {
    name: 'a chain that handles its effect is pure',
    text: `${effect}${repeat((i) => `fn f${i}(x: i32)\n  f${i + 1}(x) + 1\n`)}fn f${LENGTH}(x: i32)\n  try\n    Ask::get()\n  Ask::get(tail):\n    tail(1)\n${plain('f0(1)')}`,
    every: 'fn fN(x: i32) -> i32',
  },
  {
    name: 'results and rows are inferred around a circle of calls',
    text: `${effect}${repeat((i) => `fn f${i}(x: i32)\n${condition(i === 5000 ? 'Ask::get()' : '1')}  if x < 0 then: c else: f${next(i)}(x - 1)\n`)}${handled('f0(1)')}`,
    every: 'fn fN(x: i32) -> i32, row (Ask.get)',
  },
  {
    name: 'methods are inferred along a chain of calls',
    text: `${effect}obj O { n: i32 }\nimpl O\n${repeat((i) => `  fn f${i}(self)\n    self.f${i + 1}() + 1\n`)}  fn f${LENGTH}(self)\n    Ask::get()\n${handled('O { n: 1 }.f0()')}`,
    every: 'fn O.fN(self: O) -> i32, row (Ask.get)',
  },
  {
    name: 'initialisers are typed along a chain of lets and functions',
    text: `${repeat((i) => `let a${i} = f${i}()\nfn f${i}()\n  a${i + 1} + 1\n`)}let a${LENGTH} = 1\n${plain('a0')}`,
    every: 'fn fN() -> i32',
  },
];

/** What is wrong with the dump of a chain, or null. */
export function judgeChain({ every }, dump) {
  const heads = dump.split('\n').filter((line) => /^fn (O\.)?f\d/.test(line));
  const other = heads.find((head) => head.replace(/f\d+/, 'fN') !== every);
  if (heads.length < LENGTH) return `only ${heads.length} bodies`;
  return other === undefined ? null : `${other} instead of ${every}`;
}
