// Layout (spec 01 §5, §7): tokens to lines, blocks and bracket groups.
//
// A line collects its elements on the item stack and hands them to expressions.c. Indentation decides, at
// each token that is first on its physical line, whether it goes on with the line, opens a block or ends the
// line. Every C recursion passes read_line, which bounds it.
#include "syntax/reader.h"

enum {
  LINE_ENTRY = 1 << 0,      // directly an entry of a bracket group, not a statement of a block in it
  LINE_STOP_COLON = 1 << 1, // an indented operand: a clause's `:` belongs to the line around it (§7.1 2a)
  LINE_BRACES = 1 << 2,     // entry of { }
  LINE_STATEMENT = 1 << 3,  // of a block or module: several clauses on it stay apart
};

static inline const Token *peek(const Reader *reader) {
  return &reader->tokens.items[reader->next];
}

static inline bool stops(const Token *token) {
  return token->kind <= TOKEN_LAST_STOP;
}

static inline void push_item(Reader *reader, Item item) {
  VECTOR_PUSH(reader->scratch, &reader->items, item);
}

static bool enter(Reader *reader, const Token *at) {
  if (++reader->nesting > LIMIT_NESTING) {
    read_too_deep(reader, at->start, at->end);
    return false;
  }
  return true;
}

// --- brackets

Item read_entry(Reader *reader, bool in_braces) {
  unsigned flags = LINE_ENTRY | (in_braces ? LINE_BRACES : 0);
  Item entry = read_line(reader, peek(reader)->indent, flags);
  if (in_braces && entry.form) {
    entry.form = brace_entry(reader, entry.form);
  }
  return entry;
}

// Where a bracket was not closed, all that follows looks like its entries: said once in a group, for the
// lines that are not deeper than the one it was opened on.
static void missing_comma(Reader *reader, const Token *open, bool in_braces, bool *said) {
  const Token *token = peek(reader);
  bool outside = token->indent <= open->indent;
  if (outside && *said) {
    return;
  }
  *said |= outside;
  if (in_braces && token->kind == TOKEN_WORD) {
    Str name = names_text(reader->names, token->value);
    read_error(reader, token->start, token->end, "Expected ',' before '%.*s' in braces", STR_ARGS(name));
  } else {
    read_error(reader, token->start, token->end, "expected ',' between the entries of a group");
  }
}

uint32_t read_entries(Reader *reader, bool in_braces) {
  const Token *open = &reader->tokens.items[reader->next - 1];
  const Token opener = *open;
  bool said = false;
  reader->brackets++;
  if (enter(reader, open)) {
    while (peek(reader)->kind == TOKEN_COMMA || !stops(peek(reader))) {
      if (peek(reader)->kind == TOKEN_COMMA) { // empty entries are dropped
        reader->next++;
        continue;
      }
      Item entry = read_entry(reader, in_braces);
      if (entry.form) {
        VECTOR_PUSH(reader->scratch, &reader->ids, entry.form);
      }
      if (!stops(peek(reader))) {
        missing_comma(reader, &opener, in_braces, &said);
      }
    }
  }
  reader->nesting--;
  reader->brackets--;
  const Token *close = peek(reader);
  if (close->kind != TOKEN_END) {
    reader->next++;
  }
  return close->end;
}

// ids[first..] as a list, off the stack.
static FormId list_of_ids(Reader *reader, uint32_t first, uint8_t flags, uint32_t start, uint32_t end) {
  FormId list = make_list(reader, reader->ids.items + first, reader->ids.count - first, flags, start, end);
  reader->ids.count = first;
  return list;
}

static void mark_parenthesised(Reader *reader, FormId id) {
  Form *form = (Form *)form_get(reader->forms, id);
  form->flags |= FORM_FLAG_PARENTHESISED;
}

static Item read_paren_group(Reader *reader) {
  uint32_t start = peek(reader)->start;
  uint32_t first = reader->ids.count;
  reader->next++;
  VECTOR_PUSH(reader->scratch, &reader->ids, reader->head_tuple);
  uint32_t end = read_entries(reader, false);
  uint32_t entries = reader->ids.count - first - 1;
  FormId form;
  if (entries == 1) {
    form = reader->ids.items[first + 1];
    reader->ids.count = first;
    mark_parenthesised(reader, form);
  } else {
    if (entries == 0) {
      reader->ids.count = first;
    }
    form = list_of_ids(reader, first, 0, start, end);
  }
  return (Item){.form = form, .start = start, .end = end, .flags = ITEM_GROUP};
}

static Item read_reserved_group(Reader *reader, FormId head, bool in_braces) {
  uint32_t start = peek(reader)->start;
  uint32_t first = reader->ids.count;
  reader->next++;
  VECTOR_PUSH(reader->scratch, &reader->ids, head);
  uint32_t end = read_entries(reader, in_braces);
  return (Item){.form = list_of_ids(reader, first, 0, start, end), .start = start, .end = end};
}

// Adjacent calls and subscripts after an operand become postfix items (§5.1, §5.2).
static void read_postfix(Reader *reader, uint32_t end, bool callable) {
  for (;;) {
    const Token *token = peek(reader);
    if (token->start != end) {
      return;
    }
    if (token->kind == TOKEN_OPEN_PAREN && callable) {
      uint32_t start = token->start, first = reader->ids.count;
      reader->next++;
      end = read_entries(reader, false);
      FormId arguments = list_of_ids(reader, first, 0, start, end);
      push_item(reader, (Item){.form = arguments, .start = start, .end = end, .flags = ITEM_CALL});
    } else if (token->kind == TOKEN_OPEN_BRACKET) {
      uint32_t start = token->start, first = reader->ids.count;
      reader->next++;
      end = read_entries(reader, false);
      if (reader->ids.count != first + 1) {
        read_error(reader, start, end, "a subscript takes exactly one index");
      }
      FormId index =
          reader->ids.count > first ? reader->ids.items[first] : make_list(reader, NULL, 0, 0, start, end);
      reader->ids.count = first;
      push_item(reader, (Item){.form = index, .start = start, .end = end, .flags = ITEM_SUBSCRIPT});
      callable = true;
    } else {
      return;
    }
  }
}

// --- operands

static FormId word_form(Reader *reader, const Token *token) {
  Span span = read_span(reader, token->start, token->end);
  if (token->kind == TOKEN_QUOTED) {
    return form_atom(reader->forms, FORM_IDENTIFIER, token->value, FORM_FLAG_QUOTED, span);
  }
  if (token->value == NAME_TRUE || token->value == NAME_FALSE) {
    return form_atom(reader->forms, FORM_BOOL, token->value == NAME_TRUE, 0, span);
  }
  return form_atom(reader->forms, FORM_IDENTIFIER, token->value, 0, span);
}

// A word with its generic list and first argument list: these bind to it before any operator.
static void read_word(Reader *reader) {
  const Token *token = peek(reader);
  uint32_t start = token->start, end = token->end;
  FormId word = word_form(reader, token);
  uint8_t flags = token->kind == TOKEN_WORD ? ITEM_WORD : 0;
  if (token->kind == TOKEN_WORD && constructor_name(reader, token)) {
    flags |= ITEM_TYPE_NAME;
  }
  reader->next++;
  const Token *after = peek(reader);
  if (after->start != end || (after->kind != TOKEN_OPEN_PAREN && after->kind != TOKEN_OPEN_GENERIC)) {
    push_item(reader, (Item){.form = word, .start = start, .end = end, .flags = flags});
    read_postfix(reader, end, true);
    return;
  }
  uint32_t first = reader->ids.count;
  VECTOR_PUSH(reader->scratch, &reader->ids, word);
  uint8_t list_flags = 0;
  if (after->kind == TOKEN_OPEN_GENERIC) {
    Item generics = read_reserved_group(reader, reader->head_generics, false);
    VECTOR_PUSH(reader->scratch, &reader->ids, generics.form);
    end = generics.end;
    after = peek(reader);
  }
  if (after->start == end && after->kind == TOKEN_OPEN_PAREN) {
    reader->next++;
    end = read_entries(reader, false);
    list_flags = FORM_FLAG_ADJACENT_CALL;
    const Form *name = form_get(reader->forms, word);
    if (name->kind != FORM_IDENTIFIER || !syntax_is_structural(name->value)) {
      clauses_make_callbacks(reader, first + 1);
    }
  }
  FormId list = list_of_ids(reader, first, list_flags, start, end);
  push_item(reader, (Item){.form = list, .start = start, .end = end, .flags = flags & ITEM_TYPE_NAME});
  read_postfix(reader, end, true);
}

static void read_number(Reader *reader) {
  const Token *token = peek(reader);
  FormId form =
      form_atom(reader->forms, token->kind == TOKEN_INT ? FORM_INT : FORM_FLOAT, token->value,
                token->flags & TOKEN_WIDE ? FORM_FLAG_WIDE : 0, read_span(reader, token->start, token->end));
  push_item(reader, (Item){.form = form, .start = token->start, .end = token->end});
  reader->next++;
  read_postfix(reader, token->end, false);
}

// "text ${entry} text" -> (interpolation "text " entry " text")
static void read_interpolation(Reader *reader) {
  const Token *open = peek(reader);
  uint32_t start = open->start, first = reader->ids.count;
  VECTOR_PUSH(reader->scratch, &reader->ids, reader->head_interpolation);
  reader->next++;
  while (peek(reader)->kind == TOKEN_TEXT || peek(reader)->kind == TOKEN_OPEN_HOLE) {
    const Token *part = peek(reader);
    reader->next++;
    if (part->kind == TOKEN_TEXT) {
      FormId text =
          form_atom(reader->forms, FORM_STRING, part->value, 0, read_span(reader, part->start, part->end));
      VECTOR_PUSH(reader->scratch, &reader->ids, text);
      continue;
    }
    uint32_t entries = reader->ids.count;
    uint32_t end = read_entries(reader, false);
    if (reader->ids.count != entries + 1) {
      read_error(reader, part->start, end, "an interpolation '${…}' holds exactly one expression");
      reader->ids.count = entries;
    }
  }
  uint32_t end = peek(reader)->end;
  if (peek(reader)->kind == TOKEN_CLOSE_STRING) {
    reader->next++;
  }
  push_item(reader, (Item){.form = list_of_ids(reader, first, 0, start, end), .start = start, .end = end});
  read_postfix(reader, end, false);
}

static void read_braces(Reader *reader, uint32_t first) {
  const Token *token = peek(reader);
  bool same_line = (token->flags & TOKEN_FIRST) == 0;
  Item braces = read_reserved_group(reader, reader->head_object_literal, true);
  Item *before = reader->items.count > first ? &reader->items.items[reader->items.count - 1] : NULL;
  if (before && same_line && (before->flags & ITEM_TYPE_NAME)) {
    *before = constructor_join(reader, *before, braces);
  } else {
    push_item(reader, braces);
  }
  read_postfix(reader, braces.end, false);
}

// The next token, with the brackets that belong to it, as an item of the line that began at `first`.
static void take(Reader *reader, uint32_t first) {
  const Token *token = peek(reader);
  switch ((TokenKind)token->kind) {
  case TOKEN_WORD:
  case TOKEN_QUOTED:
    read_word(reader);
    return;
  case TOKEN_INT:
  case TOKEN_FLOAT:
    read_number(reader);
    return;
  case TOKEN_STRING: {
    Span span = read_span(reader, token->start, token->end);
    FormId form = form_atom(reader->forms, FORM_STRING, token->value, 0, span);
    push_item(reader, (Item){.form = form, .start = token->start, .end = token->end});
    reader->next++;
    read_postfix(reader, token->end, false);
    return;
  }
  case TOKEN_OPERATOR:
    push_item(reader, (Item){.start = token->start, .end = token->end, .op = token->op});
    reader->next++;
    return;
  case TOKEN_OPEN_PAREN: {
    Item group = read_paren_group(reader);
    push_item(reader, group);
    read_postfix(reader, group.end, true);
    return;
  }
  case TOKEN_OPEN_BRACKET: {
    Item array = read_reserved_group(reader, reader->head_array_literal, false);
    push_item(reader, array);
    read_postfix(reader, array.end, true);
    return;
  }
  case TOKEN_OPEN_BRACE:
    read_braces(reader, first);
    return;
  case TOKEN_OPEN_STRING:
    read_interpolation(reader);
    return;
  case TOKEN_TAG: {
    Item element = read_markup(reader);
    push_item(reader, element);
    return;
  }
  default: // what is left over of broken text: already reported
    reader->next++;
  }
}

// --- lines

static inline bool is_infix_item(const Item *item) {
  return item->op != OP_NONE && operator_is_infix(item->op);
}

// §7.3. The end of the file is white space: its last line end may be missing.
static bool leads(const Token *token) {
  if (token->kind != TOKEN_OPERATOR || !operator_is_infix(token->op)) {
    return false;
  }
  return !operator_is_prefix(token->op) || token[1].start != token->end || token[1].kind == TOKEN_END;
}

static bool only_clauses(const Reader *reader, uint32_t from) {
  for (uint32_t i = from; i < reader->ids.count; i++) {
    if (!(form_get(reader->forms, reader->ids.items[i])->flags & FORM_FLAG_CLAUSE)) {
      return false;
    }
  }
  return reader->ids.count > from;
}

static void push_block(Reader *reader, uint32_t first) {
  bool clauses = only_clauses(reader, first + 1);
  if (!clauses) {
    clauses_attach(reader, first + 1);
  }
  uint32_t last = reader->ids.count - 1;
  Span from = form_span(form_get(reader->forms, reader->ids.items[first < last ? first + 1 : last]));
  Span until = form_span(form_get(reader->forms, reader->ids.items[last]));
  uint32_t start = from.start - reader->base, end = until.end - reader->base;
  uint8_t flags = FORM_FLAG_SUITE | (clauses ? FORM_FLAG_CLAUSES : 0);
  push_item(reader,
            (Item){.form = list_of_ids(reader, first, flags, start, end), .start = start, .end = end});
}

// A line of a block or module; several clauses on one line, `elif: d then: b`, are as many lines.
static void push_line(Reader *reader, FormId line) {
  if (line == 0) {
    return;
  }
  const Form *form = form_get(reader->forms, line);
  const uint8_t suite = FORM_FLAG_CLAUSES | FORM_FLAG_SUITE;
  if (form->kind == FORM_LIST && (form->flags & suite) == FORM_FLAG_CLAUSES) {
    const FormId *clauses = form_elements(form);
    for (uint32_t i = 0; i < form_count(form); i++) {
      VECTOR_PUSH(reader->scratch, &reader->ids, clauses[i]);
    }
  } else {
    VECTOR_PUSH(reader->scratch, &reader->ids, line);
  }
}

// Says that a line of the block that begins at `opening` is not as deep as its first one.
static void inconsistent(Reader *reader, const Token *opening, const Token *token) {
  if (reader->tab_reported && reader->reported_tab + opening->indent >= opening->start &&
      reader->reported_tab <= token->start) {
    return; // how deep the line with the tab is meant to be is a guess
  }
  SyntaxError *error = read_error(reader, token->start, token->end, "inconsistent indentation");
  read_error_hint(reader, error, "the lines of a block stand at one indent");
}

// All following lines deeper than `base` as one block (§7.1 2c). Lines less deep than its first one are a
// mistake, unless they are clauses: these go to the call that the block belongs to, as a suite of their own.
//
//   let x = try
//       perform()
//     Effect::op(k):
//       k(1)
static void read_block(Reader *reader, uint32_t base) {
  const Token *opening = peek(reader);
  uint32_t indent = opening->indent, first = reader->ids.count, split = 0;
  const Token *shallow = NULL;
  VECTOR_PUSH(reader->scratch, &reader->ids, reader->head_block);
  if (enter(reader, opening)) {
    while (!stops(peek(reader)) && peek(reader)->indent > base) {
      const Token *token = peek(reader);
      if (token->indent < indent && (token->flags & TOKEN_FIRST)) {
        if (split) {
          inconsistent(reader, opening, token);
        } else {
          split = reader->ids.count;
          shallow = token;
        }
        indent = token->indent;
      }
      uint32_t before = reader->next;
      Item statement = read_line(reader, indent, LINE_STATEMENT);
      push_line(reader, statement.form);
      if (reader->next == before) {
        break;
      }
    }
  }
  reader->nesting--;
  if (!split || !only_clauses(reader, split)) {
    if (split) {
      inconsistent(reader, opening, shallow);
    }
    push_block(reader, first);
    return;
  }
  uint32_t count = reader->ids.count - split, clauses = reader->ids.count;
  VECTOR_PUSH(reader->scratch, &reader->ids, reader->head_block); // the clauses, moved behind the block
  for (uint32_t i = 0; i < count; i++) {
    FormId id = reader->ids.items[split + i];
    VECTOR_PUSH(reader->scratch, &reader->ids, id);
  }
  push_block(reader, clauses);
  Item suite = reader->items.items[--reader->items.count];
  reader->ids.count = split;
  push_block(reader, first);
  push_item(reader, suite);
}

// §11.4 rule 3: is this comma a separator between the inline clauses of an `if`?
static bool separates_clauses(const Reader *reader, uint32_t first) {
  const Item *items = reader->items.items;
  uint32_t count = reader->items.count, colon = count;
  for (uint32_t i = first + 1; i < count; i++) {
    colon = items[i].op == OP_COLON ? i : colon;
  }
  bool has_if = false;
  for (uint32_t i = first; i < colon && i < first + 2; i++) {
    has_if |= (items[i].flags & ITEM_WORD) && form_get(reader->forms, items[i].form)->value == NAME_IF;
  }
  if (!has_if || colon == count) {
    return false;
  }
  const Item *label = &items[colon - 1];
  if ((label->flags & ITEM_WORD) && form_get(reader->forms, label->form)->value == NAME_ELSE) {
    return false;
  }
  // Inside brackets the comma may also end the entry: only a clause must follow on this line.
  int depth = 0;
  for (const Token *token = peek(reader) + 1; !(token->flags & TOKEN_FIRST); token++) {
    if (depth == 0 && token->kind == TOKEN_OPERATOR && token->op == OP_COLON) {
      return true;
    }
    if (stops(token)) {
      if (token->kind == TOKEN_END || token->kind == TOKEN_COMMA || depth-- == 0) {
        return false;
      }
    } else if ((token->kind >= TOKEN_OPEN_PAREN && token->kind <= TOKEN_OPEN_GENERIC) ||
               token->kind == TOKEN_OPEN_HOLE) {
      depth++;
    }
  }
  return false;
}

// At a token where a line would end: true if it was a comma to pass over.
static bool pass_comma(Reader *reader, uint32_t first, unsigned flags) {
  const Token *token = peek(reader);
  if (token->kind != TOKEN_COMMA || (flags & LINE_ENTRY)) {
    return false;
  }
  if (separates_clauses(reader, first)) {
    reader->next++;
    return true;
  }
  if (reader->brackets > 0) {
    return false;
  }
  if (token->flags & TOKEN_EXCUSED) {
    reader->next++;
    return true;
  }
  SyntaxError *error = read_error(reader, token->start, token->end, "unexpected ','");
  error->is_comma = true;
  read_error_hint(reader, error, "commas stand between the entries of brackets only");
  reader->next++;
  while (peek(reader)->kind == TOKEN_COMMA) {
    reader->next++;
  }
  return true;
}

// Takes a leading operator and the line after it as its operand (§7.1 2b).
static void take_leading(Reader *reader, uint32_t first, unsigned flags) {
  uint32_t indent = peek(reader)->indent;
  take(reader, first);
  if (!stops(peek(reader)) && !(peek(reader)->flags & TOKEN_FIRST)) {
    Item operand = read_line(reader, indent, flags & LINE_ENTRY);
    if (operand.form) {
      push_item(reader, operand);
    }
  }
}

// Before the right operand of `=` and the like (§7.1 rule 4). Gives whether it was taken.
static bool take_rest(Reader *reader, uint32_t base, unsigned flags) {
  const Token *token = peek(reader);
  if (stops(token)) {
    return false;
  }
  if ((token->flags & TOKEN_FIRST) && token->indent > base) {
    if (token->kind != TOKEN_OPERATOR || token->op != OP_PIPE) {
      return false; // a block
    }
    reader->next++; // a bar before the first member of a union (§14.3)
  }
  Item rest = read_line(reader, base, flags & LINE_ENTRY);
  if (rest.form) {
    push_item(reader, rest);
  }
  return true;
}

// `{ x: 1` and, deeper on the next line, `y: 2 }`: a field, not a suite (§10.5).
static bool begins_field(const Reader *reader, uint32_t first) {
  const Token *token = peek(reader);
  const Item *items = reader->items.items + first;
  uint32_t count = reader->items.count - first;
  if (token->kind != TOKEN_WORD || token[1].kind != TOKEN_OPERATOR ||
      (token[1].op != OP_COLON && token[1].op != OP_OPTIONAL_COLON) || count < 3) {
    return false;
  }
  uint32_t colon = count - 2;
  bool label = (items[colon].op == OP_COLON || items[colon].op == OP_OPTIONAL_COLON) &&
               (items[colon - 1].flags & ITEM_WORD) && colon <= 2;
  const Form *value = label && items[colon + 1].form ? form_get(reader->forms, items[colon + 1].form) : NULL;
  return value && value->kind != FORM_LIST &&
         !(value->kind == FORM_IDENTIFIER && (value->value == NAME_IF || value->value == NAME_WHILE ||
                                              value->value == NAME_TRY || value->value == NAME_MATCH));
}

typedef enum { STEP_TAKE, STEP_DONE, STEP_END } Step;

// The next token begins a physical line. Continues with it in the ways of §7.1 rules 2 and 3, or says to take
// it as an ordinary item or to end the line.
static Step next_line(Reader *reader, uint32_t base, uint32_t first, unsigned flags) {
  const Token *token = peek(reader);
  const Item *last = &reader->items.items[reader->items.count - 1];
  bool open_operator = is_infix_item(last);
  if (token->indent > base) {
    bool takes_block = open_operator && (OPERATORS[last->op].flags & OPERATOR_TAKES_BLOCK);
    if (open_operator && !takes_block) {
      Item operand = read_line(reader, token->indent, (flags & LINE_ENTRY) | LINE_STOP_COLON);
      if (operand.form) {
        push_item(reader, operand);
      }
      return STEP_DONE;
    }
    if (!takes_block && leads(token)) {
      take_leading(reader, first, flags);
      return STEP_DONE;
    }
    if ((flags & LINE_BRACES) && begins_field(reader, first)) {
      return STEP_END;
    }
    read_block(reader, base);
    return STEP_DONE;
  }
  if (open_operator) {
    return STEP_TAKE;
  }
  if (reader->brackets > 0 && leads(token) && ((flags & LINE_ENTRY) || token->indent == base)) {
    take_leading(reader, first, flags);
    return STEP_DONE;
  }
  return STEP_END;
}

Item read_line(Reader *reader, uint32_t base, unsigned flags) {
  uint32_t first = reader->items.count;
  const Token *start = peek(reader);
  if (++reader->recursion > 3 * LIMIT_NESTING) {
    read_too_deep(reader, start->start, start->end);
  }
  for (;;) {
    const Token *token = peek(reader);
    uint32_t count = reader->items.count;
    if (stops(token)) {
      if (!pass_comma(reader, first, flags)) {
        break;
      }
      continue;
    }
    if ((token->flags & TOKEN_FIRST) && count > first) {
      Step step = next_line(reader, base, first, flags);
      if (step == STEP_END) {
        break;
      }
      if (step == STEP_DONE) {
        continue;
      }
      token = peek(reader);
    }
    if ((flags & LINE_STOP_COLON) && token->kind == TOKEN_OPERATOR && token->op == OP_COLON &&
        count > first &&
        !(count >= first + 2 && reader->items.items[count - 1].form && reader->items.items[count - 2].form)) {
      break;
    }
    take(reader, first);
    if (token->kind == TOKEN_OPERATOR && (OPERATORS[token->op].flags & OPERATOR_TAKES_LINE) &&
        count > first) {
      take_rest(reader, base, flags);
    }
  }
  reader->recursion--;
  if (reader->items.count == first) {
    return (Item){.start = start->start, .end = start->start};
  }
  if (flags & LINE_BRACES) {
    braces_check_commas(reader, first);
  }
  return list_of_items(reader, first, (flags & LINE_STATEMENT) != 0);
}

void read_module(Reader *reader, SyntaxResult *result) {
  uint32_t first = reader->ids.count;
  VECTOR_PUSH(reader->scratch, &reader->ids, reader->head_ast);
  while (!reader->aborted && lex_next(reader)) {
    while (peek(reader)->kind != TOKEN_END) {
      uint32_t before = reader->next;
      Item entry = read_line(reader, peek(reader)->indent, LINE_STATEMENT);
      push_line(reader, entry.form);
      if (reader->next == before) {
        reader->next++; // a closer of broken text: already reported
      }
    }
  }
  clauses_attach(reader, first + 1);
  result->root = list_of_ids(reader, first, 0, 0, reader->length);
}
