// What Binaryen's C API lacks, behind C: pass options per call, time per Binaryen pass, counting of
// expressions, calls through a table with an explicit type, and the freeing of its process-wide type store.
//
// Every function but the guard and the builders below it catches everything and gives a status; builders that
// may throw are called within `shim_guard`. A longjmp must not cross a guard: see wasm/emit.c.
#ifndef VOYD_WASM_BINARYEN_SHIM_H
#define VOYD_WASM_BINARYEN_SHIM_H

#include <binaryen-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Brackets one compilation's use of Binaryen. When the last one leaves, the type store is freed: it would
// grow without bound in a long-lived process. No Binaryen type may be kept across.
void shim_enter(void);
void shim_leave(void);

// Runs `work`, catching what Binaryen throws. On a throw gives false and the text in `message`.
bool shim_guard(void (*work)(void *), void *context, char *message, size_t message_size);

// ------------------------------------------------------------------------------ builders, within a guard

// The features our code uses, one by one; never all.
void shim_set_features(BinaryenModuleRef module);
BinaryenExpressionRef shim_call_indirect(BinaryenModuleRef module, const char *table,
                                         BinaryenExpressionRef target, BinaryenExpressionRef *operands,
                                         BinaryenIndex count, BinaryenHeapType type, bool is_return);
// Makes locals without a default valid where their writes do not enclose their reads.
void shim_fix_locals(BinaryenModuleRef module, BinaryenFunctionRef function);

// ------------------------------------------------------------------------------------------ whole modules

typedef enum { SHIM_PROFILE_STANDARD, SHIM_PROFILE_AGGRESSIVE } ShimProfile; // spec 10 §13
typedef enum { SHIM_STAGE_INITIAL, SHIM_STAGE_EXTRA, SHIM_STAGE_FINAL, SHIM_STAGE_COUNT } ShimStage;

typedef struct ShimOptimize {
  ShimProfile profile;
  unsigned threads;
  bool measure;                                // time per pass too
  uint64_t skipped_extra_passes;               // bits by index in shim_extra_pass (ablation, spec 10 §6)
  bool skip_final;                             // ablation
  double stage_milliseconds[SHIM_STAGE_COUNT]; // out
  // out, when measuring: called once per Binaryen pass in order of first run
  void (*report)(void *context, const char *pass, double milliseconds, unsigned runs);
  // out, if not NULL, when measuring: called once per run of a pass (function by function where the pass
  // works so) in order of their ends; `start` is in milliseconds of the monotonic clock, `thread` 0 for the
  // caller's
  void (*trace)(void *context, const char *pass, double start, double milliseconds, unsigned thread);
  void *report_context;
} ShimOptimize;

// The extra passes of the aggressive profile in order; NULL past the end.
const char *shim_extra_pass(unsigned index);
bool shim_optimize(BinaryenModuleRef module, ShimOptimize *options, char *message, size_t message_size);
bool shim_validate(BinaryenModuleRef module, char *message, size_t message_size);

// Bytes, source map and text are allocated with malloc. `optimized`: also optimise the stack form, as
// Binaryen does at -O2. `wants_map`: expressions that Binaryen made itself get the debug location of what is
// around them, and `map` is a source map (wasm/source_map.h).
typedef struct ShimBinary {
  bool optimized, wants_map; // in
  uint8_t *bytes;
  size_t size;
  char *map;
  size_t map_size;
} ShimBinary;
bool shim_write(BinaryenModuleRef module, ShimBinary *binary, char *message, size_t message_size);
bool shim_write_text(BinaryenModuleRef module, char **text, size_t *size, char *message, size_t message_size);

// Spec 10 §5: what counting in the module's text would give.
typedef struct ShimCounters {
  uint32_t struct_new, struct_new_default, array_new, ref_cast, call_ref, tuple_make;
} ShimCounters;
bool shim_count(BinaryenModuleRef module, ShimCounters *counters, char *message, size_t message_size);

// Calls `each` for every function in the order of the binary's function indices, imports first.
bool shim_functions(BinaryenModuleRef module, void (*each)(void *context, uint32_t index, const char *name),
                    void *context);
// Renames every function for reading (text output only): `rename` gives the new, unique name.
bool shim_rename_functions(BinaryenModuleRef module, const char *(*rename)(void *context, const char *name),
                           void *context, char *message, size_t message_size);
// Renames every export, for the same.
bool shim_rename_exports(BinaryenModuleRef module, const char *(*rename)(void *context, const char *name),
                         void *context, char *message, size_t message_size);

#ifdef __cplusplus
}
#endif

#endif
