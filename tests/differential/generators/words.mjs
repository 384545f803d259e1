// The other numbers: 64-bit integers (bigint in JavaScript), 32-bit and 64-bit floats.

import { shape } from './shapes.mjs';

const compare = (type) => [
  shape([type, type], (x, y) => `(${x} < ${y})`, (x, y) => `(${x} < ${y})`),
  shape([type, type], (x, y) => `(${x} >= ${y})`, (x, y) => `(${x} >= ${y})`),
  shape([type, type], (x, y) => `(${x} == ${y})`, (x, y) => `(${x} === ${y})`),
  shape([type, type], (x, y) => `(${x} != ${y})`, (x, y) => `(${x} !== ${y})`),
];

/** The operators of a number type; `wrap` brings what JavaScript computed into the type. */
const arithmetic = (type, operators, wrap) =>
  operators.map((operator) =>
    shape([type, type], (x, y) => `(${x} ${operator} ${y})`, (x, y) => wrap(`${x} ${operator} ${y}`)),
  );

function wide(generator) {
  const value = generator.pick(['0', '1', '-1', '4294967296', '9223372036854775807', `${generator.random(1000)}`]);
  return [value.startsWith('-') ? `(${value}i64)` : `${value}i64`, `(${value}n)`];
}

function float(generator) {
  const value = generator.pick(['0.0', '1.0', '0.1', '2.5', '1000000.0', '3.0', `${generator.random(1000)}.25`]);
  return [value, value];
}

function single(generator) {
  const value = generator.pick(['0.0', '1.0', '0.1', '2.5', '16777216.0', `${generator.random(1000)}.25`]);
  return [`${value}f32`, `Math.fround(${value})`];
}

const floatJson = (x) => (Number.isFinite(x) && !Object.is(x, -0) ? x : { f64: Object.is(x, -0) ? '-0' : `${x}` });
const signed = (text) => `BigInt.asIntN(64, ${text})`;

export const words = {
  preamble: 'use std::number::{ to_f32, to_f64, to_i32_wrapping, to_i64 }',
  types: {
    l: { voyd: 'i64', slot: true, captured: true, json: (n) => ({ i64: `${n}` }) },
    d: { voyd: 'f64', slot: true, captured: true, json: floatJson },
    h: { voyd: 'f32', slot: true, captured: true, json: floatJson },
  },
  leaves: { l: [wide], d: [float], h: [single] },
  expressions: {
    i: [shape(['l'], (x) => `to_i32_wrapping(${x})`, (x) => `Number(BigInt.asIntN(32, ${x}))`)],
    b: [...compare('l'), ...compare('d'), ...compare('h')],
    l: [
      ...arithmetic('l', ['+', '-', '*'], signed),
      shape(['i'], (x) => `to_i64(${x})`, (x) => `BigInt(${x})`),
      shape(['l'], (x) => `(${x} % 1000i64)`, (x) => signed(`${x} % 1000n`)),
      shape(['l'], (x) => `(${x} / 7i64)`, (x) => signed(`${x} / 7n`)),
    ],
    d: [
      ...arithmetic('d', ['+', '-', '*', '/'], (text) => `(${text})`),
      shape(['i'], (x) => `to_f64(${x})`, (x) => x),
      shape(['l'], (x) => `to_f64(${x})`, (x) => `Number(${x})`),
      shape(['h'], (x) => `to_f64(${x})`, (x) => x),
      shape(['d'], (x) => `(-${x})`, (x) => `(-${x})`),
    ],
    h: [
      ...arithmetic('h', ['+', '-', '*', '/'], (text) => `Math.fround(${text})`),
      shape(['i'], (x) => `to_f32(${x})`, (x) => `Math.fround(${x})`),
      shape(['d'], (x) => `to_f32(${x})`, (x) => `Math.fround(${x})`),
    ],
  },
};
