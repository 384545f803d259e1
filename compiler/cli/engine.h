// Running compiled modules: finds a JavaScript engine and runs one call of a module in it.
//
// The engine is a process of its own, started for each run. It receives the JavaScript host
// (runtime-wasm/host, embedded in this binary), the module and the call over a socket, so nothing is written
// to disk; its standard input, output and error are ours, so the program talks to the terminal directly.
#ifndef VOYD_CLI_ENGINE_H
#define VOYD_CLI_ENGINE_H

#include "base/strings.h"

typedef enum {
  ENGINE_VALUE,       // the call returned
  ENGINE_TRAP,        // the program trapped, while instantiated or in the call
  ENGINE_TIMEOUT,     // the program was still running at the time limit
  ENGINE_ERROR,       // no such export, arguments that do not fit, a module that the engine refuses
  ENGINE_UNAVAILABLE, // no engine was found, or it could not be started or broke down
} EngineStatus;

typedef struct EngineJob {
  Str module;    // Wasm bytes
  Str entry;     // name of the exported function
  Str arguments; // JSON array of arguments in the form of the golden programs (numbers, {"i64":"…"}); empty
                 // for none
  uint32_t timeout_ms; // 0 for no limit
} EngineJob;

// What came out; the texts live in the arena given to `engine_run`.
typedef struct EngineOutcome {
  EngineStatus status;
  Str json; // one line: {"value":…}, {"trap":{"message":…,"function":…,"file":…,"line":…}} or
            // {"error":{"message":…}}
  Str text; // for people, without a newline: the printed result (spec 03 §12.2, empty for void), else what
            // went wrong
} EngineOutcome;

// The path of the engine to use, NUL-terminated in the arena: the environment variable VOYD_NODE; else the
// path in the file `voydc/engine` of the user's cache folder; else `node` on PATH. Empty when there is none.
Str engine_find(Arena *arena);

// Runs one call to its end. Never fails otherwise than through the outcome. Whoever prints writes `text` (and
// a newline unless it is empty) to standard output for ENGINE_VALUE and to standard error else, or `json` to
// standard output in every case; only ENGINE_VALUE is exit status 0.
EngineOutcome engine_run(Arena *arena, const EngineJob *job);

#endif
