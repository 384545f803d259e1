// The ways to break a line, each once for every place on it that it fits.

const BRACKET = /[()[\]{}]/g;
const QUOTE = /["'`]/g;
const OPERATOR = /(?<=\s)(?:=>|->|==|\?\?|[-+*/%|=<>])(?=\s)|[:,](?=\s|$)|\?\.|\.(?=\w)|::|\$|~|@/g;
const OPERAND = /(?<![\w.])\w+(?![\w(])/g;
const GENERIC = /(?<=\w)<|(?<=\w)>|>(?=>)/g;
const STRAY = [')', ']', '}', ',', '"', "'", '&&', '0x1g', 'then: 1', 'else: 1', ':', '=', '->', '@', '`', '.', '::', '<', '\t', '\\', '$'];

const without = (line, match) => line.slice(0, match.index) + line.slice(match.index + match[0].length);

function removals(line) {
  const kinds = { bracket: BRACKET, quote: QUOTE, operator: OPERATOR, operand: OPERAND, generic: GENERIC };
  return Object.entries(kinds).flatMap(([kind, pattern]) =>
    [...line.matchAll(pattern)].map((match) => ({
      name: `without-${kind}-${match[0]}-at-${match.index + 1}`,
      line: without(line, match),
    })),
  );
}

function strays(line) {
  const indent = line.length - line.trimStart().length;
  return STRAY.flatMap((token) => [
    { name: `stray-${token}-at-the-end`, line: `${line} ${token}` },
    { name: `stray-${token}-at-the-start`, line: `${line.slice(0, indent)}${token} ${line.slice(indent)}` },
  ]);
}

function indentations(line) {
  if (!line.startsWith('  ')) return [];
  return [
    { name: 'one-space-more', line: ` ${line}` },
    { name: 'one-space-less', line: line.slice(1) },
    { name: 'a-tab', line: `\t${line.trimStart()}` },
    { name: 'no-indentation', line: line.trimStart() },
  ];
}

/** `{name, line, text}` for every way to break every line of the program; `line` counts from 0. */
export function breakages(program) {
  const lines = program.split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    return [...removals(line), ...strays(line), ...indentations(line)].map((broken) => ({
      name: `line ${index + 1}: ${broken.name}`,
      line: index,
      broken: broken.line,
      text: lines.with(index, broken.line).join('\n'),
    }));
  });
}
