// What a trap was and where: the engine's stack, read with the positions that a module carries (the section
// `voyd.runtime_diagnostics`, README.md), and the error object of spec 06 §20. Pure functions over an error.

// Frames kept of a trap: enough for the calls of a person; of endless recursion the innermost ones.
export const TRAP_FRAMES = 100;

/** Whether an error of a call is a trap of the program, not a mistake of the host or of its caller. */
export function isTrap(error) {
  if (error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.Exception) return true;
  return error instanceof RangeError && /call stack/.test(error.message);
}

/** Whether an error carries the report of a trap (spec 06 §20). */
export function isVoydRuntimeError(error) {
  return error?.voyd?.kind === 'wasm-trap';
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

// The source frames of one frame of the engine, innermost first: the functions that were inlined there, then the one
// that was compiled. Functions that nobody wrote have no file and do not show.
function sourceFramesOf(table, { index, offset }) {
  const known =
    table.functions.find(({ wasmIndex }) => wasmIndex === index) ??
    table.generated?.find(({ wasmIndex }) => wasmIndex === index);
  if (!known) return [];
  const [, start = known.span?.startLine, first = 0, other = 0] =
    known.positions?.findLast(([from]) => from <= offset) ?? [];
  const frames = [];
  let line = start;
  let file = table.files?.[other - 1];
  let at = first;
  while (at !== 0) {
    const scope = table.scopes[at - 1];
    if (scope.file) frames.push({ ...scope, file: file ?? scope.file, line });
    [line, file, at] = [scope.line, undefined, scope.scope ?? 0];
  }
  if (known.span) frames.push({ ...known, file: file ?? known.span.file, line });
  return frames;
}

function readTable(diagnostics) {
  return diagnostics === null ? { functions: [] } : JSON.parse(diagnostics);
}

function sourceFrames(error, diagnostics) {
  const table = readTable(diagnostics);
  return wasmFrames(error).flatMap((frame) => sourceFramesOf(table, frame));
}

const isOfStd = ({ moduleId }) => moduleId === 'std' || moduleId.startsWith('std::');

// Of a panic the frames of std above the program's own do not count (spec 06 §20).
function withoutStd(frames, panicked) {
  const site = panicked ? frames.findIndex((frame) => !isOfStd(frame)) : 0;
  return frames.slice(Math.max(site, 0));
}

function publicFrame({ functionName, file, line }) {
  return line ? { function: functionName, file, line } : { function: functionName, file };
}

/**
 * The report of a trap, `{message, function?, file?, line?, frames?}`: what is not known is absent. `frames`, innermost
 * first, are the functions on the stack, inlined ones too, each `{function, file, line?}`; the place is that of the
 * first. They come from `diagnostics` (the text of `voyd.runtime_diagnostics`, or null); without it, `function` is the
 * innermost function that the engine names, which takes a module with a name section. `panic` is the text that the
 * program panicked with, or null.
 */
export function describeTrap(error, diagnostics = null, panic = null) {
  const message = panic ?? (error.message || 'uncaught exception');
  const frames = withoutStd(sourceFrames(error, diagnostics), panic !== null).map(publicFrame);
  if (frames.length > 0) return { message, ...frames[0], frames };
  const name = wasmFrames(error)[0]?.name;
  return name ? { message, function: name } : { message };
}

function trapSite(error, diagnostics, panicked) {
  const innermost = wasmFrames(error)[0];
  const trap = innermost ? { wasmFunctionIndex: innermost.index, wasmByteOffset: innermost.offset } : {};
  if (innermost?.name) trap.wasmName = innermost.name;
  const [frame] = withoutStd(sourceFrames(error, diagnostics), panicked);
  if (!frame) return trap;
  const table = readTable(diagnostics);
  const declared = table.functions.find(({ wasmName, moduleId }) => wasmName === frame.wasmName && moduleId === frame.moduleId);
  const span = frame.span ?? declared?.span ?? { file: frame.file };
  return { ...trap, moduleId: frame.moduleId, functionName: frame.functionName, span };
}

/**
 * Gives the error of a trap its report, `error.voyd` (spec 06 §20). What is there already stays: a call inside a call
 * knows more. `panic` is the text of the panic, or null; `point` the transition at which the host had called.
 */
export function annotateTrap(error, { diagnostics, panic, point }) {
  if (!isTrap(error) || error.voyd) return;
  error.voyd = { version: 1, kind: 'wasm-trap', trap: trapSite(error, diagnostics, panic !== null) };
  if (panic !== null) {
    const byteLength = new TextEncoder().encode(panic).length;
    error.voyd.panic = { status: 'available', message: panic, byteLength };
  }
  error.voyd.transition = { point, direction: 'host->vm' };
}

function placeOf({ function: name, file, line }) {
  const position = file && (line ? `at ${file}:${line}` : `at ${file}`);
  return [name && `in ${name}`, position].filter(Boolean).join(' ');
}

/** A trap report for people: the reason and the place, then a line for each caller; equal neighbours are counted. */
export function trapText(trap) {
  const where = placeOf(trap);
  const callers = [];
  for (const frame of (trap.frames ?? []).slice(1)) {
    const text = `  called ${placeOf(frame)}`;
    const last = callers.at(-1);
    if (last?.text === text) last.times++;
    else callers.push({ text, times: 1 });
  }
  const lines = callers.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`));
  return [where ? `trap: ${trap.message} (${where})` : `trap: ${trap.message}`, ...lines].join('\n');
}
