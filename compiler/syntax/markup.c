// Elements to forms (spec 01 §17, 02 §13.5): (markup tag (attribute…) (child…)). See syntax/syntax.h.
#include "syntax/reader.h"

#include <string.h>

static const Token *peek(const Reader *reader) {
  return &reader->tokens.items[reader->next];
}

static Span token_span(const Reader *reader, const Token *token) {
  return read_span(reader, token->start, token->end);
}

// `a::b::C` as the path that it is.
static FormId tag_form(Reader *reader, const Token *token) {
  Str name = names_text(reader->names, token->value);
  uint32_t at = 0, start = token->start + 1;
  FormId path = 0;
  for (;;) {
    uint32_t end = at;
    while (end < name.length && name.ptr[end] != ':') {
      end++;
    }
    Name segment = names_intern(reader->names, (Str){name.ptr + at, end - at});
    FormId atom =
        form_atom(reader->forms, FORM_IDENTIFIER, segment, 0, read_span(reader, start + at, start + end));
    if (path) {
      FormId colons = form_atom(reader->forms, FORM_IDENTIFIER, NAME_PATH, 0,
                                read_span(reader, start + at - 2, start + at));
      FormId parts[] = {colons, path, atom};
      path = make_list(reader, parts, 3, 0, start, start + end);
    } else {
      path = atom;
    }
    if (end >= name.length) {
      return path;
    }
    at = end + 2;
    name = names_text(reader->names, token->value);
  }
}

// Properties that only some elements have (02 §13.5).
static const struct {
  const char *property;
  const char *tags; // each between blanks
} PROPERTIES[] = {
    {"value", " button data li meter option param progress input textarea "},
    {"checked", " input "},
    {"disabled", " button fieldset input optgroup option select textarea "},
};

static void check_property(Reader *reader, const Token *tag, const Token *attribute, uint32_t end) {
  Str name = names_text(reader->names, tag->value), property = names_text(reader->names, attribute->value);
  uint32_t last = (uint32_t)name.length;
  while (last > 0 && name.ptr[last - 1] != ':') {
    last--;
  }
  if (name.ptr[last] >= 'A' && name.ptr[last] <= 'Z') {
    return;
  }
  for (size_t i = 0; i < sizeof PROPERTIES / sizeof *PROPERTIES; i++) {
    if (!str_equal(property, str_from(PROPERTIES[i].property))) {
      continue;
    }
    Str wanted = arena_format(reader->scratch, " %.*s ", STR_ARGS(name));
    if (!strstr(PROPERTIES[i].tags, wanted.ptr)) {
      SyntaxError *error = read_error(reader, attribute->start, end,
                                      "JSX property '%s' has no stable SSR representation on <%.*s>",
                                      PROPERTIES[i].property, STR_ARGS(name));
      read_error_hint(reader, error, "it is known on:%s", PROPERTIES[i].tags);
    }
  }
}

// The entry of a `{…}`; 0 if it is empty. `*end` is where it ends.
static FormId hole(Reader *reader, uint32_t *end) {
  const Token *open = peek(reader);
  uint32_t first = reader->ids.count;
  reader->next++;
  *end = read_entries(reader, false);
  if (reader->ids.count > first + 1) {
    read_error(reader, open->start, *end, "'{…}' holds exactly one expression");
  }
  FormId entry = reader->ids.count > first ? reader->ids.items[first] : 0;
  reader->ids.count = first;
  return entry;
}

// (: name value)
static FormId attribute_form(Reader *reader, const Token *tag) {
  const Token *name = peek(reader);
  uint32_t end = name->end;
  reader->next++;
  FormId value;
  if (peek(reader)->kind == TOKEN_TEXT) {
    const Token *text = peek(reader);
    value = form_atom(reader->forms, FORM_STRING, text->value, 0, token_span(reader, text));
    end = text->end;
    reader->next++;
  } else if (peek(reader)->kind == TOKEN_OPEN_HOLE) {
    uint32_t start = peek(reader)->start;
    value = hole(reader, &end);
    if (!value) {
      read_error(reader, start, end, "Unescaped curly brace must be followed by an expression");
      value = make_list(reader, NULL, 0, 0, start, end);
    }
  } else {
    value = form_atom(reader->forms, FORM_BOOL, 1, 0, token_span(reader, name));
  }
  check_property(reader, tag, name, end);
  FormId parts[] = {form_atom(reader->forms, FORM_IDENTIFIER, NAME_COLON, 0, token_span(reader, name)),
                    form_atom(reader->forms, FORM_IDENTIFIER, name->value, 0, token_span(reader, name)),
                    value};
  return make_list(reader, parts, 3, 0, name->start, end);
}

static bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Text with white space as 02 §13.5 wants it, or 0 if nothing is left. `*in_run`: inside a text run.
static FormId text_form(Reader *reader, const Token *token, bool *in_run) {
  Str raw = names_text(reader->names, token->value);
  Text text = text_new(reader->scratch);
  for (size_t i = 0; i < raw.length; i++) {
    if (!is_space(raw.ptr[i])) {
      *in_run = true;
      text_add_char(&text, raw.ptr[i]);
    } else if (*in_run && (i == 0 || !is_space(raw.ptr[i - 1]))) {
      text_add_char(&text, ' ');
    }
  }
  if (text.count == 0) {
    return 0;
  }
  return form_atom(reader->forms, FORM_STRING, names_intern(reader->names, text_str(&text)), 0,
                   token_span(reader, token));
}

// Pushes the children up to the closing tag; gives its end.
static uint32_t read_children(Reader *reader, bool keep_space) {
  bool in_run = false;
  uint32_t end = peek(reader)->end;
  for (;;) {
    const Token *token = peek(reader);
    FormId child = 0;
    if (token->kind == TOKEN_TEXT) {
      child = keep_space ? form_atom(reader->forms, FORM_STRING, token->value, 0, token_span(reader, token))
                         : text_form(reader, token, &in_run);
      reader->next++;
    } else if (token->kind == TOKEN_OPEN_HOLE) {
      child = hole(reader, &end);
    } else if (token->kind == TOKEN_TAG) {
      child = read_markup(reader).form;
      in_run = false;
    } else {
      if (token->kind == TOKEN_TAG_CLOSE) {
        reader->next++;
      }
      return token->end;
    }
    if (child) {
      VECTOR_PUSH(reader->scratch, &reader->ids, child);
    }
  }
}

Item read_markup(Reader *reader) {
  const Token *tag = peek(reader);
  uint32_t first = reader->ids.count;
  Item result = {.start = tag->start, .end = tag->end};
  reader->has_markup = true;
  if (++reader->nesting > LIMIT_NESTING) {
    read_too_deep(reader, tag->start, tag->end);
  } else {
    reader->next++;
  }
  VECTOR_PUSH(reader->scratch, &reader->ids, reader->head_markup);
  FormId name = tag_form(reader, tag);
  VECTOR_PUSH(reader->scratch, &reader->ids, name);
  while (peek(reader)->kind == TOKEN_ATTRIBUTE) {
    FormId attribute = attribute_form(reader, tag);
    VECTOR_PUSH(reader->scratch, &reader->ids, attribute);
  }
  const Token *after = peek(reader);
  FormId attributes = make_list(reader, reader->ids.items + first + 2, reader->ids.count - first - 2, 0,
                                tag->start, after->end);
  reader->ids.count = first + 2;
  VECTOR_PUSH(reader->scratch, &reader->ids, attributes);
  result.end = after->end;
  if (after->kind == TOKEN_TAG_EMPTY) {
    reader->next++;
  } else if (after->kind == TOKEN_TAG_BODY) {
    reader->next++;
    Str text = names_text(reader->names, tag->value);
    uint32_t children = reader->ids.count;
    result.end = read_children(reader, str_equal(text, STR("pre")) || str_equal(text, STR("textarea")));
    FormId list = make_list(reader, reader->ids.items + children, reader->ids.count - children, 0,
                            after->start, result.end);
    reader->ids.count = children;
    VECTOR_PUSH(reader->scratch, &reader->ids, list);
  }
  reader->nesting--;
  result.form =
      make_list(reader, reader->ids.items + first, reader->ids.count - first, 0, result.start, result.end);
  reader->ids.count = first;
  return result;
}
