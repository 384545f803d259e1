// Owns the emission of a module: its items, the body of each function, then Binaryen's optimiser, validation,
// counting and bytes.
//
// Two kinds of failure meet here. Binaryen throws C++ exceptions, which shim_guard catches; our own failures
// (base/failure.h) jump, and a jump must not cross the guard's C++ frame: `guarded` catches it inside and
// raises it again outside, after the module is released.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/failure.h"
#include "base/limits.h"
#include "wasm/scopes.h"

// ----------------------------------------------------------------------------------------------- failures

typedef struct Guarded {
  Emitter *emitter;
  void (*work)(Emitter *emitter);
  Failure failure;
  bool armed, raised;
} Guarded;

static void run_guarded(void *context) {
  Guarded *guarded = context;
  if (FAILURE_GUARD(&guarded->failure)) {
    guarded->armed = true;
    guarded->work(guarded->emitter);
    guarded->armed = false;
    failure_leave(&guarded->failure);
  } else {
    guarded->armed = false;
    guarded->raised = true;
  }
}

static void release(Emitter *emitter) {
  BinaryenModuleDispose(emitter->target);
  arena_free(&emitter->body);
  arena_free(&emitter->scratch);
  shim_leave();
}

// False when Binaryen threw; the reason is in the result.
static bool run(Emitter *emitter, void (*work)(Emitter *), WasmResult *result) {
  Guarded guarded = {.emitter = emitter, .work = work};
  bool ok = shim_guard(run_guarded, &guarded, result->failure, sizeof result->failure);
  if (guarded.armed) {
    failure_leave(&guarded.failure); // a C++ exception passed by
  }
  if (guarded.raised) {
    Failure raised = guarded.failure;
    release(emitter);
    failure_raise(raised.kind, raised.file, raised.line, raised.message);
  }
  return ok;
}

// --------------------------------------------------------------------------------------------- module items

static const char *text_of(Emitter *emitter, Str text) {
  return arena_copy_string(&emitter->scratch, text.ptr, text.length);
}

static void emit_globals(Emitter *emitter) {
  for (IrGlobalId id = 1; id < emitter->module->globals.count; id++) {
    const IrGlobal *global = &emitter->module->globals.items[id];
    BinaryenType type = emit_type(emitter, global->type);
    if (global->import_module.length > 0) {
      BinaryenAddGlobalImport(emitter->target, number_name(id).text, text_of(emitter, global->import_module),
                              text_of(emitter, global->import_name), type, global->mutable_);
    } else {
      BinaryenAddGlobal(emitter->target, number_name(id).text, type, global->mutable_,
                        emit_constant(emitter, global->init));
    }
  }
}

static void emit_memory(Emitter *emitter) {
  const IrModule *module = emitter->module;
  if (module->has_memory) {
    BinaryenIndex max = module->memory_max == 0 ? (BinaryenIndex)-1 : module->memory_max;
    BinaryenSetMemory(emitter->target, module->memory_min, max, NULL, NULL, NULL, NULL, NULL, NULL, 0, false,
                      false, "m");
  }
  for (IrDataId id = 1; id < module->data.count; id++) {
    const IrData *data = &module->data.items[id];
    BinaryenExpressionRef offset = NULL;
    if (data->active) {
      offset = BinaryenConst(emitter->target, BinaryenLiteralInt32((int32_t)data->offset));
    }
    BinaryenAddDataSegment(emitter->target, number_name(id).text, "m", !data->active, offset, data->bytes.ptr,
                           (BinaryenIndex)data->bytes.length);
  }
}

static void emit_tables(Emitter *emitter) {
  for (IrTableId id = 1; id < emitter->module->tables.count; id++) {
    BinaryenIndex count = emitter->module->tables.items[id].entries.count;
    BinaryenAddTable(emitter->target, number_name(id).text, count, count, BinaryenTypeFuncref(), NULL);
  }
}

// One active segment per run of functions, which must exist; the gaps stay null.
static void fill_table(Emitter *emitter, IrTableId id) {
  const IrTable *table = &emitter->module->tables.items[id];
  uint32_t count = table->entries.count;
  NameBuffer *names = ARENA_ARRAY(&emitter->scratch, NameBuffer, count);
  const char **texts = ARENA_ARRAY(&emitter->scratch, const char *, count);
  for (uint32_t i = 0; i < count; i++) {
    names[i] = number_name(table->entries.items[i]);
    texts[i] = names[i].text;
  }
  for (uint32_t i = 0; i < count; i++) {
    uint32_t start = i;
    while (i < count && table->entries.items[i] != 0) {
      i++;
    }
    if (i > start) {
      Str name = arena_format(&emitter->scratch, "%u_%u", id, start);
      BinaryenAddActiveElementSegment(emitter->target, number_name(id).text, name.ptr, texts + start,
                                      i - start,
                                      BinaryenConst(emitter->target, BinaryenLiteralInt32((int32_t)start)));
    }
  }
}

// Inside Binaryen exports are called by their number (sections.c).
static void emit_exports(Emitter *emitter) {
  for (uint32_t i = 0; i < emitter->module->exports.count; i++) {
    const IrExport *export = &emitter->module->exports.items[i];
    NameBuffer name = number_name(i);
    switch (export->kind) {
    case IR_EXPORT_FUNCTION:
      BinaryenAddFunctionExport(emitter->target, number_name(export->id).text, name.text);
      break;
    case IR_EXPORT_GLOBAL:
      BinaryenAddGlobalExport(emitter->target, number_name(export->id).text, name.text);
      break;
    case IR_EXPORT_MEMORY:
      BinaryenAddMemoryExport(emitter->target, "m", name.text);
      break;
    }
  }
}

// ------------------------------------------------------------------------------------------------ functions

static void emit_function(Emitter *emitter, IrFunctionId id) {
  emitter->function_id = id;
  emitter->function = ir_function(emitter->module, id);
  memset(&emitter->vars, 0, sizeof emitter->vars);
  memset(&emitter->tuple_locals, 0, sizeof emitter->tuple_locals);
  memset(&emitter->swaps, 0, sizeof emitter->swaps);
  memset(&emitter->origins, 0, sizeof emitter->origins);
  emitter->at = (IrInstOrigin){emitter->function->origin.position, 0};
  plan_function(emitter);
  bool fixes = false;
  for (uint32_t i = emitter->plan.param_count; i < emitter->plan.locals.count; i++) {
    IrType type = emitter->plan.locals.items[i];
    fixes |= ir_type_is_reference(type) && !ir_type_is_nullable(type);
    VECTOR_PUSH(&emitter->body, &emitter->vars, emit_type(emitter, type));
  }
  uint32_t planned = emitter->vars.count;
  BinaryenExpressionRef body = emit_body(emitter);
  if (emitter->plan.param_count > LIMIT_ENGINE_PARAMETERS ||
      emitter->plan.param_count + emitter->vars.count > LIMIT_ENGINE_LOCALS) {
    diagnostic_add(&emitter->module->context->diagnostics, DIAGNOSTIC_CG0001,
                   (Span){emitter->function->origin.position, emitter->function->origin.position},
                   "cannot generate code: `%.*s` has %u parameters and %u variables, more than engines allow "
                   "(%d and %d); split it",
                   STR_ARGS(context_name(emitter->module->context, emitter->function->name)),
                   emitter->plan.param_count, emitter->vars.count, LIMIT_ENGINE_PARAMETERS,
                   LIMIT_ENGINE_LOCALS);
    emitter->limit_hit = true;
  }
  BinaryenFunctionRef function = BinaryenAddFunctionWithHeapType(
      emitter->target, number_name(id).text, emitter->heap_types[emitter->function->type],
      emitter->vars.items, emitter->vars.count, body);
  if (fixes || emitter->vars.count > planned) {
    shim_fix_locals(emitter->target, function);
  }
  for (uint32_t i = emitter->origins.count; i > 0; i--) { // positions.c
    const OriginNote *note = &emitter->origins.items[i - 1];
    BinaryenFunctionSetDebugLocation(function, note->expression, 0, note->origin.position,
                                     scopes_mark(emitter->module, id, note->origin.site));
  }
  arena_rewind(&emitter->body, emitter->body_start);
}

static void emit_module(Emitter *emitter) {
  shim_set_features(emitter->target);
  if (emitter->options->runtime_diagnostics) {
    BinaryenModuleAddDebugInfoFileName(emitter->target, "v");
  }
  ENSURE(emit_types(emitter));
  emit_globals(emitter);
  emit_memory(emitter);
  for (IrFunctionId id = 1; id < emitter->module->functions.count; id++) {
    const IrFunction *function = ir_function(emitter->module, id);
    if (ir_function_is_import(function)) {
      const IrHeapType *type = ir_heap(emitter->module, function->type);
      BinaryenType params = emit_tuple_type(emitter, type->params, type->param_count);
      BinaryenAddFunctionImport(emitter->target, number_name(id).text,
                                text_of(emitter, function->import_module),
                                text_of(emitter, function->import_name), params,
                                emit_tuple_type(emitter, type->results, type->result_count));
    }
  }
  emit_tables(emitter);
  for (IrFunctionId id = 1; id < emitter->module->functions.count; id++) {
    const IrFunction *function = ir_function(emitter->module, id);
    if (!ir_function_is_import(function) && !ir_function_is_dropped(function)) {
      emit_function(emitter, id);
    }
  }
  for (IrTableId id = 1; id < emitter->module->tables.count; id++) {
    fill_table(emitter, id);
  }
  emit_exports(emitter);
}

// ---------------------------------------------------------------------------------------------- optimising

static void report_pass(void *context, const char *pass, double milliseconds, unsigned runs) {
  Emitter *emitter = context;
  PerfSession *session = emitter->module->context->perf;
  perf_time_add_named(session, arena_format(&emitter->scratch, "binaryen.pass.%s", pass), milliseconds);
  perf_count_named(session, arena_format(&emitter->scratch, "binaryen.pass.%s.runs", pass), runs);
}

static void trace_pass(void *context, const char *pass, double start, double milliseconds, unsigned thread) {
  Emitter *emitter = context;
  PerfSession *session = emitter->module->context->perf;
  perf_trace_named(session, arena_format(&emitter->scratch, "binaryen.pass.%s", pass), start, milliseconds,
                   thread);
}

// Threads cost more than they bring for small modules.
static unsigned thread_count(const IrModule *module) {
  enum { FUNCTIONS_PER_THREAD = 100, MOST_THREADS = 8 };
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  unsigned wanted = module->functions.count / FUNCTIONS_PER_THREAD + 1;
  unsigned available = cores < 1 ? 1 : cores > MOST_THREADS ? MOST_THREADS : (unsigned)cores;
  return wanted < available ? wanted : available;
}

static bool optimize(Emitter *emitter, WasmResult *result) {
  static const PerfPhase stages[] = {PERF_PHASE_BINARYEN_OPTIMIZE_INITIAL, PERF_PHASE_BINARYEN_OPTIMIZE_EXTRA,
                                     PERF_PHASE_BINARYEN_OPTIMIZE_FINAL};
  PerfSession *session = emitter->module->context->perf;
  bool aggressive = emitter->options->profile == WASM_PROFILE_AGGRESSIVE;
  ShimOptimize options = {
      .profile = aggressive ? SHIM_PROFILE_AGGRESSIVE : SHIM_PROFILE_STANDARD,
      .threads = thread_count(emitter->module),
      .measure = session != NULL,
      .report = report_pass,
      .trace = perf_is_traced(session) ? trace_pass : NULL,
      .report_context = emitter,
  };
  PERF_BEGIN(session, BINARYEN_OPTIMIZE);
  bool ok = shim_optimize(emitter->target, &options, result->failure, sizeof result->failure);
  for (uint32_t stage = 0; session != NULL && stage < SHIM_STAGE_COUNT; stage++) {
    perf_time_add(session, stages[stage], options.stage_milliseconds[stage]);
  }
  perf_count_named(
      session, aggressive ? STR("binaryen.profile.aggressive.runs") : STR("binaryen.profile.standard.runs"),
      1);
  for (unsigned i = 0; session != NULL && aggressive && shim_extra_pass(i) != NULL; i++) {
    perf_count_named(session,
                     arena_format(&emitter->scratch, "binaryen.extraPass.%s.runs", shim_extra_pass(i)), 1);
  }
  PERF_END(session, BINARYEN_OPTIMIZE);
  return ok;
}

// ------------------------------------------------------------------------------------------------- outputs

static bool count(Emitter *emitter, WasmResult *result) {
  ShimCounters counters;
  if (!shim_count(emitter->target, &counters, result->failure, sizeof result->failure)) {
    return false;
  }
  result->counters = (WasmCounters){counters.struct_new, counters.struct_new_default, counters.array_new,
                                    counters.ref_cast,   counters.call_ref,           counters.tuple_make};
  return true;
}

static bool write_bytes(Emitter *emitter, Arena *arena, WasmResult *result) {
  ShimBinary binary = {.optimized = emitter->options->profile != WASM_PROFILE_NONE,
                       .wants_map = emitter->options->runtime_diagnostics};
  if (!shim_write(emitter->target, &binary, result->failure, sizeof result->failure)) {
    return false;
  }
  ByteVector bytes = {0};
  Str written = {(const char *)binary.bytes, binary.size};
  bool ok = name_exports(emitter, written, &bytes);
  uint32_t moved = bytes.count - (uint32_t)binary.size; // modulo 2^32: what follows the exports
  for (uint32_t i = 0; ok && i < emitter->options->section_count; i++) {
    const WasmSection *section = &emitter->options->sections[i];
    add_custom_section(&emitter->scratch, &bytes, section->name, (const uint8_t *)section->contents.ptr,
                       (uint32_t)section->contents.length);
  }
  if (ok && emitter->options->runtime_diagnostics) {
    ok = add_runtime_diagnostics(emitter, (Str){binary.map, binary.map_size}, moved, &bytes);
  }
  free(binary.bytes);
  free(binary.map);
  if (!ok) {
    snprintf(result->failure, sizeof result->failure, "what Binaryen wrote cannot be read");
    return false;
  }
  if (emitter->options->names) {
    add_name_section(emitter, &bytes);
  }
  result->bytes = (Str){arena_copy(arena, bytes.items, bytes.count), bytes.count};
  return true;
}

// A readable and unique name: the function's own and its number.
static const char *readable_name(void *context, const char *name) {
  Emitter *emitter = context;
  IrFunctionId id = function_of_name(emitter, name);
  Str own =
      id == 0 ? STR("") : context_name(emitter->module->context, ir_function(emitter->module, id)->name);
  return arena_format(&emitter->scratch, "%.*s.%s", STR_ARGS(own), name).ptr;
}

static const char *export_name(void *context, const char *number) {
  Emitter *emitter = context;
  return text_of(emitter, emitter->module->exports.items[strtoul(number, NULL, 10)].name);
}

static bool write_text(Emitter *emitter, Arena *arena, WasmResult *result) {
  char *text;
  size_t size;
  if (!shim_rename_functions(emitter->target, readable_name, emitter, result->failure,
                             sizeof result->failure) ||
      !shim_rename_exports(emitter->target, export_name, emitter, result->failure, sizeof result->failure) ||
      !shim_write_text(emitter->target, &text, &size, result->failure, sizeof result->failure)) {
    return false;
  }
  result->text = (Str){arena_copy(arena, text, size), size};
  free(text);
  return true;
}

static bool generate(Emitter *emitter, WasmResult *result) {
  PerfSession *session = emitter->module->context->perf;
  PERF_BEGIN(session, CODEGEN);
  bool ok = run(emitter, emit_module, result) && !emitter->limit_hit;
  PERF_END(session, CODEGEN);
  if (ok && emitter->options->profile != WASM_PROFILE_NONE) {
    ok = optimize(emitter, result);
  }
  PERF_BEGIN(session, BINARYEN_EMIT_VALIDATED);
  if (ok && emitter->options->validate) {
    ok = shim_validate(emitter->target, result->failure, sizeof result->failure);
  }
  PERF_END(session, BINARYEN_EMIT_VALIDATED);
  return ok;
}

bool wasm_emit(IrModule *module, const WasmOptions *options, Arena *arena, WasmResult *result) {
  *result = (WasmResult){0};
  PerfSession *session = module->context->perf;
  PerfShared shared = perf_shared_enter(session);
  shim_enter();
  Emitter emitter = {.module = module, .options = options, .target = BinaryenModuleCreate()};
  arena_init(&emitter.scratch);
  arena_init(&emitter.body);
  (void)arena_alloc(&emitter.body, 1, 1); // the first chunk stays through all functions
  emitter.body_start = arena_mark(&emitter.body);
  PERF_BEGIN(session, CODEGEN_PROGRAM);
  bool ok = generate(&emitter, result);
  PERF_END(session, CODEGEN_PROGRAM);
  PERF_BEGIN(session, EMIT_BINARY);
  ok = ok && write_bytes(&emitter, arena, result);
  PERF_END(session, EMIT_BINARY);
  ok = ok && (!options->counters || count(&emitter, result));
  ok = ok && (!options->text || write_text(&emitter, arena, result));
  release(&emitter);
  perf_shared_leave(shared);
  return ok;
}
