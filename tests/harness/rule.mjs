// Tests of one program each, called from JavaScript at every level.

import assert from 'node:assert/strict';

import { call, instantiate } from '../../runtime-wasm/host/host.mjs';
import { LEVELS as ALL_LEVELS } from './lanes.mjs';
import { Place, test } from './place.mjs';

export const LEVELS = process.env.VOYD_TEST_LEVEL ? [process.env.VOYD_TEST_LEVEL] : ALL_LEVELS;

/**
 * A test: `source` is compiled at each level, and `body(f)` calls it with `f(entry, ...values)`. `handlers(f)` gives the
 * answers to effect operations.
 */
export function rule(name, source, body, handlers = () => ({})) {
  test(name, async () => {
    const place = new Place({ 'main.voyd': source });
    for (const level of LEVELS) {
      const args = ['compile', 'main.voyd', '--opt-level', level, '--runtime-diagnostics', '-o', 'main.wasm'];
      const { status, stderr } = await place.run(args);
      assert.equal(status, 0, stderr);
      const f = (entry, ...values) => call(program, entry, values);
      const program = await instantiate(new Uint8Array(place.read('main.wasm')), handlers(f));
      try {
        await body(f);
      } catch (error) {
        error.message = `level ${level}: ${error.message}`;
        throw error;
      }
    }
  });
}

/** Work that throws an error of this message. */
export function fails(work, message) {
  assert.throws(work, (error) => {
    assert.equal(error.message, message);
    return true;
  });
}
