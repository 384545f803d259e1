// Diagnostics for tools: one JSON array on one line (spec 03 §12.7, 08 §7.2). Written directly rather than
// through a JSON library, since it only writes and must escape invalid UTF-8 of broken sources itself.
#include "base/diagnostics.h"

static void add_string(Text *out, const char *key, Str value) {
  text_format(out, "\"%s\":\"", key);
  text_add_json(out, value);
  text_add_char(out, '"');
}

static void add_place(DiagnosticSink *sink, Span span, Text *out) {
  SourceLocation at = sources_locate(sink->sources, span);
  text_add(out, STR("\"span\":{"));
  add_string(out, "file", sources_file(sink->sources, at.file)->path);
  text_format(out, ",\"start\":%u,\"end\":%u},\"line\":%u,\"column\":%u", at.start, at.end, at.line,
              at.column);
}

static void add_head(const Diagnostic *diagnostic, Severity severity, Str message, Text *out) {
  text_format(out, "{\"code\":\"%s\",\"severity\":\"%s\",\"phase\":\"%s\",",
              diagnostic_code_text(diagnostic->code), severity_text(severity),
              diagnostic_phase_text(diagnostic->code));
  add_string(out, "message", message);
  text_add_char(out, ',');
}

void diagnostics_render_json(DiagnosticSink *sink, Text *out) {
  text_add_char(out, '[');
  for (uint32_t i = 0; i < sink->items.count; i++) {
    const Diagnostic *diagnostic = sink->items.items[i];
    text_add(out, i > 0 ? STR(",") : STR(""));
    add_head(diagnostic, diagnostic->severity, diagnostic->message, out);
    add_place(sink, diagnostic->span, out);
    text_add(out, STR(",\"hints\":["));
    for (uint32_t h = 0; h < diagnostic->hints.count; h++) {
      text_add(out, h > 0 ? STR(",{") : STR("{"));
      add_string(out, "message", diagnostic->hints.items[h]);
      text_add_char(out, '}');
    }
    text_add(out, STR("],\"related\":["));
    for (uint32_t r = 0; r < diagnostic->related.count; r++) {
      text_add(out, r > 0 ? STR(",") : STR(""));
      add_head(diagnostic, SEVERITY_NOTE, diagnostic->related.items[r].message, out);
      add_place(sink, diagnostic->related.items[r].span, out);
      text_add_char(out, '}');
    }
    text_add(out, STR("]}"));
  }
  text_add_char(out, ']');
}
