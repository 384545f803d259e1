// The phases of a compilation in order. This file reads like the list of phases (spec 10 §3); what a phase
// does stands in its room.
#include "passes/pipeline.h"
#include "base/failure.h"
#include "driver/compilation.h"

#ifdef NDEBUG
enum { VERIFY_PASSES = false };
#else
enum { VERIFY_PASSES = true };
#endif

static bool failed(const Compilation *compilation) {
  return compilation->context->diagnostics.errors > 0;
}

static bool wants_any(const Compilation *compilation, uint32_t outputs) {
  return (compilation->options->outputs & outputs) != 0;
}

// --- loadModuleGraph: entry -> modules as forms and AST

// Virtual files with absolute paths, as the graph wants them.
static const VirtualFile *virtual_files(Compilation *compilation) {
  const CompileOptions *options = compilation->options;
  Arena *arena = &compilation->context->arena;
  VirtualFile *files = ARENA_ARRAY(arena, VirtualFile, options->file_count + 1);
  for (uint32_t i = 0; i < options->file_count; i++) {
    Str path = path_resolve(arena, compilation->roots.source, options->files[i].path);
    files[i] = (VirtualFile){path, options->files[i].text};
  }
  return files;
}

static void load_modules(Compilation *compilation) {
  const CompileOptions *options = compilation->options;
  compilation->graph.keeps_trace = wants_any(compilation, 1u << OUTPUT_TRACE);
  graph_load(&compilation->graph, &(GraphOptions){
                                      .entry = compilation->roots.entry,
                                      .has_source = options->has_source,
                                      .source = options->source,
                                      .files = virtual_files(compilation),
                                      .file_count = options->file_count,
                                      .source_root = compilation->roots.source,
                                      .std_root = compilation->roots.std,
                                      .package_dirs = options->package_dirs,
                                      .package_dir_count = options->package_dir_count,
                                      .include_tests = options->include_tests,
                                      .whole_library = options->eager_std || compilation->whole_library,
                                  });
}

static void build_ast(Compilation *compilation) {
  for (ModuleId module = 1; module < compilation->graph.modules.count; module++) {
    ast_build_module(&compilation->ast, &compilation->graph, module);
  }
}

// Declarations that did not parse are missing, so names that mean them would be reported too. A module that
// was not found and a stray doc comment leave everything else whole (spec 03 §3.3.6, 08 §3.1).
static bool sources_are_whole(const Compilation *compilation) {
  const DiagnosticSink *sink = &compilation->context->diagnostics;
  for (uint32_t i = 0; i < sink->items.count; i++) {
    const Diagnostic *diagnostic = sink->items.items[i];
    if (diagnostic->severity == SEVERITY_ERROR && diagnostic->code != DIAGNOSTIC_MD0001 &&
        diagnostic->code != DIAGNOSTIC_MD0004) {
      return false;
    }
  }
  return true;
}

static void count_sources(Compilation *compilation) {
  const Context *context = compilation->context;
  uint64_t bytes = 0;
  for (FileId file = 1; file < context->sources.files.count; file++) {
    bytes += sources_file(&context->sources, file)->text.length;
  }
  PERF_COUNT(context->perf, SOURCE_FILES, context->sources.files.count - 1);
  PERF_COUNT(context->perf, SOURCE_BYTES, bytes);
  PERF_COUNT(context->perf, SOURCE_FORMS, compilation->graph.forms.count);
}

static bool load_module_graph(Compilation *compilation) {
  PerfSession *perf = compilation->context->perf;
  PERF_BEGIN(perf, LOAD_MODULE_GRAPH);
  load_modules(compilation);
  PERF_BEGIN(perf, LOAD_AST);
  build_ast(compilation);
  PERF_END(perf, LOAD_AST);
  PERF_END(perf, LOAD_MODULE_GRAPH);
  if (perf) {
    count_sources(compilation);
  }
  return sources_are_whole(compilation) && compilation->graph.library != LIBRARY_TOO_SMALL;
}

// --- analyzeModules: modules -> symbols, signatures, typed bodies

static bool analyze_modules(Compilation *compilation) {
  PerfSession *perf = compilation->context->perf;
  PERF_BEGIN(perf, ANALYZE_MODULES);
  PERF_BEGIN(perf, ANALYZE_BIND);
  bool bound = names_bind_program(&compilation->names);
  PERF_END(perf, ANALYZE_BIND);
  if (bound && !failed(compilation)) {
    PERF_BEGIN(perf, ANALYZE_CHECK);
    check_program(&compilation->program);
    PERF_END(perf, ANALYZE_CHECK);
    PERF_COUNT(perf, CHECK_INSTANCES, compilation->program.instances.count - 1);
    PERF_COUNT(perf, CHECK_STEPS, check_steps(&compilation->program));
  }
  PERF_END(perf, ANALYZE_MODULES);
  return !failed(compilation);
}

// --- emitProgram: typed bodies -> IR -> bytes

static void keep_ir(Compilation *compilation, OutputKind kind) {
  if (compilation_wants(compilation, kind)) {
    Text text = text_new(&compilation->result->arena);
    ir_print(&compilation->module, (IrPrintOptions){0}, &text);
    compilation->result->outputs[kind] = text_str(&text);
  }
}

static bool lower(Compilation *compilation) {
  PerfSession *perf = compilation->context->perf;
  PERF_BEGIN(perf, LOWER_PROGRAM);
  bool lowered = check_can_generate(&compilation->program) &&
                 lower_program(&compilation->program, &compilation->module, &compilation->lowered);
  PERF_END(perf, LOWER_PROGRAM);
  return lowered && !failed(compilation);
}

static void optimize(Compilation *compilation) {
  const CompileOptions *options = compilation->options;
  PerfSession *perf = compilation->context->perf;
  if (options->level == LEVEL_NONE) {
    return;
  }
  PERF_BEGIN(perf, OPTIMIZE_PROGRAM);
  compilation->module.keeps_sites = options->runtime_diagnostics;
  Text dump = text_new(&compilation->result->arena);
  passes_run(&compilation->module,
             &(PassOptions){.dump_after = options->dump_after, .dump = &dump, .verify = VERIFY_PASSES});
  compilation->result->outputs[OUTPUT_DUMP] = text_str(&dump);
  PERF_END(perf, OPTIMIZE_PROGRAM);
}

static WasmLabel instance_label(void *context, Arena *arena, uint32_t id) {
  const Compilation *compilation = context;
  const Program *program = &compilation->program;
  const Module *module = &compilation->graph.modules.items[program_instance(program, id)->module];
  return (WasmLabel){.module = context_name(compilation->context, module->id),
                     .name = program_instance_name(program, arena, id, false),
                     .full = program_instance_name(program, arena, id, true),
                     .span = program_instance_span(program, id)};
}

static bool codegen(Compilation *compilation) {
  static const WasmProfile profiles[] = {
      [LEVEL_NONE] = WASM_PROFILE_NONE,
      [LEVEL_BALANCED] = WASM_PROFILE_STANDARD,
      [LEVEL_RELEASE] = WASM_PROFILE_AGGRESSIVE,
  };
  const CompileOptions *options = compilation->options;
  CompileResult *result = compilation->result;
  PerfSession *perf = compilation->context->perf;
  const WasmSection abi = {STR("voyd.abi"), compilation->lowered.abi};
  const WasmOptions wasm_options = {
      .profile = profiles[options->level],
      .names = options->names,
      .text = compilation_wants(compilation, OUTPUT_WAT),
      .validate = options->validate,
      .runtime_diagnostics = options->runtime_diagnostics,
      .label = instance_label,
      .label_context = compilation,
      .counters = perf != NULL,
      .sections = &abi,
      .section_count = abi.contents.length > 0,
  };
  WasmResult wasm = {0};
  if (!wasm_emit(&compilation->module, &wasm_options, &result->arena, &wasm)) {
    if (!failed(compilation)) {
      failure_raise(FAILURE_INTERNAL, __FILE__, __LINE__, wasm.failure);
    }
    return false;
  }
  result->outputs[OUTPUT_WASM] = wasm.bytes;
  result->outputs[OUTPUT_WAT] = wasm.text;
  PERF_COUNT(perf, WASM_BYTES, wasm.bytes.length);
  PERF_COUNT(perf, WASM_STRUCT_NEW, wasm.counters.struct_new);
  PERF_COUNT(perf, WASM_STRUCT_NEW_DEFAULT, wasm.counters.struct_new_default);
  PERF_COUNT(perf, WASM_ARRAY_NEW, wasm.counters.array_new);
  PERF_COUNT(perf, WASM_REF_CAST, wasm.counters.ref_cast);
  PERF_COUNT(perf, WASM_CALL_REF, wasm.counters.call_ref);
  PERF_COUNT(perf, WASM_TUPLE_MAKE, wasm.counters.tuple_make);
  return true;
}

static bool emit_program(Compilation *compilation) {
  PerfSession *perf = compilation->context->perf;
  const uint32_t of_wasm = 1u << OUTPUT_WASM | 1u << OUTPUT_WAT;
  PERF_BEGIN(perf, EMIT_PROGRAM);
  bool going = lower(compilation);
  if (going) {
    optimize(compilation);
    keep_ir(compilation, OUTPUT_IR);
    going = !wants_any(compilation, of_wasm) || codegen(compilation);
  }
  PERF_END(perf, EMIT_PROGRAM);
  return going;
}

// --- sdk.finalizeCompile: texts of the result

static void finalize_compile(Compilation *compilation) {
  PERF_BEGIN(compilation->context->perf, FINALIZE_COMPILE);
  outputs_of_modules(compilation);
  PERF_END(compilation->context->perf, FINALIZE_COMPILE);
}

// --- The passes, by name

bool driver_pass_exists(Str name) {
  return pass_exists(name);
}

const char *driver_pass_names(void) {
  static const char names[] =
#define PASS(id, name, stage) ", " name
#define PASS_AGAIN(id, name, stage)
#include "passes/passes.def"
#undef PASS_AGAIN
#undef PASS
      ;
  return names + 2;
}

// --- The list

bool pipeline_run(Compilation *compilation) {
  const uint32_t of_sources = 1u << OUTPUT_FORMS | 1u << OUTPUT_FORMS_JSON | 1u << OUTPUT_AST |
                              1u << OUTPUT_SOURCE | 1u << OUTPUT_TRACE;
  const uint32_t of_code = 1u << OUTPUT_WASM | 1u << OUTPUT_WAT | 1u << OUTPUT_IR | 1u << OUTPUT_DUMP;
  bool only_sources = compilation->options->outputs != 0 && !wants_any(compilation, ~of_sources);

  if (compilation->options->outputs == 1u << OUTPUT_BASE_FORMS) {
    return output_of_base_forms(compilation);
  }
  bool going = load_module_graph(compilation);
  going = going && (only_sources || analyze_modules(compilation));
  going = going && (!wants_any(compilation, of_code) || emit_program(compilation));
  if (going && !failed(compilation)) {
    finalize_compile(compilation);
  }
  return !failed(compilation);
}

void pipeline_init(Compilation *compilation) {
  graph_init(&compilation->graph, compilation->context);
  ast_init(&compilation->ast, compilation->context);
  names_tables_init(&compilation->names, compilation->context, &compilation->graph, &compilation->ast);
  program_init(&compilation->program, compilation->context, &compilation->graph, &compilation->ast,
               &compilation->names);
  ir_module_init(&compilation->module, compilation->context);
}

void pipeline_free(Compilation *compilation) {
  ir_module_free(&compilation->module);
  program_free(&compilation->program);
  names_tables_free(&compilation->names);
  ast_free(&compilation->ast);
  graph_free(&compilation->graph);
}
