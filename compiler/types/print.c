// Types in the words of a message (spec 04 §15, "Type display").
#include "types/types.h"

#include "base/failure.h"

enum { PRINT_DEPTH = 10 }; // a type may share parts: written out, it doubles with each level

static void print_type(const TypeTable *table, TypeId id, uint32_t depth, Text *out);

static void print_list(const TypeTable *table, const Type *type, const char *between, uint32_t depth,
                       Text *out) {
  for (uint32_t i = 0; i < type->count; i++) {
    if (i > 0) {
      text_format(out, "%s", between);
    }
    print_type(table, type_argument(table, type, i), depth, out);
  }
}

static void print_record(const TypeTable *table, TypeId id, const Type *type, uint32_t depth, Text *out) {
  bool tuple = types_is_tuple(table, id);
  if (type->count == 0) {
    text_add(out, STR("{}"));
    return;
  }
  text_add(out, tuple ? STR("(") : STR("{ "));
  for (uint32_t i = 0; i < type->count; i++) {
    const TypeField *field = type_fields(table, type) + i;
    text_add(out, i > 0 ? STR(", ") : STR(""));
    if (!tuple) {
      text_add(out, context_name(table->context, field->name));
      text_add(out, field->optional ? STR("?: ") : STR(": "));
    }
    print_type(table, field->type, depth, out);
  }
  text_add(out, tuple ? STR(")") : STR(" }"));
}

// `Effect.op`, with the types of its parameters as written if it has any (06 §4.1).
static void print_operation(const TypeTable *table, const Symbol *operation, Text *out) {
  const Context *context = table->context;
  const AstTable *ast = table->names->ast;
  if (operation->owner) {
    text_add(out, context_name(context, names_symbol(table->names, operation->owner)->name));
    text_add_char(out, '.');
  }
  text_add(out, context_name(context, operation->name));
  AstRange parameters = ast_function(ast, operation->declaration)->parameters;
  for (uint32_t i = 0; i < parameters.count; i++) {
    NodeId type = ast->parameters.items[parameters.first + i].type;
    text_add_char(out, i == 0 ? '(' : ',');
    text_add(out, type ? sources_text(&context->sources, ast_node(ast, type)->span) : STR("?"));
  }
  text_add(out, parameters.count > 0 ? STR(")") : STR(""));
}

void types_print_row(const TypeTable *table, RowId id, Text *out) {
  const Row *row = &table->rows.items[id];
  for (uint32_t i = 0; i < row->count; i++) {
    text_add(out, i > 0 ? STR(", ") : STR(""));
    print_operation(table, names_symbol(table->names, table->row_entries.items[row->first + i].operation),
                    out);
  }
  if (row->open) {
    text_add(out, row->count > 0 ? STR(", open") : STR("open"));
  } else if (row->count == 0) {
    text_add(out, STR("()"));
  }
}

static void print_function(const TypeTable *table, const Type *type, uint32_t depth, Text *out) {
  text_add_char(out, '(');
  for (uint32_t i = 0; i < type->count; i++) {
    const TypeSlot *slot = type_slots(table, type) + i;
    text_add(out, i > 0 ? STR(", ") : STR(""));
    text_add(out, slot->flags & SLOT_MUTABLE ? STR("~") : STR(""));
    print_type(table, slot->type, depth, out);
    text_add(out, slot->flags & SLOT_DEFAULTED ? STR(" = …") : STR(""));
  }
  text_add_char(out, ')');
  if (type->row != ROW_OPEN && type->row != ROW_PURE) {
    text_add(out, STR(": ("));
    types_print_row(table, type->row, out);
    text_add_char(out, ')');
  }
  text_add(out, STR(" -> "));
  print_type(table, type->a, depth, out);
}

static void print_type(const TypeTable *table, TypeId id, uint32_t depth, Text *out) {
  static const char *const FIXED[TYPE_FIRST_FREE] = {"none", "unknown", "i32",  "i64",  "f32",
                                                     "f64",  "bool",    "void", "__u8", "Object"};
  if (id < TYPE_FIRST_FREE) {
    text_format(out, "%s", FIXED[id]);
    return;
  }
  if (depth > PRINT_DEPTH) {
    text_add(out, STR("…"));
    return;
  }
  const Type *type = type_get(table, id);
  depth++;
  switch ((TypeKind)type->kind) {
  case KIND_NOMINAL:
  case KIND_TRAIT:
  case KIND_RECURSIVE:
    text_add(out, context_name(table->context, names_symbol(table->names, type->symbol)->name));
    if (type->count > 0) {
      text_add_char(out, '<');
      print_list(table, type, ", ", depth, out);
      text_add_char(out, '>');
    }
    break;
  case KIND_RECORD:
    print_record(table, id, type, depth, out);
    break;
  case KIND_FUNCTION:
    print_function(table, type, depth, out);
    break;
  case KIND_UNION: {
    uint32_t name = id_map_get(&table->union_names, id);
    if (name != ID_MAP_NONE) {
      print_type(table, name, depth - 1, out);
      break;
    }
    print_list(table, type, " | ", depth, out);
    break;
  }
  case KIND_INTERSECTION: {
    const char *between = "";
    for (int part = 0; part < 2; part++) {
      TypeId member = part == 0 ? type->a : type->b;
      if (member != TYPE_NONE) {
        text_format(out, "%s", between);
        print_type(table, member, depth, out);
        between = " & ";
      }
    }
    if (type->count > 0) {
      text_format(out, "%s", between);
      print_list(table, type, " & ", depth, out);
    }
    break;
  }
  case KIND_FIXED_ARRAY:
  case KIND_BORROW:
    text_format(out, type->kind == KIND_BORROW ? "Borrow<" : "FixedArray<");
    print_type(table, type->a, depth, out);
    text_add_char(out, '>');
    break;
  case KIND_PARAMETER:
    text_add(out, context_name(table->context, table->names->ast->type_parameters.items[type->symbol].name));
    break;
  case KIND_NONE:
  case KIND_UNKNOWN:
  case KIND_PRIMITIVE:
  case KIND_OBJECT:
    UNREACHABLE("fixed types print by id");
  }
}

void types_print(const TypeTable *table, TypeId type, Text *out) {
  print_type(table, type, 0, out);
}

Str types_text(const TypeTable *table, Arena *arena, TypeId type) {
  Text text = text_new(arena);
  types_print(table, type, &text);
  return text_str(&text);
}
