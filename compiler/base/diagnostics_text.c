// Diagnostics for people: spec 08 §7, with notes and hints below the excerpt.
//
//   /p/main.voyd:4:3 ERROR [typing] TY0004: field write needs `~`, object 'tank' is immutable
//     |
//   4 |   tank.litres = tank.litres + by
//     |   ^^^^^^^^^^^ field write needs `~`, object 'tank' is immutable
#include "base/diagnostics.h"
#include "base/limits.h"

typedef struct Palette {
  const char *severity[3];
  const char *code, *dim, *reset;
} Palette;

static const Palette PLAIN = {{"", "", ""}, "", "", ""};
static const Palette ANSI = {{"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m"}, "\x1b[35m", "\x1b[2m", "\x1b[0m"};

static uint32_t digits_of(uint32_t number) {
  uint32_t digits = 1;
  while (number >= 10) {
    number /= 10;
    digits++;
  }
  return digits;
}

// A source line for the terminal: control bytes become spaces, the text keeps its columns. Very long lines
// are cut to a window around the span.
static void add_excerpt(DiagnosticSink *sink, const Palette *palette, SourceLocation at, Severity severity,
                        Str message, Text *out) {
  enum { WIDEST = 400, BEFORE = 120 };
  Str line = sources_line(sink->sources, at.file, at.line);
  if (line.length == 0) {
    return;
  }
  uint32_t pad = digits_of(at.line);
  uint32_t first = at.column - 1 > WIDEST - BEFORE ? at.column - 1 - BEFORE : 0;
  uint32_t shown = (uint32_t)line.length - first > WIDEST ? WIDEST : (uint32_t)line.length - first;
  text_repeat(out, ' ', pad);
  text_add(out, STR(" |\n"));
  text_format(out, "%u | ", at.line);
  text_add(out, first > 0 ? STR("…") : STR(""));
  for (uint32_t i = 0; i < shown; i++) {
    char c = line.ptr[first + i];
    text_add_char(out, (unsigned char)c < 0x20 || c == 0x7F ? ' ' : c);
  }
  text_add(out, first + shown < line.length ? STR("…\n") : STR("\n"));
  text_repeat(out, ' ', pad);
  text_add(out, STR(" | "));
  text_repeat(out, ' ', at.column - 1 - first + (first > 0));
  uint32_t end = at.end_line == at.line ? at.end_column - 1 : (uint32_t)line.length;
  end = end > first + shown ? first + shown : end;
  text_format(out, "%s", palette->severity[severity]);
  text_repeat(out, '^', end > at.column - 1 ? end - (at.column - 1) : 1);
  text_format(out, "%s %s", palette->reset, palette->dim);
  const char *line_end = memchr(message.ptr, '\n', message.length); // lists of candidates stand in the header
  text_add(out, line_end ? (Str){message.ptr, (size_t)(line_end - message.ptr)} : message);
  text_format(out, "%s\n", palette->reset);
}

static void add_header_place(DiagnosticSink *sink, SourceLocation at, Text *out) {
  text_add(out, sources_file(sink->sources, at.file)->path);
  text_format(out, ":%u:%u ", at.line, at.column);
}

static void add_diagnostic(DiagnosticSink *sink, const Palette *palette, const Diagnostic *diagnostic,
                           Text *out) {
  static const char *const SEVERITIES[] = {"ERROR", "WARNING", "NOTE"};
  SourceLocation at = sources_locate(sink->sources, diagnostic->span);
  add_header_place(sink, at, out);
  text_format(out, "%s%s%s [%s] %s%s%s: ", palette->severity[diagnostic->severity],
              SEVERITIES[diagnostic->severity], palette->reset, diagnostic_phase_text(diagnostic->code),
              palette->code, diagnostic_code_text(diagnostic->code), palette->reset);
  text_add(out, diagnostic->message);
  text_add_char(out, '\n');
  if (at.file) {
    add_excerpt(sink, palette, at, diagnostic->severity, diagnostic->message, out);
  }
  for (uint32_t i = 0; i < diagnostic->related.count; i++) {
    const DiagnosticNote *note = &diagnostic->related.items[i];
    SourceLocation place = sources_locate(sink->sources, note->span);
    text_format(out, "%snote%s: ", palette->severity[SEVERITY_NOTE], palette->reset);
    if (place.file) {
      add_header_place(sink, place, out);
    }
    text_add(out, note->message);
    text_add_char(out, '\n');
    if (place.file) {
      add_excerpt(sink, palette, place, SEVERITY_NOTE, STR(""), out);
    }
  }
  for (uint32_t i = 0; i < diagnostic->hints.count; i++) {
    text_format(out, "%shint%s: ", palette->severity[SEVERITY_NOTE], palette->reset);
    text_add(out, diagnostic->hints.items[i]);
    text_add_char(out, '\n');
  }
}

static bool same_diagnostic(const Diagnostic *a, const Diagnostic *b) {
  return a->code == b->code && a->severity == b->severity && a->span.start == b->span.start &&
         a->span.end == b->span.end && str_equal(a->message, b->message);
}

static uint32_t diagnostic_hash(const Diagnostic *diagnostic) {
  uint64_t hash = hash_mix(diagnostic->code, id_pair(diagnostic->span.start, diagnostic->span.end));
  return (uint32_t)hash_mix(hash, hash_bytes(diagnostic->message.ptr, diagnostic->message.length));
}

typedef struct SeenKey {
  const DiagnosticSink *sink;
  const Diagnostic *diagnostic;
} SeenKey;

static bool seen_equal(const void *context, uint32_t id) {
  const SeenKey *key = context;
  return same_diagnostic(key->sink->items.items[id], key->diagnostic);
}

void diagnostics_render_text(DiagnosticSink *sink, DiagnosticStyle style, Text *out) {
  const Palette *palette = style.color ? &ANSI : &PLAIN;
  HashIndex seen = {0};
  uint32_t duplicates = 0, imports = 0, imports_dropped = 0, printed = 0;
  for (uint32_t i = 0; i < sink->items.count; i++) {
    const Diagnostic *diagnostic = sink->items.items[i];
    uint32_t hash = diagnostic_hash(diagnostic);
    if (hash_index_find(&seen, hash, seen_equal, &(SeenKey){sink, diagnostic}) != ID_MAP_NONE) {
      duplicates++;
      continue;
    }
    hash_index_add(sink->arena, &seen, hash, i);
    if (diagnostic->code == DIAGNOSTIC_BD0001 && ++imports > LIMIT_IMPORT_DIAGNOSTICS) {
      imports_dropped++;
      continue;
    }
    text_add(out, printed++ > 0 ? STR("\n") : STR(""));
    add_diagnostic(sink, palette, diagnostic, out);
  }
  if (duplicates + imports_dropped > 0) {
    uint32_t dropped = duplicates + imports_dropped;
    text_format(out,
                "\nSuppressed %u additional diagnostic%s (%u duplicate%s, %u import diagnostic%s above "
                "display limit).\n",
                dropped, dropped == 1 ? "" : "s", duplicates, duplicates == 1 ? "" : "s", imports_dropped,
                imports_dropped == 1 ? "" : "s");
  }
}
