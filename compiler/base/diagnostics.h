// Diagnostics: what is wrong with the user's program. Phases add them; only the driver's clients print them.
//
// A diagnostic has a code of base/diagnostics.def, a message that names every parameter of the registry (spec
// 08 §4), a span, related notes with spans of their own, and hints. The order in the sink is the order of
// report.
#ifndef VOYD_BASE_DIAGNOSTICS_H
#define VOYD_BASE_DIAGNOSTICS_H

#include "base/source.h"
#include "base/text.h"

typedef enum { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE } Severity;

typedef enum {
#define DIAGNOSTIC(code, severity, what) DIAGNOSTIC_##code,
#include "base/diagnostics.def"
#undef DIAGNOSTIC
  DIAGNOSTIC_CODE_COUNT
} DiagnosticCode;

typedef struct DiagnosticNote {
  Span span;
  Str message;
} DiagnosticNote;

typedef struct Diagnostic {
  DiagnosticCode code;
  Severity severity;
  Span span;
  Str message;
  VECTOR(DiagnosticNote) related;
  VECTOR(Str) hints;
} Diagnostic;

typedef struct DiagnosticSink {
  Arena *arena;
  SourceTable *sources;
  VECTOR(Diagnostic *) items;
  uint32_t errors;         // of severity error, muted ones excluded
  uint32_t muted;          // depth; while above 0 diagnostics are counted below and dropped
  uint32_t muted_errors;   // errors dropped since the outermost mute
  uint32_t muted_warnings; // dropped so far
  Diagnostic *dropped;     // where muted calls write to
} DiagnosticSink;

void diagnostics_init(DiagnosticSink *sink, Arena *arena, SourceTable *sources);

// Adds a diagnostic with the default severity of its code. Never NULL; related notes and hints may be added
// to the result until the next diagnostic. The message is copied.
__attribute__((format(printf, 4, 5))) Diagnostic *diagnostic_add(DiagnosticSink *sink, DiagnosticCode code,
                                                                 Span span, const char *format, ...);
// The same as a note of its own: nothing is wrong.
__attribute__((format(printf, 4, 5))) Diagnostic *diagnostic_remark(DiagnosticSink *sink, DiagnosticCode code,
                                                                    Span span, const char *format, ...);
__attribute__((format(printf, 4, 5))) void diagnostic_related(DiagnosticSink *sink, Diagnostic *diagnostic,
                                                              Span span, const char *format, ...);
__attribute__((format(printf, 3, 4))) void diagnostic_hint(DiagnosticSink *sink, Diagnostic *diagnostic,
                                                           const char *format, ...);

// Speculation: between mute and unmute nothing is recorded. Unmute gives the number of errors seen since its
// mute.
uint32_t diagnostics_mute(DiagnosticSink *sink);
uint32_t diagnostics_unmute(DiagnosticSink *sink, uint32_t mark);

const char *diagnostic_code_text(DiagnosticCode code);  // "TY0027"
const char *diagnostic_phase_text(DiagnosticCode code); // "typing"
const char *severity_text(Severity severity);           // "error"

typedef struct DiagnosticStyle {
  bool color; // ANSI colours
} DiagnosticStyle;

// The layout of spec 08 §7 for all diagnostics of the sink, duplicates dropped, with notes and hints after
// the excerpt.
void diagnostics_render_text(DiagnosticSink *sink, DiagnosticStyle style, Text *out);
// One JSON array on one line (without line end), of {code, severity, phase, message, span:{file,start,end},
// line, column, hints, related}; offsets in bytes.
void diagnostics_render_json(DiagnosticSink *sink, Text *out);

#endif
