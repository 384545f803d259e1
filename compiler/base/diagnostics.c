// Collecting diagnostics (base/diagnostics.h). Rendering lives in diagnostics_text.c and diagnostics_json.c.
#include "base/diagnostics.h"
#include "base/limits.h"

typedef struct CodeInfo {
  char text[8];
  Severity severity;
} CodeInfo;

static const CodeInfo CODES[DIAGNOSTIC_CODE_COUNT] = {
#define DIAGNOSTIC(code, severity, what) {#code, SEVERITY_##severity},
#include "base/diagnostics.def"
#undef DIAGNOSTIC
};

void diagnostics_init(DiagnosticSink *sink, Arena *arena, SourceTable *sources) {
  *sink = (DiagnosticSink){.arena = arena, .sources = sources};
  sink->dropped = ARENA_NEW(arena, Diagnostic);
}

static Diagnostic *add(DiagnosticSink *sink, DiagnosticCode code, Severity severity, Span span,
                       const char *format, va_list arguments) {
  if (sink->muted > 0) {
    sink->muted_errors += severity == SEVERITY_ERROR;
    sink->muted_warnings += severity == SEVERITY_WARNING;
    return sink->dropped;
  }
  // Warnings must not crowd out errors.
  bool error = severity == SEVERITY_ERROR;
  if ((error ? sink->errors : sink->items.count) >= LIMIT_DIAGNOSTICS) {
    sink->errors += error;
    return sink->dropped;
  }
  Text message = text_new(sink->arena);
  text_format_list(&message, format, arguments);
  Diagnostic *diagnostic = ARENA_NEW(sink->arena, Diagnostic);
  diagnostic->code = code;
  diagnostic->severity = severity;
  diagnostic->span = span;
  diagnostic->message = text_str(&message);
  VECTOR_PUSH(sink->arena, &sink->items, diagnostic);
  sink->errors += error;
  return diagnostic;
}

Diagnostic *diagnostic_add(DiagnosticSink *sink, DiagnosticCode code, Span span, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  Diagnostic *diagnostic = add(sink, code, CODES[code].severity, span, format, arguments);
  va_end(arguments);
  return diagnostic;
}

Diagnostic *diagnostic_remark(DiagnosticSink *sink, DiagnosticCode code, Span span, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  Diagnostic *diagnostic = add(sink, code, SEVERITY_NOTE, span, format, arguments);
  va_end(arguments);
  return diagnostic;
}

void diagnostic_related(DiagnosticSink *sink, Diagnostic *diagnostic, Span span, const char *format, ...) {
  if (diagnostic == sink->dropped) {
    return;
  }
  Text message = text_new(sink->arena);
  va_list arguments;
  va_start(arguments, format);
  text_format_list(&message, format, arguments);
  va_end(arguments);
  VECTOR_PUSH(sink->arena, &diagnostic->related, (DiagnosticNote){span, text_str(&message)});
}

void diagnostic_hint(DiagnosticSink *sink, Diagnostic *diagnostic, const char *format, ...) {
  if (diagnostic == sink->dropped) {
    return;
  }
  Text message = text_new(sink->arena);
  va_list arguments;
  va_start(arguments, format);
  text_format_list(&message, format, arguments);
  va_end(arguments);
  VECTOR_PUSH(sink->arena, &diagnostic->hints, text_str(&message));
}

uint32_t diagnostics_mute(DiagnosticSink *sink) {
  if (sink->muted++ == 0) {
    sink->muted_errors = 0;
  }
  return sink->muted_errors;
}

uint32_t diagnostics_unmute(DiagnosticSink *sink, uint32_t mark) {
  sink->muted--;
  return sink->muted_errors - mark;
}

const char *diagnostic_code_text(DiagnosticCode code) {
  return CODES[code].text;
}

const char *diagnostic_phase_text(DiagnosticCode code) {
  switch (CODES[code].text[0]) {
  case 'M':
    return "module-graph";
  case 'B':
    return "binder";
  case 'C':
    return "codegen";
  default:
    return "typing";
  }
}

const char *severity_text(Severity severity) {
  static const char *const TEXTS[] = {"error", "warning", "note"};
  return TEXTS[severity];
}
