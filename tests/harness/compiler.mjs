// The compiler under test as a child process, and what its answer means. Everything that is neither a
// module nor diagnostics is a crash: a signal, a hang, another exit status, text that is not the promised
// JSON, a sanitizer's report.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const SANITIZER_REPORT = /ERROR: \w+Sanitizer|runtime error:|Sanitizer:DEADLYSIGNAL/;
const INTERNAL_ERROR = /internal compiler error[^"\n]*/;
const KEPT_OUTPUT = 1 << 26;

/**
 * Runs a program to its end: `{status, signal, stdout, stderr, timedOut, milliseconds}`. A program that
 * runs longer than `timeoutMs` is killed.
 */
export function runProcess(command, args, { timeoutMs, env = process.env, input = null, cwd } = {}) {
  return new Promise((resolve) => {
    const start = performance.now();
    const stdio = [input === null ? 'ignore' : 'pipe', 'pipe', 'pipe'];
    const child = spawn(command, args, { env, cwd, stdio });
    const output = { stdout: [], stderr: [] };
    let kept = 0;
    let timedOut = false;
    for (const name of ['stdout', 'stderr']) {
      child[name].on('data', (chunk) => {
        kept += chunk.length;
        if (kept <= KEPT_OUTPUT) output[name].push(chunk);
      });
    }
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const finish = (status, signal, error) => {
      clearTimeout(timer);
      const stderr = Buffer.concat(output.stderr).toString() + (error ? error.message : '');
      const stdout = Buffer.concat(output.stdout).toString();
      resolve({ status, signal, stdout, stderr, timedOut, milliseconds: performance.now() - start });
    };
    child.on('error', (error) => finish(null, null, error));
    child.on('close', (status, signal) => finish(status, signal));
    if (input !== null) {
      child.stdin.on('error', () => {}); // a compiler may end without reading all of its input
      child.stdin.end(input);
    }
  });
}

// The diagnostics of a run: the one line of standard error that is a JSON array (spec 03 §12.7); null if
// there is none.
export function parseDiagnostics(stderr, status) {
  for (const line of stderr.split('\n')) {
    if (!line.startsWith('[')) continue;
    try {
      const diagnostics = JSON.parse(line);
      if (Array.isArray(diagnostics)) return diagnostics;
    } catch {
      return null;
    }
  }
  return status === 0 ? [] : null;
}

function isDiagnostic(item) {
  const span = item?.span;
  return (
    typeof item?.code === 'string' &&
    typeof item.message === 'string' &&
    ['error', 'warning', 'note'].includes(item.severity) &&
    typeof span?.file === 'string' &&
    Number.isInteger(span.start) &&
    Number.isInteger(span.end) &&
    span.start >= 0 &&
    span.start <= span.end
  );
}

function excerpt(text) {
  const trimmed = text.trim();
  return trimmed.length > 600 ? `${trimmed.slice(0, 600)} …` : trimmed;
}

// How a process ended that ended otherwise than by status 0 or 1; null if it did not.
function describeCrash({ status, signal, stderr, timedOut, milliseconds }) {
  if (timedOut) return `no end after ${Math.round(milliseconds)} ms`;
  if (SANITIZER_REPORT.test(stderr)) return 'sanitizer report';
  if (signal) return `signal ${signal}`;
  if (status !== 0 && status !== 1) return `exit status ${status}`;
  return INTERNAL_ERROR.exec(stderr)?.[0] ?? null;
}

function crash(what, stderr) {
  return { kind: 'crash', diagnostics: [], reason: stderr ? `${what}: ${excerpt(stderr)}` : what };
}

/** What a compiler that answers in JSON came to: `{kind, diagnostics, reason?}`, kind done, errors or crash. */
export function judgeCompilation(run) {
  const { status, stderr } = run;
  const reason = describeCrash(run);
  if (reason !== null) return crash(reason, INTERNAL_ERROR.test(stderr) ? '' : stderr);
  const diagnostics = parseDiagnostics(stderr, status);
  if (diagnostics === null) return crash('no diagnostics in JSON', stderr);
  if (!diagnostics.every(isDiagnostic)) return crash('incomplete diagnostic', stderr);
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  if (failed && status === 0) return crash('exit status 0 in spite of errors', stderr);
  if (!failed && status === 1) return crash('exit status 1 without errors', stderr);
  return { kind: failed ? 'errors' : 'done', diagnostics };
}

/** The same of a process that writes for people: `{kind, reason?}`, diagnostics unread. */
export function judgeTextCompilation(run) {
  const { status, stderr } = run;
  const reason = describeCrash(run);
  if (reason !== null) return crash(reason, INTERNAL_ERROR.test(stderr) ? '' : stderr);
  if (status === 1 && stderr.trim() === '') return crash('exit status 1 without a word', stderr);
  return { kind: status === 0 ? 'done' : 'errors' };
}

/** The compiler binary with its own temporary folder; one instance serves one compilation at a time. */
export class Compiler {
  constructor(voydc, folder, timeoutMs) {
    this.voydc = voydc;
    this.outputFile = join(folder, 'program.wasm');
    // Reproducers of internal errors go away with the folder.
    this.options = { timeoutMs, env: { ...process.env, TMPDIR: folder } };
  }

  /** Compiles one program at one level: as judgeCompilation, and the module as `bytes` if it was done. */
  async compile(entry, level) {
    rmSync(this.outputFile, { force: true });
    const args = ['compile', entry, '--opt-level', level, '--diagnostics', 'json', '-o', this.outputFile];
    const answer = judgeCompilation(await runProcess(this.voydc, args, this.options));
    if (answer.kind !== 'done') return answer;
    if (!existsSync(this.outputFile)) {
      return { kind: 'crash', diagnostics: [], reason: 'success without a module' };
    }
    return { ...answer, bytes: new Uint8Array(readFileSync(this.outputFile)) };
  }
}
