// The corpus of broken programs: small.txt plus programs made here, by rule and always the same. Every one
// of them is wrong, so that the compiler must answer each with diagnostics and exit status 1 (run.mjs).
//
// A program is `{name, bytes}` (one file), `{name, files: {path: bytes | null for a folder}, entry}`, or
// `{name, link}` (a symbolic link to that target).

import { readFileSync } from 'node:fs';

const MEGABYTE = 1 << 20;
const DEEP = 100_000;

// A program that uses many constructs and is right, or nearly: the rules below break it.
const SOUND = `use std::math::sqrt

obj Point { x: i32, y: i32 }
type Pair = { left: i32, right: Array<i32> }

impl Point
  fn sum(self, { by factor: i32 }) -> i32
    (self.x + self.y) * factor

fn pick(n: i32) -> String
  if n > 0 then: "more \${ [n, (2)][0] }" else: "less"

pub fn main() -> i32
  let p = Point { x: 1, y: [2, 3][1] }
  let f = (a: i32, b: i32) -> i32 => a + (b * { left: 1 }.left)
  var total = 0
  while total < f(1, p.sum(by: 2)):
    total = total + sqrt(4.0).to_i32()
  match(Some<i32> { value: total })
    Some { value }: value
    None: (0)
`;

// Numerical Recipes' linear congruential generator: the corpus must not change from run to run.
function randomBytes(seed, length) {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

function smallPrograms() {
  const text = readFileSync(new URL('./small.txt', import.meta.url), 'utf8');
  return text.split(/^=== /m).slice(1).map((part) => {
    const end = part.indexOf('\n');
    return { name: `small/${part.slice(0, end)}`, bytes: part.slice(end + 1) };
  });
}

// The offsets at which `pattern` matches in the sound program.
function placesOf(pattern) {
  return [...SOUND.matchAll(pattern)].map(({ index }) => index);
}

// Everything after an opening bracket or inside a string is missing.
function truncated() {
  const brackets = placesOf(/[([{]/g).map((offset) => offset + 1);
  const strings = placesOf(/more|less/g).map((offset) => offset + 2);
  return [...brackets, ...strings].map((offset) => {
    return { name: `truncated/after-${offset}-bytes`, bytes: SOUND.slice(0, offset) };
  });
}

function unbalanced() {
  const drop = (offset) => SOUND.slice(0, offset) + SOUND.slice(offset + 1);
  const insert = (offset, text) => SOUND.slice(0, offset) + text + SOUND.slice(offset);
  const dropped = placesOf(/[)\]}"]/g).map((offset) => {
    return { name: `unbalanced/without-${offset}`, bytes: drop(offset) };
  });
  const closers = [')', ']', '}'];
  const inserted = placesOf(/\n/g).map((offset, index) => {
    const closer = closers[index % closers.length];
    return { name: `unbalanced/closer-${closer}-at-${offset}`, bytes: insert(offset, closer) };
  });
  return [...dropped, ...inserted];
}

function wrongIndentation() {
  const lines = SOUND.split('\n');
  const indented = lines.flatMap((line, index) => (line.startsWith('  ') ? [index] : []));
  const change = (index, text) => lines.with(index, text).join('\n');
  return indented.flatMap((index) => [
    { name: `indentation/tab-in-line-${index + 1}`, bytes: change(index, `\t${lines[index].trimStart()}`) },
    { name: `indentation/tab-after-line-${index + 1}`, bytes: change(index, `${lines[index]}\t`) },
  ]);
}

function invalidText() {
  const sequences = {
    'lone-continuation': [0x80],
    'lone-lead': [0xc3],
    'overlong-slash': [0xc0, 0xaf],
    'overlong-three-bytes': [0xe0, 0x80, 0xaf],
    'high-surrogate': [0xed, 0xa0, 0x80],
    'low-surrogate': [0xed, 0xbf, 0xbf],
    'beyond-unicode': [0xf4, 0x90, 0x80, 0x80],
    'five-bytes': [0xf8, 0x88, 0x80, 0x80, 0x80],
    'all-ones': [0xff, 0xfe, 0xff],
    'cut-in-a-character': [0xf0, 0x9f, 0x98],
  };
  const places = {
    name: ['pub fn ma', 'in() -> i32\n  nowhere\n'],
    string: ['pub fn main() -> i32\n  "a', 'b"\n'],
    comment: ['// a', 'b\npub fn main() -> i32\n  nowhere\n'],
    end: ['pub fn main() -> i32\n  nowhere\n', ''],
  };
  return Object.entries(sequences).flatMap(([sequence, bytes]) => {
    return Object.entries(places).map(([place, [before, after]]) => {
      const parts = [Buffer.from(before), Buffer.from(bytes), Buffer.from(after)];
      return { name: `utf-8/${sequence}-in-${place}`, bytes: Buffer.concat(parts) };
    });
  });
}

// A function whose body is the given expression or statements, and wrong in any case.
const body = (text) => `pub fn main() -> i32\n  ${text}\n`;

function longLines() {
  const long = (unit) => unit.repeat(Math.ceil(MEGABYTE / unit.length));
  return [
    ['name', body(long('name'))],
    ['number', body(`${long('1')}x`)],
    ['unterminated-string', body(`"${long('text ')}`)],
    ['string-as-a-result', body(`"${long('text ')}"`)],
    ['comment-then-error', `// ${long('words ')}\n${body('nowhere')}`],
    ['sum-of-unknown-names', body(`${long('a + ')}a`)],
    ['sum-ending-in-an-operator', body(long('1 + '))],
    ['arguments', body(`f(${long('1, ')}1`)],
    ['array', body(`let a = [${long('1, ')}`)],
    ['fields', body(`let a = { ${long('x: 1, ')}`)],
    ['call-without-parentheses', body(long('f '))],
    ['operators', body(long('-+*/'))],
    ['unclosed-brackets', body(long('('))],
    ['unopened-brackets', body(long(')'))],
    ['commas', body(long(','))],
    ['parameters', `pub fn main(${long('a: i32, ')}\n  1\n`],
    ['spaces-then-error', `${' '.repeat(MEGABYTE)})\n`],
    ['quotes', body(long("'"))],
    ['backslashes', body(long('\\'))],
    ['non-ascii', body(long('é'))],
    ['null-bytes', body('\0'.repeat(MEGABYTE))],
  ].map(([name, bytes]) => ({ name: `long-line/${name}`, bytes }));
}

function manyLines() {
  const many = (line) => `${line}\n`.repeat(DEEP);
  return [
    ['empty-lines-then-error', `${'\n'.repeat(MEGABYTE)})\n`],
    ['functions-without-body', many('fn f() -> i32')],
    ['unknown-statements', `pub fn main() -> i32\n${many('  nowhere')}`],
    ['same-function', many('fn f(a: i32) -> i32\n  a')],
    ['missing-modules', many('use src::nowhere')],
    ['doc-comments', many('/// about nothing')],
    ['else-without-if', `pub fn main() -> i32\n${many('  else: 1')}`],
  ].map(([name, bytes]) => ({ name: `many-lines/${name}`, bytes }));
}

function deepNesting() {
  const nested = (open, middle, close = '') => open.repeat(DEEP) + middle + close.repeat(DEEP);
  const levels = 2000;
  const suites = (head) => {
    const lines = Array.from({ length: levels }, (_, level) => `${'  '.repeat(level + 1)}${head}\n`);
    return `pub fn main() -> i32\n${lines.join('')}${'  '.repeat(levels + 1)}nowhere\n`;
  };
  return [
    ['parentheses', body(nested('(', '1', ')'))],
    ['parentheses-unclosed', body(nested('(', '1'))],
    ['brackets', body(nested('[', '1', ']'))],
    ['braces', body(nested('{ a: ', '1', ' }'))],
    ['calls', body(nested('f(', '1', ')'))],
    ['calls-with-labels', body(nested('f(a: ', '1', ')'))],
    ['subscripts', body(nested('a[', '1', ']'))],
    ['subscripts-in-a-row', body(`a${'[0]'.repeat(DEEP)}`)],
    ['calls-in-a-row', body(`f${'(0)'.repeat(DEEP)}`)],
    ['members-in-a-row', body(`a${'.b'.repeat(DEEP)}`)],
    ['method-calls-in-a-row', body(`a${'.b()'.repeat(DEEP)}`)],
    ['path-segments', body(`a${'::b'.repeat(DEEP)}`)],
    ['negations', body(nested('not ', 'nowhere'))],
    ['minus-signs', body(nested('- ', 'nowhere'))],
    ['references', body(nested('~', 'nowhere'))],
    ['attributes', `${'@'.repeat(DEEP)}fn f() -> i32\n  1\n`],
    ['lambdas', body(nested('(x: i32) => ', 'nowhere'))],
    ['if-then-else', body(nested('if true then: ', 'nowhere', ' else: 1'))],
    ['if-in-conditions', body(nested('if ', 'nowhere', ' then: true else: false'))],
    ['operators-to-the-right', body(`${'1 + ('.repeat(DEEP)}nowhere${')'.repeat(DEEP)}`)],
    ['assignments', body(`${'a = '.repeat(DEEP)}nowhere`)],
    ['interpolations', body(nested('"${', 'nowhere', '}"'))],
    ['generic-arguments', `pub fn main(a: ${nested('Array<', 'Nowhere', '>')}) -> i32\n  1\n`],
    ['function-types', `pub fn main(a: ${nested('fn(', 'Nowhere', ') -> i32')}) -> i32\n  1\n`],
    ['record-types', `pub fn main(a: ${nested('{ a: ', 'Nowhere', ' }')}) -> i32\n  1\n`],
    ['tuple-types', `pub fn main(a: ${nested('(i32, ', 'Nowhere', ')')}) -> i32\n  1\n`],
    ['union-types', `type U = ${'A | '.repeat(DEEP)}Nowhere\n`],
    ['tuple-patterns', body(`let ${nested('(a, ', 'b', ')')} = nowhere`)],
    ['groups-of-use', `${nested('use src::{ a::{ ', 'b', ' } }')}\n`],
    ['markup', body(`let a = ${nested('<p>', 'text', '</p>')}`)],
    ['markup-unclosed', body(`let a = ${nested('<p>', 'text')}`)],
    ['suites-of-if', suites('if true:')],
    ['suites-of-while', suites('while true:')],
    ['suites-of-modules', suites('mod m').replace('pub fn main() -> i32\n', 'mod m\n')],
    ['closers', body(')'.repeat(DEEP))],
    ['mixed', body(nested('([{', '1'))],
  ].map(([name, bytes]) => ({ name: `deep/${name}`, bytes }));
}

// Programs whose checking would recurse or repeat without end, each in its own way.
function chains() {
  const repeat = (count, line) => Array.from({ length: count }, (_, index) => line(index)).join('');
  const long = 20000;
  const box = 'obj Box<T> { value: T }\n';
  const two = 'obj Two<A, B> { a: A, b: B }\n';
  const overloads = (type) => `fn g(a: i32${type}) -> i32\n  a\nfn g(a: f64${type}) -> f64\n  a\n`;
  const byLambda = 'fn g(f: fn(i32) -> i32) -> i32\n  f(1)\nfn g(f: fn(f64) -> f64) -> i32\n  2\n';
  const nested = (open, close) => body(`${open.repeat(40)}nowhere${close.repeat(40)}`);
  return [
    ['inferred-results', `${repeat(long, (i) => `fn f${i}()\n  f${i + 1}() + 1\n`)}fn f${long}()\n  nowhere\n${body('f0()')}`],
    ['results-in-a-circle', repeat(long, (i) => `fn f${i}()\n  f${(i + 1) % long}()\n`)],
    ['module-lets', `${repeat(long, (i) => `let a${i} = a${i + 1} + 1\n`)}let a${long} = nowhere\n${body('a0')}`],
    ['module-lets-in-a-circle', repeat(long, (i) => `let a${i} = a${(i + 1) % long}\n`)],
    ['aliases', `${repeat(long, (i) => `type A${i} = A${i + 1}\n`)}type A${long} = i32\nfn f(a: A0) -> i32\n  a\n`],
    ['bases', `obj B0 { x: i32 }\n${repeat(long, (i) => `obj B${i + 1} : B${i} { x: i32 }\n`)}`],
    ['mutual-recursion-without-a-result', repeat(12, (i) => `fn f${i}(n: i32)\n  ${repeat(12, (j) => `f${(i + j) % 12}(n) + `)}f0(n)\n`)],
    ['ever-larger-type', `${box}fn f<T>(x: T) -> i32\n  f(Box { value: x })\n${body('f(1)')}`],
    ['two-ever-larger-types', `${two}fn f<T>(x: T) -> i32\n  f(Two { a: x, b: x }) + f(Two { a: 1, b: x })\n${body('f(1)')}`],
    ['calls-around-an-error', `${overloads(', b: i32')}${nested('g(', ', 2)')}`],
    ['method-calls-around-an-error', `obj O {}\nimpl O\n  fn g(self, a: i32) -> i32\n    a\n  fn g(self, a: f64) -> f64\n    a\nfn h(o: O) -> i32\n  ${'o.g('.repeat(40)}nowhere${')'.repeat(40)}\n`],
    ['constructions-around-an-error', `${box}${nested('Box { value: ', ' }')}`],
    ['lambdas-around-an-error', `${byLambda}${nested('g((x) => ', ')')}`],
    ['lambdas-that-disagree', `${byLambda}${body(`${'g((x) => '.repeat(40)}1${')'.repeat(40)}`)}`],
  ].map(([name, bytes]) => ({ name: `chains/${name}`, bytes }));
}

function moduleGraphs() {
  const main = (text) => `${text}\npub fn main() -> i32\n  1\n`;
  const chain = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => {
      const next = index === 299 ? 'main' : `m${index + 1}`;
      return [`m${index}.voyd`, `use src::${next}\nuse src::${next}::nowhere\npub fn f() -> i32\n  1\n`];
    }),
  );
  return [
    ['import-of-itself', { 'main.voyd': main('use src::main::nowhere') }],
    [
      'import-cycle-of-two',
      { 'main.voyd': main('use src::a::f'), 'a.voyd': 'use src::main::f\npub fn g() -> i32\n  1\n' },
    ],
    ['import-cycle-of-three-hundred', { 'main.voyd': main('use src::m0'), ...chain }],
    [
      're-export-cycle',
      {
        'main.voyd': main('use src::a::f'),
        'a.voyd': 'pub use src::b::f\n',
        'b.voyd': 'pub use src::a::f\n',
      },
    ],
    [
      're-export-of-all-in-a-circle',
      {
        'main.voyd': main('use src::a::f'),
        'a.voyd': 'pub use src::b::all\n',
        'b.voyd': 'pub use src::a::all\n',
      },
    ],
    [
      'alias-cycle-over-files',
      {
        'main.voyd': main('use src::a::A\nfn f(a: A) -> i32\n  1'),
        'a.voyd': 'use src::b::B\npub type A = B\n',
        'b.voyd': 'use src::a::A\npub type B = A\n',
      },
    ],
    [
      'inheritance-cycle-over-files',
      {
        'main.voyd': main('use src::a::A'),
        'a.voyd': 'use src::b::B\npub obj A : B { x: i32 }\n',
        'b.voyd': 'use src::a::A\npub obj B : A { y: i32 }\n',
      },
    ],
    [
      'module-is-a-folder',
      { 'main.voyd': main('use src::a::f'), 'a/other.voyd': 'pub fn f() -> i32\n  1\n' },
    ],
    ['module-file-is-a-folder', { 'main.voyd': main('use src::a::f'), 'a.voyd': null }],
    ['module-is-binary', { 'main.voyd': main('use src::a::f'), 'a.voyd': randomBytes(7, 5000) }],
    ['module-is-empty', { 'main.voyd': main('use src::a::f'), 'a.voyd': '' }],
    ['module-is-broken', { 'main.voyd': main('use src::a::f'), 'a.voyd': 'pub fn f( -> i32\n' }],
    [
      'two-files-for-a-module',
      { 'main.voyd': main('use src::a::f'), 'a.voyd': 'fn g() -> i32\n  1\n', 'a/pkg.voyd': '' },
    ],
    ['module-named-all', { 'main.voyd': main('use src::all::f'), 'all.voyd': 'pub fn f() -> i32\n  1\n' }],
    ['path-of-many-segments', { 'main.voyd': main(`use src${'::a'.repeat(2000)}`) }],
    ['path-with-a-long-segment', { 'main.voyd': main(`use src::${'a'.repeat(5000)}`) }],
    ['path-with-dots', { 'main.voyd': main("use src::'..'::'..'::etc") }],
  ].map(([name, files]) => ({ name: `modules/${name}`, files, entry: 'main.voyd' }));
}

function entries() {
  return [
    { name: 'entries/missing-file', files: {}, entry: 'nowhere.voyd' },
    { name: 'entries/missing-folder', files: {}, entry: 'nowhere/at/all.voyd' },
    { name: 'entries/empty-folder', files: { empty: null }, entry: 'empty' },
    { name: 'entries/folder-named-as-a-file', files: { 'a.voyd': null }, entry: 'a.voyd' },
    { name: 'entries/main-is-a-folder', files: { 'src/main.voyd': null }, entry: 'src' },
    { name: 'entries/file-as-a-folder', files: { a: 'x' }, entry: 'a/main.voyd' },
    { name: 'entries/long-name', files: {}, entry: `${'a'.repeat(300)}.voyd` },
    { name: 'entries/long-path', files: {}, entry: `${'a/'.repeat(3000)}a.voyd` },
    { name: 'entries/link-to-nothing', link: 'nowhere.voyd' },
    { name: 'entries/link-to-itself', link: 'link.voyd' },
  ];
}

function binaryData() {
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const random = [1, 2, 3, 100, 1000, 4096, 65536, MEGABYTE].map((length) => {
    return [`random-${length}`, Buffer.concat([Buffer.from('('), randomBytes(length, length)])];
  });
  return [
    ...random,
    ['every-byte', everyByte],
    ['every-byte-backwards', Buffer.from(everyByte).reverse()],
    ['null-bytes', Buffer.alloc(1000)],
    ['null-byte-in-a-name', body('nowh\0ere')],
    ['wasm-module', Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0])],
    ['gzip', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), randomBytes(11, 2000)])],
    ['elf', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), randomBytes(12, 2000)])],
    ['utf-16', Buffer.from(`\ufeff${SOUND}`, 'utf16le')],
    ['byte-order-mark-twice', `\ufeff\ufeff${body('nowhere')}`],
    ['control-characters', body('\x01\x02\x1b[31m\x7f')],
    ['carriage-returns-only', body('nowhere').replaceAll('\n', '\r')],
  ].map(([name, bytes]) => ({ name: `binary/${name}`, bytes }));
}

/** All programs of the corpus, each with its own name. */
export function brokenPrograms() {
  return [
    ...smallPrograms(),
    ...truncated(),
    ...unbalanced(),
    ...wrongIndentation(),
    ...invalidText(),
    ...longLines(),
    ...manyLines(),
    ...deepNesting(),
    ...chains(),
    ...moduleGraphs(),
    ...entries(),
    ...binaryData(),
  ];
}
