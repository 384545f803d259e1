// Documentation comments (spec 01 §16): lines are noted by the lexer, joined to blocks here, and the line
// that a block documents is found. Which declaration stands on that line is for ast/ to say.
#include "syntax/reader.h"

#include <string.h>

void docs_note_line(Reader *reader, const char *start, const char *end) {
  if (end > start && end[-1] == '\r') {
    end--;
  }
  Span span = read_span(reader, lex_offset(reader, start), lex_offset(reader, end));
  VECTOR_PUSH(reader->scratch, &reader->docs,
              (DocComment){.kind = start[2] == '/' ? DOC_OUTER : DOC_INNER,
                           .indent = reader->indent,
                           .span = span,
                           .text = {start + 3, (size_t)(end - start - 3)}});
}

static const char *line_end(const Reader *reader, const char *at) {
  const char *end = memchr(at, '\n', reader->length - lex_offset(reader, at));
  return end ? end : reader->text + reader->length;
}

static const char *skip_blanks(const char *at) {
  while (*at == ' ' || *at == '\r') {
    at++;
  }
  return at;
}

// The next significant line after `at`, the end of a block's last line: comments and attributes are passed
// over.
static Span find_target(const Reader *reader, const char *at) {
  const char *end = reader->text + reader->length;
  at = line_end(reader, at);
  while (at < end) {
    const char *start = skip_blanks(at + 1);
    const char *stop = line_end(reader, start);
    bool comment = start + 1 < stop && start[0] == '/' && start[1] == '/';
    bool inner = comment && start + 2 < stop && start[2] == '!';
    if (start == stop || inner) {
      break;
    }
    if (!comment && *start != '@') {
      return read_span(reader, lex_offset(reader, start), lex_offset(reader, stop));
    }
    at = stop;
  }
  return (Span){0, 0};
}

// Does `next` stand on the line after `block`'s last line?
static bool follows(const Reader *reader, const DocComment *block, const DocComment *next) {
  const char *end = line_end(reader, reader->text + (block->span.end - reader->base));
  return end < reader->text + reader->length &&
         skip_blanks(end + 1) == reader->text + (next->span.start - reader->base);
}

void docs_finish(Reader *reader) {
  Arena *arena = &reader->forms->arena;
  uint32_t count = reader->docs.count, kept = 0;
  for (uint32_t i = 0; i < count;) {
    DocComment doc = reader->docs.items[i++];
    Text text = text_new(arena);
    text_add(&text, doc.text);
    if (doc.kind == DOC_OUTER) {
      while (i < count && reader->docs.items[i].kind == DOC_OUTER &&
             follows(reader, &doc, &reader->docs.items[i])) {
        text_add_char(&text, '\n');
        text_add(&text, reader->docs.items[i].text);
        doc.span.end = reader->docs.items[i++].span.end;
      }
      doc.target = find_target(reader, reader->text + (doc.span.end - reader->base));
      if (!span_known(doc.target)) {
        diagnostic_add(&reader->forms->context->diagnostics, DIAGNOSTIC_MD0004, doc.span,
                       "Dangling doc comment: nothing to document follows directly");
      }
    }
    doc.text = text_str(&text);
    reader->docs.items[kept++] = doc;
  }
  reader->docs.count = kept;
}
