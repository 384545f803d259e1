// What programs may ask of a Node host: answers to the effect operations of std, by effect id. Each answers at
// once; a failure is part of the answer, never an exception.

import { randomBytes } from 'node:crypto';
import { fsyncSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

const DESCRIPTORS = { stdout: 1, stderr: 2 };

// The outcome of work on a stream, as `OutputResult`.
function attempt(work) {
  try {
    work();
    return { ok: true, code: 0, message: '' };
  } catch (error) {
    return { ok: false, code: error.errno ?? 1, message: error.message };
  }
}

// All bytes, however many of them the stream takes at a time.
function writeAll(descriptor, bytes) {
  for (let position = 0; position < bytes.length; ) {
    try {
      position += writeSync(descriptor, bytes, position);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

// Pipes and terminals have nothing to flush.
function flush(descriptor) {
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (error.code !== 'EINVAL' && error.code !== 'EROFS') throw error;
  }
}

function logLine({ level, message, fields }) {
  const texts = fields.map(({ key, value }) => ` ${key}=${value.value}`);
  return `${level.toUpperCase()} ${message}${texts.join('')}\n`;
}

const nextBits = () => randomBytes(8).readBigInt64LE();

export const CAPABILITIES = {
  'voyd.std.output': {
    write_op: ({ value, target }) => attempt(() => writeAll(DESCRIPTORS[target], Buffer.from(value))),
    flush_op: ({ target }) => attempt(() => flush(DESCRIPTORS[target])),
    is_tty_op: ({ target }) => isatty(DESCRIPTORS[target]),
  },
  'voyd.std.log': {
    emit: (event) => void attempt(() => writeAll(DESCRIPTORS.stderr, Buffer.from(logLine(event)))),
  },
  'voyd.std.env': {
    get: (key) => ({ found: process.env[key] !== undefined, value: process.env[key] ?? '' }),
    set: ({ key, value }) =>
      attempt(() => {
        process.env[key] = value;
      }),
  },
  'voyd.std.random': { next_i64: nextBits, next_u64: nextBits },
  'voyd.std.time': {
    monotonic_now_millis: () => BigInt(Math.floor(performance.now())),
    system_now_millis: () => BigInt(Date.now()),
  },
};
