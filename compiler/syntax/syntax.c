// Reading one file: the lexer, then the layout parser, then the checks on base forms.
#include "syntax/reader.h"

static FormId reserved(FormTable *forms, Name name) {
  return form_atom(forms, FORM_IDENTIFIER, name, FORM_FLAG_RESERVED, (Span){0, 0});
}

static void make_heads(Reader *reader) {
  FormTable *forms = reader->forms;
  reader->head_ast = reserved(forms, NAME_AST);
  reader->head_tuple = reserved(forms, NAME_TUPLE);
  reader->head_object_literal = reserved(forms, NAME_OBJECT_LITERAL);
  reader->head_generics = reserved(forms, NAME_GENERICS);
  reader->head_subscript = reserved(forms, NAME_SUBSCRIPT);
  reader->head_array_literal = reserved(forms, NAME_ARRAY_LITERAL);
  reader->head_interpolation = reserved(forms, NAME_INTERPOLATION);
  reader->head_markup = reserved(forms, NAME_MARKUP);
  reader->head_block = form_atom(forms, FORM_IDENTIFIER, NAME_BLOCK, 0, (Span){0, 0});
}

FormId syntax_read(FormTable *forms, FileId file, SyntaxResult *result) {
  const SyntaxPart whole = {0, UINT32_MAX};
  return syntax_read_parts(forms, file, &whole, 1, result);
}

// The file as one reading gives it; the reader lives in scratch memory.
static Reader *read_once(FormTable *forms, const SourceFile *source, const SyntaxPart *parts, uint32_t count,
                         const uint32_t *blamed, uint32_t blamed_count, SyntaxResult *result) {
  uint32_t forms_before = forms->count;
  Reader *reader = ARENA_NEW(&forms->scratch, Reader);
  reader->scratch = &forms->scratch;
  reader->forms = forms;
  reader->names = &forms->context->names;
  reader->text = reader->at = source->text.ptr;
  reader->length = (uint32_t)source->text.length;
  reader->base = source->base;
  reader->file_parts = parts;
  reader->file_part_count = count;
  reader->suspect = NO_QUOTE;
  reader->blamed = blamed;
  reader->blamed_count = blamed_count;
  make_heads(reader);
  lex_start(reader);
  *result = (SyntaxResult){0};
  read_module(reader, result);
  uses_check_module(reader, result->root);
  read_errors_settle(reader);
  result->forms = forms->count - forms_before;
  return reader;
}

enum { MOST_BLAMED = 8 };

FormId syntax_read_parts(FormTable *forms, FileId file, const SyntaxPart *parts, uint32_t count,
                         SyntaxResult *result) {
  const SourceFile *source = sources_file(&forms->context->sources, file);
  uint32_t blamed[MOST_BLAMED];
  Reader *reader = read_once(forms, source, parts, count, blamed, 0, result);
  for (uint32_t i = 0; i < MOST_BLAMED && reader->failed && reader->suspect != NO_QUOTE; i++) {
    blamed[i] = reader->suspect;
    reader = read_once(forms, source, parts, count, blamed, i + 1, result);
  }
  docs_finish(reader);
  read_errors_report(reader);
  result->ok = !reader->failed;
  result->no_prelude = reader->no_prelude;
  result->has_markup = reader->has_markup;
  DocComment *docs = ARENA_ARRAY(&forms->arena, DocComment, reader->docs.count);
  for (uint32_t i = 0; i < reader->docs.count; i++) {
    docs[i] = reader->docs.items[i];
  }
  result->docs = docs;
  result->doc_count = reader->docs.count;
  result->lines = reader->lines;
  result->tokens = reader->token_count;
  arena_free(&forms->scratch); // the reader too
  return result->root;
}
