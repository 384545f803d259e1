// The errors of one file: noted while lexing and parsing, reported in the order of the text.
#include "syntax/reader.h"

#include <stdlib.h>
#include <string.h>

SyntaxError *read_error(Reader *reader, uint32_t start, uint32_t end, const char *format, ...) {
  if (reader->errors.count >= LIMIT_SYNTAX_ERRORS) {
    reader->aborted = true;
  }
  Text message = text_new(reader->scratch);
  va_list arguments;
  va_start(arguments, format);
  text_format_list(&message, format, arguments);
  va_end(arguments);
  if (end <= start) {
    end = start + 1;
  }
  if (end > reader->length && reader->length > 0) { // at the end of the file: its last character
    end = reader->length;
    start = start >= end ? end - 1 : start;
  }
  reader->failed = true;
  VECTOR_PUSH(reader->scratch, &reader->errors,
              (SyntaxError){.start = start, .end = end, .message = text_str(&message), .hint = STR("")});
  return &reader->errors.items[reader->errors.count - 1];
}

void read_error_hint(Reader *reader, SyntaxError *error, const char *format, ...) {
  Text hint = text_new(reader->scratch);
  va_list arguments;
  va_start(arguments, format);
  text_format_list(&hint, format, arguments);
  va_end(arguments);
  error->hint = text_str(&hint);
}

void read_error_note(Reader *reader, SyntaxError *error, uint32_t start, uint32_t end, const char *format,
                     ...) {
  Text note = text_new(reader->scratch);
  va_list arguments;
  va_start(arguments, format);
  text_format_list(&note, format, arguments);
  va_end(arguments);
  error->note = text_str(&note);
  error->note_start = start;
  error->note_end = end;
}

static int by_position(const void *a, const void *b) {
  const SyntaxError *left = a, *right = b;
  return left->start != right->start ? (left->start < right->start ? -1 : 1)
         : left->end != right->end   ? (left->end < right->end ? -1 : 1)
                                     : 0;
}

static bool same_line(const Reader *reader, uint32_t from, uint32_t to) {
  return !memchr(reader->text + from, '\n', to - from);
}

void read_errors_settle(Reader *reader) {
  SyntaxError *errors = reader->errors.items;
  if (reader->errors.count > 1) {
    qsort(errors, reader->errors.count, sizeof *errors, by_position);
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < reader->errors.count; i++) {
    SyntaxError error = errors[i];
    if (kept > 0 && errors[kept - 1].ends_line && same_line(reader, errors[kept - 1].start, error.start)) {
      continue;
    }
    while (kept > 0 && (error.ends_line || (error.excuses_commas && errors[kept - 1].is_comma)) &&
           same_line(reader, errors[kept - 1].start, error.start)) {
      kept--;
    }
    errors[kept++] = error;
  }
  reader->errors.count = kept;
}

void read_errors_report(const Reader *reader) {
  DiagnosticSink *sink = &reader->forms->context->diagnostics;
  for (uint32_t i = 0; i < reader->errors.count && i < LIMIT_SYNTAX_ERRORS; i++) {
    const SyntaxError *error = &reader->errors.items[i];
    Diagnostic *diagnostic =
        diagnostic_add(sink, DIAGNOSTIC_MD0002, read_span(reader, error->start, error->end), "%.*s",
                       STR_ARGS(error->message));
    if (error->note_end > error->note_start) {
      diagnostic_related(sink, diagnostic, read_span(reader, error->note_start, error->note_end), "%.*s",
                         STR_ARGS(error->note));
    }
    if (error->hint.length > 0) {
      diagnostic_hint(sink, diagnostic, "%.*s", STR_ARGS(error->hint));
    }
  }
}

void read_too_deep(Reader *reader, uint32_t start, uint32_t end) {
  if (!reader->aborted) {
    read_error(reader, start, end, "nested too deeply");
  }
  reader->aborted = true;
  reader->next = reader->tokens.count - 1; // the end: every loop stops there
}
