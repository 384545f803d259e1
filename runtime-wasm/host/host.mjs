// The host of compiled Voyd programs: makes an instance of a module and calls its exports. Plain ES modules
// over the WebAssembly API alone, for Node and browsers. A trap ends the call, not the instance: later
// calls are served as before (spec 06 §16.9).

import { readModule } from './abi.mjs';
import { fromJson, fromWasm, toJson, toText, toWasm } from './values.mjs';
import { decode, decodeAll, encode } from './wire.mjs';

// Frames kept of a trap: enough to reach through the helpers of std to the program's own function.
const TRAP_FRAMES = 50;
// Length of the published panic text while there is none.
const NO_PANIC = -1;

// The import behind an effect operation: takes the arguments from memory, leaves the answer there.
function operationImport(program, { module, name, params, result }, handlers) {
  const handler = handlers[module]?.[name];
  if (!handler) {
    return () => {
      throw new Error(`this host has no answer to ${module}.${name}`);
    };
  }
  return () => {
    const { exports } = program.instance;
    const answer = handler(...decodeAll(exports['voyd.memory'].buffer, params, program.types));
    if (result !== 'void') {
      sendArguments(exports, encode([answer], [result], program.types, () => `answer to ${module}.${name}`));
    }
  };
}

/**
 * Compiles and instantiates a module (Uint8Array). Resolves to `{instance, signatures, types, diagnostics}`,
 * the first argument of `call` and `run`; rejects with the engine's error, or with a trap of a module-level
 * initialiser. `handlers` answer effect operations: `handlers[effect id][operation](...arguments)`.
 */
export async function instantiate(bytes, handlers = {}) {
  const { signatures, types, operations, diagnostics } = readModule(bytes);
  const program = { instance: null, signatures, types, diagnostics };
  const imports = {};
  for (const operation of operations) {
    imports[operation.module] ??= {};
    imports[operation.module][operation.name] = operationImport(program, operation, handlers);
  }
  program.instance = (await WebAssembly.instantiate(bytes, imports)).instance;
  return program;
}

function signatureOf(program, entry) {
  const signature = program.signatures.get(entry);
  if (!signature) throw new Error(`Missing export ${entry}`);
  return signature;
}

/**
 * Calls an exported function with JavaScript values (spec 06 §15) and returns its result as one. Throws an
 * Error before any Voyd code runs if the arguments do not fit, and the engine's error when the call traps.
 */
export function call(program, entry, args = []) {
  const { params, result, wire } = signatureOf(program, entry);
  const name = `typed export ${entry}`;
  if (args.length !== params.length) {
    throw new Error(`${name} expected ${params.length} args, got ${args.length}`);
  }
  const exports = program.instance.exports;
  const pathOf = (index) => `${name} arg${index}`;
  let lowered = [];
  if (wire === 'params' || wire === 'both') {
    sendArguments(exports, encode(args, params, program.types, pathOf));
  } else {
    lowered = args.map((value, index) => toWasm(value, params[index], pathOf(index)));
  }
  if (exports['voyd.panic.length']) exports['voyd.panic.length'].value = NO_PANIC;
  const returned = exports[entry](...lowered);
  if (wire === 'result' || wire === 'both') {
    return decode(exports['voyd.memory'].buffer, result, program.types);
  }
  return fromWasm(returned, result, `${name} result`);
}

// The text that the last call panicked with, or null if it did not.
function panicText(program) {
  const { 'voyd.panic.length': length, 'voyd.panic.address': address, 'voyd.memory': memory } = program.instance.exports;
  if (!length || length.value === NO_PANIC) return null;
  const start = address.value >>> 0;
  const bytes = new Uint8Array(memory.buffer).subarray(start, start + length.value);
  return new TextDecoder().decode(bytes);
}

function sendArguments(exports, bytes) {
  exports['voyd.wire'](bytes.length);
  new Uint8Array(exports['voyd.memory'].buffer).set(bytes);
}

/** Whether an error of a call is a trap of the program, not a mistake of the host or of its caller. */
export function isTrap(error) {
  if (error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.Exception) return true;
  return error instanceof RangeError && /call stack/.test(error.message);
}

// The frames of Wasm functions on the stack of an error, innermost first: the engine's name for the
// function (if it has one), its index, and the offset in the module.
function wasmFrames(error) {
  const frames = [];
  for (const line of String(error.stack ?? '').split('\n')) {
    const frame = /^\s*at (?:(.+) \()?wasm:\/\/[^ ]*wasm-function\[([0-9]+)\]:(0x[0-9a-f]+)/.exec(line);
    if (frame) frames.push({ name: frame[1], index: Number(frame[2]), offset: Number(frame[3]) });
  }
  return frames;
}

/**
 * The report of a trap, `{message, function?, file?, line?}`: a field that is not known is absent. The
 * place is that of the innermost function which `diagnostics` (the text of `voyd.runtime_diagnostics`, or
 * null) knows; without it, `function` is the innermost function that the engine names, which takes a module
 * with a name section.
 */
export function describeTrap(error, diagnostics = null) {
  const message = error.message || 'uncaught exception';
  const frames = wasmFrames(error);
  const functions = diagnostics === null ? [] : JSON.parse(diagnostics).functions;
  for (const { index, offset } of frames) {
    const known = functions.find(({ wasmIndex }) => wasmIndex === index);
    if (!known) continue;
    const position = known.positions?.findLast(([start]) => start <= offset);
    return {
      message,
      function: position?.[2] ?? known.functionName,
      file: position?.[3] ?? known.span.file,
      line: position ? position[1] : known.span.startLine,
    };
  }
  return frames[0]?.name ? { message, function: frames[0].name } : { message };
}

/** The outcome of work that threw: a trap of the program or an error of its host. */
export function failure(error, diagnostics) {
  if (isTrap(error)) return { kind: 'trap', trap: describeTrap(error, diagnostics) };
  return { kind: 'error', message: error.message };
}

/**
 * Calls an exported function with arguments in JSON form (parsed) and never throws. The outcome is
 * `{kind: 'value', json, text}`, `{kind: 'trap', trap}` or `{kind: 'error', message}`.
 */
export function run(program, entry, jsonArgs = []) {
  const frames = Error.stackTraceLimit;
  Error.stackTraceLimit = TRAP_FRAMES;
  try {
    const { params } = signatureOf(program, entry);
    const value = call(program, entry, jsonArgs.map((json, index) => fromJson(json, params[index], program.types)));
    return { kind: 'value', json: toJson(value), text: toText(value) };
  } catch (error) {
    const outcome = failure(error, program.diagnostics);
    const panic = outcome.kind === 'trap' ? panicText(program) : null;
    if (panic !== null) outcome.trap.message = panic;
    return outcome;
  } finally {
    Error.stackTraceLimit = frames;
  }
}
