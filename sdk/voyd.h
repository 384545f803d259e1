/* libvoyd: the Voyd compiler as a C library.
 *
 * A context holds configuration; options describe one compilation; `voyd_compile` gives a result with
 * diagnostics and, if the program has no errors, an artifact: a WebAssembly module.
 *
 *   voyd_context *context;
 *   voyd_context_new(NULL, &context);
 *   voyd_options *options = voyd_options_new(context);
 *   voyd_options_set_source(options, VOYD_STR("pub fn main() -> i32\n  42\n"));
 *   voyd_result *result;
 *   if (voyd_compile(context, options, &result) == VOYD_OK) {
 *     voyd_artifact *artifact = voyd_result_artifact(result);
 *     voyd_str bytes = voyd_artifact_bytes(artifact);
 *     ...
 *     voyd_artifact_release(artifact);
 *   }
 *   voyd_result_free(result);
 *   voyd_options_free(options);
 *   voyd_context_free(context);
 *
 * Rules
 * - Nothing aborts the process. Errors of the program are diagnostics; a failure of the compiler itself is
 *   VOYD_E_INTERNAL with a diagnostic that says so. Nothing is printed, but for the perf line that was asked
 * for.
 * - Texts are UTF-8 with explicit length and need not end in NUL. Texts given are copied. Texts and views
 * returned belong to the object that returned them and live as long as it does.
 * - `*_new` pairs with `*_free`, `retain` and functions that say so with `release`. Freeing NULL does
 * nothing.
 * - An object is used by one thread at a time; objects of different contexts are independent. Free the
 * options and results of a context before the context. Artifacts are independent and may outlive everything.
 * - Enums only grow. Structs that the caller fills begin with their `size`, so that fields can be added.
 */
#ifndef VOYD_SDK_VOYD_H
#define VOYD_SDK_VOYD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define VOYD_API __attribute__((visibility("default")))
#else
#define VOYD_API
#endif

/* Raised when compiled code that uses this header would break. */
#define VOYD_ABI_VERSION 1
VOYD_API uint32_t voyd_abi_version(void);
VOYD_API const char *voyd_version(void); /* "0.1.0" */

typedef struct voyd_str {
  const char *ptr;
  size_t len;
} voyd_str;

#define VOYD_STR(literal) ((voyd_str){(literal), sizeof(literal) - 1})

typedef enum voyd_status {
  VOYD_OK = 0,
  VOYD_E_DIAGNOSTICS, /* the program has errors */
  VOYD_E_ARG,         /* a wrong argument: NULL, an unknown enum value, text where none may be */
  VOYD_E_IO,
  VOYD_E_OOM,
  VOYD_E_STATE,
  VOYD_E_NOT_FOUND,
  VOYD_E_INTERNAL /* a bug of the compiler */
} voyd_status;

/* ---- Context
 * ---------------------------------------------------------------------------------------------------- */

typedef struct voyd_context voyd_context;

typedef struct voyd_context_options {
  size_t size;       /* sizeof(voyd_context_options) */
  voyd_str std_root; /* default of VOYD_ROOT_STD for every compilation; empty: VOYD_STD_ROOT, else the
                        embedded library */
} voyd_context_options;

/* `options` may be NULL. */
VOYD_API voyd_status voyd_context_new(const voyd_context_options *options, voyd_context **out);
VOYD_API void voyd_context_free(voyd_context *context);
/* Text for the last status of this context other than VOYD_OK and VOYD_E_DIAGNOSTICS. */
VOYD_API voyd_str voyd_context_last_error(const voyd_context *context);

/* ---- Options of one compilation
 * --------------------------------------------------------------------------------- */

typedef struct voyd_options voyd_options;

typedef enum voyd_opt_level {
  VOYD_LEVEL_NONE,     /* fastest compilation; the default */
  VOYD_LEVEL_BALANCED, /* our passes and one cycle of Binaryen's */
  VOYD_LEVEL_RELEASE   /* everything */
} voyd_opt_level;

typedef enum voyd_root {
  VOYD_ROOT_SRC, /* default: the nearest folder named `src` above the entry, else the entry's folder */
  VOYD_ROOT_STD
} voyd_root;

/* What the result holds beside diagnostics. */
typedef enum voyd_output {
  VOYD_OUTPUT_WASM,       /* the artifact; wanted by default */
  VOYD_OUTPUT_WAT,        /* its text form */
  VOYD_OUTPUT_IR,         /* the compiler's own intermediate representation, as text */
  VOYD_OUTPUT_DUMP,       /* the same after the pass named by voyd_options_set_dump_after */
  VOYD_OUTPUT_AST,        /* of the entry module */
  VOYD_OUTPUT_FORMS,      /* surface forms of the entry module after macro expansion, as S-expressions */
  VOYD_OUTPUT_FORMS_JSON, /* the same as JSON */
  VOYD_OUTPUT_SOURCE,     /* the same as Voyd text */
  VOYD_OUTPUT_TRACE,      /* the macro invocations of the entry module in order, one on each line, nested ones
                             indented */
  VOYD_OUTPUT_BASE_FORMS, /* JSON of the entry file as it is read, before everything else; to be wanted alone.
                             There also after errors: what could be read */
  VOYD_OUTPUT_TYPED       /* what checking found about each expression of the user's own bodies, as text */
} voyd_output;

typedef enum voyd_flag {
  VOYD_FLAG_NAMES,               /* write a name section: functions show their names in stack traces */
  VOYD_FLAG_VALIDATE,            /* validate the module before it is written */
  VOYD_FLAG_RUNTIME_DIAGNOSTICS, /* source positions of traps */
  VOYD_FLAG_TESTS,               /* include tests */
  VOYD_FLAG_TESTS_ONLY,
  VOYD_FLAG_EAGER_STD,   /* read all of the standard library; gives the same module */
  VOYD_FLAG_PERF,        /* measure: voyd_result_perf */
  VOYD_FLAG_PERF_REPORT, /* measure, and print the summary line to standard error as VOYD_COMPILER_PERF=1 does
                          */
  VOYD_FLAG_PERF_TRACE,  /* measure, and keep every span for VOYD_PERF_TRACE */
  VOYD_FLAG_PERF_MEMORY  /* also measure resident memory per phase (of the whole process) */
} voyd_flag;

/* NULL when out of memory. */
VOYD_API voyd_options *voyd_options_new(voyd_context *context);
VOYD_API void voyd_options_free(voyd_options *options);
/* Entry file; `.voyd` is appended if missing. With a source it is the name that the source goes by (default
 * index.voyd). */
VOYD_API voyd_status voyd_options_set_entry(voyd_options *options, voyd_str path);
/* Text of the entry module; wins over the file of its name. */
VOYD_API voyd_status voyd_options_set_source(voyd_options *options, voyd_str text);
/* A further virtual file, path relative to the source root; wins over the file system. */
VOYD_API voyd_status voyd_options_add_file(voyd_options *options, voyd_str path, voyd_str text);
VOYD_API voyd_status voyd_options_set_root(voyd_options *options, voyd_root root, voyd_str directory);
/* A folder with installed packages, relative to the source root. May be called several times. */
VOYD_API voyd_status voyd_options_add_package_dir(voyd_options *options, voyd_str directory);
VOYD_API voyd_status voyd_options_set_opt_level(voyd_options *options, voyd_opt_level level);
/* Without any output the program is only checked. */
VOYD_API voyd_status voyd_options_set_output(voyd_options *options, voyd_output output, bool wanted);
/* For VOYD_OUTPUT_DUMP, which needs a level that optimises. VOYD_E_NOT_FOUND if there is no such pass. */
VOYD_API voyd_status voyd_options_set_dump_after(voyd_options *options, voyd_str pass);
VOYD_API voyd_status voyd_options_set_flag(voyd_options *options, voyd_flag flag, bool value);

/* The entry file that a path given by a person means: for a folder its main.voyd, else its pkg.voyd
 * (VOYD_E_NOT_FOUND if it has neither), for anything else the path itself. Sets the entry. */
VOYD_API voyd_status voyd_options_find_entry(voyd_options *options, voyd_str path);

/* ---- Compiling
 * -------------------------------------------------------------------------------------------------- */

typedef struct voyd_result voyd_result;

/* `*out` is set, and must be freed, for VOYD_OK, VOYD_E_DIAGNOSTICS and VOYD_E_INTERNAL; else it is NULL. */
VOYD_API voyd_status voyd_compile(voyd_context *context, const voyd_options *options, voyd_result **out);
VOYD_API void voyd_result_free(voyd_result *result);

typedef enum voyd_severity { VOYD_SEVERITY_ERROR, VOYD_SEVERITY_WARNING, VOYD_SEVERITY_NOTE } voyd_severity;

/* A place in a source file: byte offsets, half-open; lines and columns from 1, columns in bytes. Without a
 * file all is 0. */
typedef struct voyd_span {
  voyd_str file; /* absolute path, or `std:array.voyd` for embedded files */
  uint32_t start, end;
  uint32_t line, column;
  uint32_t end_line, end_column;
} voyd_span;

typedef struct voyd_diagnostic {
  voyd_str code;  /* "TY0027" */
  voyd_str phase; /* "typing" */
  voyd_severity severity;
  voyd_str message;
  voyd_span span;
  size_t related_count;
  size_t hint_count;
} voyd_diagnostic;

typedef struct voyd_related {
  voyd_str message;
  voyd_span span;
} voyd_related;

/* In the order of report; warnings are there also when the program compiled. False if there is no such index.
 */
VOYD_API size_t voyd_result_diagnostic_count(const voyd_result *result);
VOYD_API bool voyd_result_diagnostic(voyd_result *result, size_t index, voyd_diagnostic *out);
VOYD_API bool voyd_result_related(voyd_result *result, size_t diagnostic, size_t index, voyd_related *out);
VOYD_API bool voyd_result_hint(const voyd_result *result, size_t diagnostic, size_t index, voyd_str *out);
/* All diagnostics for people, with source lines. Empty without diagnostics. */
VOYD_API voyd_str voyd_result_diagnostics_text(voyd_result *result, bool color);
/* All diagnostics as one JSON array on one line, without line end. */
VOYD_API voyd_str voyd_result_diagnostics_json(voyd_result *result);

/* The text of an output that was wanted, if the compilation came so far; else empty. For VOYD_OUTPUT_WASM the
 * bytes. */
VOYD_API voyd_str voyd_result_output(const voyd_result *result, voyd_output output);

/* VOYD_E_INTERNAL: where in the compiler it failed and why. Else empty. */
VOYD_API voyd_str voyd_result_failure(const voyd_result *result);

typedef enum voyd_perf_report {
  VOYD_PERF_JSON,        /* one line, schema in docs/performance.md */
  VOYD_PERF_TABLE,       /* for people */
  VOYD_PERF_TABLE_COLOR, /* with colours */
  VOYD_PERF_TRACE        /* Chrome trace format */
} voyd_perf_report;

/* Where time and memory went; empty if not measured. */
VOYD_API voyd_str voyd_result_perf(voyd_result *result, voyd_perf_report report);

/* The sources that the compilation read, in order of reading. False if there is no such index. */
VOYD_API bool voyd_result_source(const voyd_result *result, size_t index, voyd_str *path, voyd_str *text);

/* ---- Artifacts
 * -------------------------------------------------------------------------------------------------- */

/* A compiled module. Counted references; may be shared between threads. */
typedef struct voyd_artifact voyd_artifact;

/* A new reference, or NULL if the compilation made no module. */
VOYD_API voyd_artifact *voyd_result_artifact(const voyd_result *result);
/* A module compiled earlier; the bytes are copied. */
VOYD_API voyd_status voyd_artifact_load(voyd_context *context, const void *bytes, size_t size,
                                        voyd_artifact **out);
VOYD_API voyd_artifact *voyd_artifact_retain(voyd_artifact *artifact);
VOYD_API void voyd_artifact_release(voyd_artifact *artifact);
VOYD_API voyd_str voyd_artifact_bytes(const voyd_artifact *artifact);

#ifdef __cplusplus
}
#endif

#endif
