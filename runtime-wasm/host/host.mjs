// The host of compiled Voyd programs: makes an instance of a module and calls its exports. Plain ES modules
// over the WebAssembly API alone, for Node and browsers. A trap ends the call, not the instance: later
// calls are served as before (spec 06 §16.9).

import { readModule } from './abi.mjs';
import { TRAP_FRAMES, annotateTrap, describeTrap, isTrap } from './traps.mjs';
import { fromJson, fromWasm, toJson, toText, toWasm } from './values.mjs';
import { MAX_DEPTH, decode, decodeAll, encode } from './wire.mjs';

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

// The arguments as the export takes them; those that cross through memory are there already.
function lowerArguments(program, entry, args) {
  const { params, wire, omits = 0 } = signatureOf(program, entry);
  const name = `typed export ${entry}`;
  if (args.length > params.length || args.length < params.length - omits) {
    const count = omits === 0 ? params.length : `${params.length - omits} to ${params.length}`;
    throw new Error(`${name} expected ${count} args, got ${args.length}`);
  }
  const pathOf = (index) => `${name} arg${index}`;
  if (wire === 'params' || wire === 'both') {
    sendArguments(program.instance.exports, encode(args, params, program.types, pathOf));
    return [];
  }
  return args.map((value, index) => toWasm(value, params[index], pathOf(index)));
}

// The text that the call panicked with, or null if it did not. It is read once: a trap around that call did not panic.
function takePanic(program) {
  const { 'voyd.panic.length': length, 'voyd.panic.address': address, 'voyd.memory': memory } = program.instance.exports;
  if (!length || length.value === NO_PANIC) return null;
  const start = address.value >>> 0;
  const bytes = new Uint8Array(memory.buffer).subarray(start, start + length.value);
  length.value = NO_PANIC;
  return new TextDecoder().decode(bytes);
}

// Runs work that enters the program. A trap leaves it with its report, `error.voyd` (spec 06 §20).
function enter(program, entry, point, work) {
  const limit = Error.stackTraceLimit;
  const { 'voyd.panic.length': panicLength, 'voyd.wire.depth': depth } = program.instance.exports;
  Error.stackTraceLimit = TRAP_FRAMES;
  if (panicLength) panicLength.value = NO_PANIC;
  if (depth) depth.value = 0;
  try {
    return work();
  } catch (error) {
    if (isTrap(error) && depth?.value > MAX_DEPTH) {
      depth.value = 0;
      const what = `cannot encode cyclic object graph, or one deeper than ${MAX_DEPTH}`;
      throw new Error(`serialized export ${entry} failed (dto.write): ${what}`);
    }
    if (isTrap(error) && !error.voyd) {
      annotateTrap(error, { diagnostics: program.diagnostics, panic: takePanic(program), point });
    }
    throw error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/**
 * Calls an exported function with JavaScript values (spec 06 §15) and returns its result as one. Last arguments whose
 * parameters have defaults or are optional may be left out (06 §16.6). Throws an
 * Error before any Voyd code runs if the arguments do not fit, and the engine's error when the call traps: its member
 * `voyd` is then the report of spec 06 §20.
 */
export function call(program, entry, args = []) {
  const lowered = lowerArguments(program, entry, args);
  const { params, result, wire } = signatureOf(program, entry);
  const { exports } = program.instance;
  const omitted = params.length - args.length;
  const target = exports[omitted === 0 ? entry : `voyd.omit.${omitted}.${entry}`];
  const point = wire ? 'run_serialized_entry' : 'run_pure_entry';
  const returned = enter(program, entry, point, () => target(...lowered));
  if (wire === 'result' || wire === 'both') {
    return decode(exports['voyd.memory'].buffer, result, program.types);
  }
  return fromWasm(returned, result, `typed export ${entry} result`);
}

function sendArguments(exports, bytes) {
  exports['voyd.wire'](bytes.length);
  new Uint8Array(exports['voyd.memory'].buffer).set(bytes);
}

/** The outcome of work that threw: a trap of the program or an error of its host. */
export function failure(error, diagnostics) {
  if (!isTrap(error)) return { kind: 'error', message: error.message };
  return { kind: 'trap', trap: describeTrap(error, diagnostics, error.voyd?.panic?.message ?? null) };
}

/**
 * Calls an exported function with arguments in JSON form (parsed) and never throws. The outcome is
 * `{kind: 'value', json, text}`, `{kind: 'trap', trap}` or `{kind: 'error', message}`.
 */
export function run(program, entry, jsonArgs = []) {
  try {
    const { params } = signatureOf(program, entry);
    const value = call(program, entry, jsonArgs.map((json, index) => fromJson(json, params[index], program.types)));
    return { kind: 'value', json: toJson(value), text: toText(value) };
  } catch (error) {
    return failure(error, program.diagnostics);
  }
}
