// The public C API (sdk/voyd.h) over driver/.
//
// Every entry that allocates from an arena arms a failure boundary, so that exhausted memory comes back as a
// status.
#include "sdk/voyd.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/failure.h"
#include "driver/driver.h"
#include "driver/roots.h"

struct voyd_context {
  Arena arena;
  Str std_root;
  char last_error[1024];
};

struct voyd_options {
  voyd_context *context;
  Arena arena;
  CompileOptions compile;
  bool perf_report;
  VECTOR(SourceText) files;
  VECTOR(Str) package_dirs;
};

struct voyd_artifact {
  atomic_uint references;
  size_t size;
  char bytes[];
};

struct voyd_result {
  CompileResult compile;
  Arena arena; // of texts made on request
  voyd_artifact *artifact;
};

static voyd_str out_str(Str text) {
  return (voyd_str){text.ptr ? text.ptr : "", text.length};
}

static voyd_status fail(voyd_context *context, voyd_status status, const char *text) {
  if (context) {
    snprintf(context->last_error, sizeof context->last_error, "%s", text);
  }
  return status;
}

uint32_t voyd_abi_version(void) {
  return VOYD_ABI_VERSION;
}

const char *voyd_version(void) {
  return VOYD_VERSION;
}

// --- Context
// ---------------------------------------------------------------------------------------------------------

// Copies a text of the caller; false if it is not one or memory is exhausted.
static bool keep(Arena *arena, voyd_str text, Str *out) {
  Failure failure;
  if (!text.ptr && text.len > 0) {
    return false;
  }
  if (FAILURE_GUARD(&failure)) {
    *out = (Str){arena_copy_string(arena, text.ptr, text.len), text.len};
    failure_leave(&failure);
    return true;
  }
  return false;
}

voyd_status voyd_context_new(const voyd_context_options *options, voyd_context **out) {
  if (!out || (options && options->size < sizeof(size_t) + sizeof(voyd_str))) {
    return VOYD_E_ARG;
  }
  *out = NULL;
  voyd_context *context = calloc(1, sizeof *context);
  if (!context) {
    return VOYD_E_OOM;
  }
  if (options && !keep(&context->arena, options->std_root, &context->std_root)) {
    voyd_context_free(context);
    return VOYD_E_OOM;
  }
  *out = context;
  return VOYD_OK;
}

void voyd_context_free(voyd_context *context) {
  if (context) {
    arena_free(&context->arena);
    free(context);
  }
}

voyd_str voyd_context_last_error(const voyd_context *context) {
  return context ? out_str(str_from(context->last_error)) : out_str(STR(""));
}

// --- Options
// ---------------------------------------------------------------------------------------------------------

voyd_options *voyd_options_new(voyd_context *context) {
  voyd_options *options = context ? calloc(1, sizeof *options) : NULL;
  if (options) {
    options->context = context;
    options->compile.outputs = 1u << OUTPUT_WASM;
    options->compile.std_root = context->std_root;
  }
  return options;
}

void voyd_options_free(voyd_options *options) {
  if (options) {
    arena_free(&options->arena);
    free(options);
  }
}

static voyd_status set_text(voyd_options *options, voyd_str text, Str *field) {
  if (!options) {
    return VOYD_E_ARG;
  }
  if (!text.ptr && text.len > 0) {
    return fail(options->context, VOYD_E_ARG, "a text is NULL");
  }
  return keep(&options->arena, text, field) ? VOYD_OK : fail(options->context, VOYD_E_OOM, "out of memory");
}

voyd_status voyd_options_set_entry(voyd_options *options, voyd_str path) {
  return set_text(options, path, options ? &options->compile.entry : NULL);
}

voyd_status voyd_options_set_source(voyd_options *options, voyd_str text) {
  voyd_status status = set_text(options, text, options ? &options->compile.source : NULL);
  if (status == VOYD_OK) {
    options->compile.has_source = true;
  }
  return status;
}

voyd_status voyd_options_add_file(voyd_options *options, voyd_str path, voyd_str text) {
  SourceText file;
  voyd_status status = set_text(options, path, &file.path);
  status = status == VOYD_OK ? set_text(options, text, &file.text) : status;
  if (status != VOYD_OK) {
    return status;
  }
  Failure failure;
  if (FAILURE_GUARD(&failure)) {
    VECTOR_PUSH(&options->arena, &options->files, file);
    failure_leave(&failure);
    return VOYD_OK;
  }
  return fail(options->context, VOYD_E_OOM, "out of memory");
}

voyd_status voyd_options_set_root(voyd_options *options, voyd_root root, voyd_str directory) {
  if (!options) {
    return VOYD_E_ARG;
  }
  switch (root) {
  case VOYD_ROOT_SRC:
    return set_text(options, directory, &options->compile.source_root);
  case VOYD_ROOT_STD:
    return set_text(options, directory, &options->compile.std_root);
  }
  return fail(options->context, VOYD_E_ARG, "no such root");
}

voyd_status voyd_options_add_package_dir(voyd_options *options, voyd_str directory) {
  Str copy;
  voyd_status status = set_text(options, directory, &copy);
  if (status != VOYD_OK) {
    return status;
  }
  Failure failure;
  if (FAILURE_GUARD(&failure)) {
    VECTOR_PUSH(&options->arena, &options->package_dirs, copy);
    failure_leave(&failure);
    return VOYD_OK;
  }
  return fail(options->context, VOYD_E_OOM, "out of memory");
}

voyd_status voyd_options_set_opt_level(voyd_options *options, voyd_opt_level level) {
  if (!options) {
    return VOYD_E_ARG;
  }
  if ((unsigned)level > VOYD_LEVEL_RELEASE) {
    return fail(options->context, VOYD_E_ARG, "no such optimization level");
  }
  options->compile.level = (OptimizationLevel)level;
  return VOYD_OK;
}

_Static_assert((int)VOYD_OUTPUT_TYPED == (int)OUTPUT_TYPED && (int)VOYD_OUTPUT_WASM == (int)OUTPUT_WASM,
               "outputs of voyd.h and of the driver have the same order");

voyd_status voyd_options_set_output(voyd_options *options, voyd_output output, bool wanted) {
  if (!options) {
    return VOYD_E_ARG;
  }
  if ((unsigned)output >= OUTPUT_COUNT) {
    return fail(options->context, VOYD_E_ARG, "no such output");
  }
  uint32_t bit = 1u << output;
  options->compile.outputs = wanted ? options->compile.outputs | bit : options->compile.outputs & ~bit;
  return VOYD_OK;
}

voyd_status voyd_options_set_dump_after(voyd_options *options, voyd_str pass) {
  if (options && pass.ptr && !driver_pass_exists((Str){pass.ptr, pass.len})) {
    snprintf(options->context->last_error, sizeof options->context->last_error,
             "no pass \"%.*s\" (passes: %s)", (int)pass.len, pass.ptr, driver_pass_names());
    return VOYD_E_NOT_FOUND;
  }
  return set_text(options, pass, options ? &options->compile.dump_after : NULL);
}

voyd_status voyd_options_set_flag(voyd_options *options, voyd_flag flag, bool value) {
  if (!options) {
    return VOYD_E_ARG;
  }
  CompileOptions *compile = &options->compile;
  bool *const fields[] = {
      [VOYD_FLAG_NAMES] = &compile->names,
      [VOYD_FLAG_VALIDATE] = &compile->validate,
      [VOYD_FLAG_RUNTIME_DIAGNOSTICS] = &compile->runtime_diagnostics,
      [VOYD_FLAG_TESTS] = &compile->include_tests,
      [VOYD_FLAG_TESTS_ONLY] = &compile->tests_only,
      [VOYD_FLAG_EAGER_STD] = &compile->eager_std,
      [VOYD_FLAG_PERF] = &compile->perf,
      [VOYD_FLAG_PERF_REPORT] = &options->perf_report,
      [VOYD_FLAG_PERF_TRACE] = &compile->perf_trace,
      [VOYD_FLAG_PERF_MEMORY] = &compile->perf_memory,
  };
  if ((unsigned)flag >= sizeof fields / sizeof *fields) {
    return fail(options->context, VOYD_E_ARG, "no such flag");
  }
  *fields[flag] = value;
  return VOYD_OK;
}

voyd_status voyd_options_find_entry(voyd_options *options, voyd_str path) {
  if (!options || !path.ptr) {
    return VOYD_E_ARG;
  }
  Failure failure;
  if (FAILURE_GUARD(&failure)) {
    Str given = {arena_copy_string(&options->arena, path.ptr, path.len), path.len};
    bool found = roots_find_entry(&options->arena, given, &options->compile.entry);
    if (!found) {
      Str directory = path_resolve(&options->arena, path_current_directory(&options->arena), given);
      snprintf(options->context->last_error, sizeof options->context->last_error,
               "No entry file found in %.*s. Expected main.voyd or pkg.voyd.", STR_ARGS(directory));
    }
    failure_leave(&failure);
    return found ? VOYD_OK : VOYD_E_NOT_FOUND;
  }
  return fail(options->context, VOYD_E_OOM, "out of memory");
}

// --- Compiling
// -------------------------------------------------------------------------------------------------------

static void print_perf_line(const voyd_result *result) {
  Arena arena = {0};
  Failure failure;
  if (FAILURE_GUARD(&failure)) {
    Text line = text_new(&arena);
    text_add(&line, STR(PERF_SUMMARY_PREFIX));
    perf_summary_json(result->compile.perf, &line);
    text_add_char(&line, '\n');
    fwrite(line.bytes, 1, line.count, stderr);
    failure_leave(&failure);
  }
  arena_free(&arena);
}

voyd_status voyd_compile(voyd_context *context, const voyd_options *options, voyd_result **out) {
  if (out) {
    *out = NULL;
  }
  if (!context || !options || !out) {
    return fail(context, VOYD_E_ARG, "an argument is NULL");
  }
  CompileOptions compile = options->compile;
  if ((compile.outputs & 1u << OUTPUT_DUMP) &&
      (compile.level == LEVEL_NONE || compile.dump_after.length == 0)) {
    return fail(context, VOYD_E_ARG, "a dump needs the name of a pass and a level that optimises");
  }
  voyd_result *result = calloc(1, sizeof *result);
  if (!result) {
    return fail(context, VOYD_E_OOM, "out of memory");
  }
  compile.files = options->files.items;
  compile.file_count = options->files.count;
  compile.package_dirs = options->package_dirs.items;
  compile.package_dir_count = options->package_dirs.count;
  bool report = options->perf_report || perf_wanted_by_environment();
  compile.perf = compile.perf || report;
  driver_compile(&compile, &result->compile);
  if (report && result->compile.perf) {
    print_perf_line(result);
  }
  if (result->compile.status == COMPILE_OUT_OF_MEMORY) {
    voyd_result_free(result);
    return fail(context, VOYD_E_OOM, "out of memory");
  }
  Str wasm = result->compile.outputs[OUTPUT_WASM];
  if (result->compile.status == COMPILE_OK && wasm.length > 0) {
    voyd_status status = voyd_artifact_load(context, wasm.ptr, wasm.length, &result->artifact);
    if (status != VOYD_OK) {
      voyd_result_free(result);
      return status;
    }
  }
  *out = result;
  switch (result->compile.status) {
  case COMPILE_OK:
    return VOYD_OK;
  case COMPILE_DIAGNOSTICS:
    return VOYD_E_DIAGNOSTICS;
  default:
    return fail(context, VOYD_E_INTERNAL, result->compile.failure);
  }
}

void voyd_result_free(voyd_result *result) {
  if (result) {
    voyd_artifact_release(result->artifact);
    driver_result_free(&result->compile);
    arena_free(&result->arena);
    free(result);
  }
}

// --- Diagnostics
// -----------------------------------------------------------------------------------------------------

size_t voyd_result_diagnostic_count(const voyd_result *result) {
  return result ? result->compile.context.diagnostics.items.count : 0;
}

static const Diagnostic *diagnostic_at(const voyd_result *result, size_t index) {
  return index < voyd_result_diagnostic_count(result) ? result->compile.context.diagnostics.items.items[index]
                                                      : NULL;
}

static voyd_span out_span(voyd_result *result, Span span) {
  SourceTable *sources = &result->compile.context.sources;
  SourceLocation at = sources_locate(sources, span);
  Str path = at.file ? sources_file(sources, at.file)->path : STR("");
  return (voyd_span){out_str(path), at.start, at.end, at.line, at.column, at.end_line, at.end_column};
}

bool voyd_result_diagnostic(voyd_result *result, size_t index, voyd_diagnostic *out) {
  const Diagnostic *diagnostic = diagnostic_at(result, index);
  Failure failure;
  if (diagnostic && out && FAILURE_GUARD(&failure)) {
    *out = (voyd_diagnostic){
        .code = out_str(str_from(diagnostic_code_text(diagnostic->code))),
        .phase = out_str(str_from(diagnostic_phase_text(diagnostic->code))),
        .severity = (voyd_severity)diagnostic->severity,
        .message = out_str(diagnostic->message),
        .span = out_span(result, diagnostic->span),
        .related_count = diagnostic->related.count,
        .hint_count = diagnostic->hints.count,
    };
    failure_leave(&failure);
    return true;
  }
  return false;
}

bool voyd_result_related(voyd_result *result, size_t index, size_t related, voyd_related *out) {
  const Diagnostic *diagnostic = diagnostic_at(result, index);
  Failure failure;
  if (diagnostic && out && related < diagnostic->related.count && FAILURE_GUARD(&failure)) {
    const DiagnosticNote *note = &diagnostic->related.items[related];
    *out = (voyd_related){out_str(note->message), out_span(result, note->span)};
    failure_leave(&failure);
    return true;
  }
  return false;
}

bool voyd_result_hint(const voyd_result *result, size_t index, size_t hint, voyd_str *out) {
  const Diagnostic *diagnostic = diagnostic_at(result, index);
  if (!diagnostic || !out || hint >= diagnostic->hints.count) {
    return false;
  }
  *out = out_str(diagnostic->hints.items[hint]);
  return true;
}

voyd_str voyd_result_diagnostics_text(voyd_result *result, bool color) {
  Failure failure;
  if (result && FAILURE_GUARD(&failure)) {
    Text text = text_new(&result->arena);
    diagnostics_render_text(&result->compile.context.diagnostics, (DiagnosticStyle){.color = color}, &text);
    failure_leave(&failure);
    return out_str(text_str(&text));
  }
  return out_str(STR(""));
}

voyd_str voyd_result_diagnostics_json(voyd_result *result) {
  Failure failure;
  if (result && FAILURE_GUARD(&failure)) {
    Text text = text_new(&result->arena);
    diagnostics_render_json(&result->compile.context.diagnostics, &text);
    failure_leave(&failure);
    return out_str(text_str(&text));
  }
  return out_str(STR("[]"));
}

// --- Outputs
// ---------------------------------------------------------------------------------------------------------

voyd_str voyd_result_output(const voyd_result *result, voyd_output output) {
  return result && (unsigned)output < OUTPUT_COUNT ? out_str(result->compile.outputs[output])
                                                   : out_str(STR(""));
}

voyd_str voyd_result_failure(const voyd_result *result) {
  return result ? out_str(str_from(result->compile.failure)) : out_str(STR(""));
}

voyd_str voyd_result_perf(voyd_result *result, voyd_perf_report report) {
  Failure failure;
  if (result && result->compile.perf && FAILURE_GUARD(&failure)) {
    Text text = text_new(&result->arena);
    switch (report) {
    case VOYD_PERF_JSON:
      perf_summary_json(result->compile.perf, &text);
      break;
    case VOYD_PERF_TABLE:
    case VOYD_PERF_TABLE_COLOR:
      perf_summary_table(result->compile.perf, report == VOYD_PERF_TABLE_COLOR, &text);
      break;
    case VOYD_PERF_TRACE:
      perf_trace_json(result->compile.perf, &text);
      break;
    }
    failure_leave(&failure);
    return out_str(text_str(&text));
  }
  return out_str(STR(""));
}

bool voyd_result_source(const voyd_result *result, size_t index, voyd_str *path, voyd_str *text) {
  if (!result || index + 1 >= result->compile.context.sources.files.count) {
    return false;
  }
  const SourceFile *file = sources_file(&result->compile.context.sources, (FileId)(index + 1));
  *path = out_str(file->path);
  *text = out_str(file->text);
  return true;
}

// --- Artifacts
// -------------------------------------------------------------------------------------------------------

voyd_artifact *voyd_result_artifact(const voyd_result *result) {
  return result && result->artifact ? voyd_artifact_retain(result->artifact) : NULL;
}

voyd_status voyd_artifact_load(voyd_context *context, const void *bytes, size_t size, voyd_artifact **out) {
  static const char header[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};
  if (!out || !bytes) {
    return fail(context, VOYD_E_ARG, "an argument is NULL");
  }
  *out = NULL;
  if (size < sizeof header || memcmp(bytes, header, sizeof header) != 0) {
    return fail(context, VOYD_E_ARG, "the bytes are not a WebAssembly module");
  }
  voyd_artifact *artifact = malloc(sizeof *artifact + size);
  if (!artifact) {
    return fail(context, VOYD_E_OOM, "out of memory");
  }
  atomic_init(&artifact->references, 1);
  artifact->size = size;
  memcpy(artifact->bytes, bytes, size);
  *out = artifact;
  return VOYD_OK;
}

voyd_artifact *voyd_artifact_retain(voyd_artifact *artifact) {
  if (artifact) {
    atomic_fetch_add(&artifact->references, 1);
  }
  return artifact;
}

void voyd_artifact_release(voyd_artifact *artifact) {
  if (artifact && atomic_fetch_sub(&artifact->references, 1) == 1) {
    free(artifact);
  }
}

voyd_str voyd_artifact_bytes(const voyd_artifact *artifact) {
  return artifact ? (voyd_str){artifact->bytes, artifact->size} : out_str(STR(""));
}
