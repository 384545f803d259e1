// IR to WebAssembly through Binaryen: types, structured control flow, optimisation, validation, bytes.
//
// The last phase of a compilation. Deterministic: the same IR and options give the same bytes. The IR must be
// valid (ir_verify); what the program can still exceed, the limits of the engine, comes back as a diagnostic.
#ifndef VOYD_WASM_WASM_H
#define VOYD_WASM_WASM_H

#include "ir/ir.h"
#include "perf/perf.h"

typedef enum { WASM_PROFILE_NONE, WASM_PROFILE_STANDARD, WASM_PROFILE_AGGRESSIVE } WasmProfile; // spec 10 §13

typedef struct WasmSection {
  Str name, contents;
} WasmSection;

// What a function instance is called: its module, its own name, and the name with the type that it is a
// method of and its type arguments; and where it is declared, as a whole.
typedef struct WasmLabel {
  Str module, name, full;
  Span span;
} WasmLabel;

typedef struct WasmOptions {
  WasmProfile profile;
  bool names;               // write a name section with the functions' names
  bool text;                // give the module as text too
  bool validate;            // let Binaryen validate the module
  bool runtime_diagnostics; // write the custom section `voyd.runtime_diagnostics`: functions and positions
  WasmLabel (*label)(void *context, Arena *arena,
                     uint32_t instance); // of IrOrigin.instance, for that section
  void *label_context;
  bool counters;               // count what spec 10 §5 counts
  const WasmSection *sections; // custom sections to append (the host ABI), in order
  uint32_t section_count;
} WasmOptions;

typedef struct WasmCounters {
  uint32_t struct_new, struct_new_default, array_new, ref_cast, call_ref, tuple_make;
} WasmCounters;

typedef struct WasmResult {
  Str bytes; // in the arena given
  Str text;
  WasmCounters counters;
  char failure[256]; // why wasm_emit gave false, when no diagnostic says so
} WasmResult;

// Emits the module. Outputs go to `arena`. False after a diagnostic (an engine limit, at the function's
// origin), or when Binaryen failed, which is a bug: then result->failure says how.
bool wasm_emit(IrModule *module, const WasmOptions *options, Arena *arena, WasmResult *result);

#endif
