// One compilation from outside: options in, result out. The SDK (sdk/voyd.h) is built on this header alone.
//
// `driver_compile` never prints, never aborts and never throws for errors of the program: they are
// diagnostics of the result, and so are broken invariants and exhausted memory. Results are independent of
// each other and of the options.
#ifndef VOYD_DRIVER_DRIVER_H
#define VOYD_DRIVER_DRIVER_H

#include "base/context.h"
#include "perf/perf.h"

typedef enum { LEVEL_NONE, LEVEL_BALANCED, LEVEL_RELEASE } OptimizationLevel; // spec 10 §8

// What the result holds beside diagnostics. Nothing wanted is `check`: the compilation stops after analysis.
typedef enum {
  OUTPUT_WASM,
  OUTPUT_WAT,
  OUTPUT_IR,         // after our own passes
  OUTPUT_DUMP,       // IR after the pass `dump_after`
  OUTPUT_AST,        // of the entry module, after macro expansion
  OUTPUT_FORMS,      // of the entry module, after macro expansion, as S-expressions
  OUTPUT_FORMS_JSON, // the same as JSON (spec 03 §12.2)
  OUTPUT_SOURCE,     // the same as Voyd text
  OUTPUT_TRACE,      // the macro invocations of the entry module, a line each
  OUTPUT_BASE_FORMS, // JSON of the entry file as it is read (01 §1); wanted alone
  OUTPUT_TYPED,      // the user's own bodies, typed
  OUTPUT_COUNT
} OutputKind;

typedef struct SourceText {
  Str path; // relative to the source root, or absolute
  Str text;
} SourceText;

// Zero is the default of every field. Texts and arrays belong to the caller and are not kept.
typedef struct CompileOptions {
  Str entry;       // path; `.voyd` is appended if missing. Default `index.voyd` when there is a source
  bool has_source; // `source` stands for the file at `entry`
  Str source;
  const SourceText *files; // further virtual files; they win over the file system
  uint32_t file_count;
  Str source_root; // default: spec 03 §1.4
  Str std_root;    // default: VOYD_STD_ROOT, else the embedded library
  const Str *package_dirs;
  uint32_t package_dir_count;

  OptimizationLevel level;
  uint32_t outputs;         // bits 1 << OutputKind
  Str dump_after;           // name of a pass (passes/passes.def), for OUTPUT_DUMP
  bool names;               // write a name section
  bool validate;            // let Binaryen validate the module before it is written
  bool runtime_diagnostics; // spec 03 §16
  bool include_tests, tests_only;
  bool eager_std; // read all of std, not what the program means of it; gives the same result

  bool perf;        // measure (perf/perf.h)
  bool perf_trace;  // keep every span
  bool perf_memory; // measure resident memory too
} CompileOptions;

typedef enum {
  COMPILE_OK,          // no errors; warnings may be there
  COMPILE_DIAGNOSTICS, // the program has errors
  COMPILE_INTERNAL,    // the compiler failed: a bug of ours; the diagnostics say so
  COMPILE_OUT_OF_MEMORY,
} CompileStatus;

typedef struct CompileResult {
  CompileStatus status;
  Context context; // diagnostics and the sources that they point into
  Arena arena;     // of the outputs
  Str outputs[OUTPUT_COUNT];
  Str entry;         // absolute path
  PerfSession *perf; // finished; NULL if not measured
  char failure[512]; // COMPILE_INTERNAL: where and why, for the report
} CompileResult;

// Our own passes, for `dump_after`; the names are separated by commas.
bool driver_pass_exists(Str name);
const char *driver_pass_names(void);

// Fills `result` in every case; release it with driver_result_free. True iff the status is COMPILE_OK.
bool driver_compile(const CompileOptions *options, CompileResult *result);
void driver_result_free(CompileResult *result);

#endif
