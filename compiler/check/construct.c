// Construction of objects, records, tuples, arrays and ranges; static access (spec 05 §5.3.2–5.3.4, §5.13,
// §5.14).
#include "check/state.h"

// --- records and tuples

TypeId check_tuple(Body *body, NodeId node, TypeId expected) {
  NodeRange items = body_ast(body, node).list.items;
  TypeId *types = ARENA_ARRAY(body->scratch, TypeId, items.count);
  for (uint32_t i = 0; i < items.count; i++) {
    NodeId item = ast_listed(body->ast, items, i);
    TypeField field;
    bool known = expected != TYPE_NONE &&
                 types_find_field(body->declarations, expected, types_tuple_field(body->types, i), &field);
    types[i] = check_expression(body, item, known ? field.type : TYPE_NONE);
    if (known && types_satisfies(body->declarations, types[i], field.type)) {
      check_require(body, item, field.type);
      types[i] = field.type;
    } else {
      body_node(body, item)->target = types[i];
    }
  }
  return body_set(body, node, types_tuple(body->types, types, items.count), ROLE_NONE, 0);
}

typedef struct Entries {
  FieldPlan *plans; // by position in `fields`
  TypeField *fields;
  uint32_t count, capacity;
} Entries;

static uint32_t entry_slot(Body *body, Entries *entries, Name name) {
  for (uint32_t i = 0; i < entries->count; i++) {
    if (entries->fields[i].name == name) {
      return i;
    }
  }
  if (entries->count == entries->capacity) {
    uint32_t next = entries->capacity < 8 ? 8 : entries->capacity * 2;
    FieldPlan *plans = ARENA_ARRAY(body->scratch, FieldPlan, next);
    TypeField *fields = ARENA_ARRAY(body->scratch, TypeField, next);
    for (uint32_t i = 0; i < entries->count; i++) {
      plans[i] = entries->plans[i];
      fields[i] = entries->fields[i];
    }
    entries->plans = plans;
    entries->fields = fields;
    entries->capacity = next;
  }
  entries->fields[entries->count].name = name;
  return entries->count++;
}

static uint32_t add_construction(Body *body, TypeId type, const FieldPlan *plans, uint32_t count) {
  Program *program = body->program;
  ConstructionPlan construction = {type, VECTOR_EXTEND(&program->arena, &program->field_plans, count), count};
  if (count > 0) {
    memcpy(program->field_plans.items + construction.first, plans, sizeof *plans * count);
  }
  VECTOR_PUSH(&program->arena, &program->constructions, construction);
  return program->constructions.count - 1;
}

static void hint_fields(Body *body, Diagnostic *diagnostic, Str type, const TypeField *fields,
                        uint32_t count) {
  Text names = text_new(body->scratch);
  for (uint32_t f = 0; f < count; f++) {
    text_add(&names, f == 0 ? STR("") : STR(", "));
    text_add(&names, body_name(body, fields[f].name));
  }
  if (count > 0) {
    diagnostic_hint(&body->context->diagnostics, diagnostic, "the fields of '%.*s' are %.*s", STR_ARGS(type),
                    STR_ARGS(text_str(&names)));
  }
}

// Fields of a spread operand, as far as this module may see them.
static void add_spread(Body *body, NodeId entry, Entries *entries, bool *failed) {
  NodeId operand = body_ast(body, entry).unary.operand;
  TypeId type = check_expression(body, operand, TYPE_NONE);
  body_node(body, operand)->target = type;
  TypeId record = type == TYPE_UNKNOWN ? TYPE_NONE : types_record_part(body->declarations, type);
  if (record == TYPE_NONE) {
    if (type != TYPE_UNKNOWN) {
      Str text = body_type_text(body, type);
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0027, body_span(body, entry),
                     "expected structural object, found '%.*s': only objects and records can be spread",
                     STR_ARGS(text));
    }
    *failed = true;
    return;
  }
  TypeId nominal = types_nominal_part(body->types, type);
  const Type fields = *type_get(body->types, record);
  for (uint32_t i = 0; i < fields.count; i++) {
    TypeField field = body->types->fields.items[fields.first + i];
    const AstField *declared = nominal == TYPE_NONE ? NULL : check_declared_field(body, nominal, field.name);
    if (declared && !check_member_access(body, type_get(body->types, nominal)->symbol, declared->modifier)) {
      continue;
    }
    uint32_t slot = entry_slot(body, entries, field.name);
    entries->fields[slot] = field;
    entries->plans[slot] = (FieldPlan){
        .field = field.name, .node = operand, .from_spread = true, .from = field.type, .to = field.type};
  }
}

TypeId check_record(Body *body, NodeId node, TypeId expected) {
  NodeRange items = body_ast(body, node).list.items;
  TypeId shape = expected == TYPE_NONE || expected == TYPE_UNKNOWN
                     ? TYPE_NONE
                     : types_record_part(body->declarations, expected);
  Entries entries = {0};
  bool failed = false;
  for (uint32_t i = 0; i < items.count; i++) {
    AstNode entry = body_ast(body, ast_listed(body->ast, items, i));
    if (entry.kind == NODE_SPREAD) {
      add_spread(body, ast_listed(body->ast, items, i), &entries, &failed);
      continue;
    }
    TypeField wanted;
    bool known =
        shape != TYPE_NONE && types_find_field(body->declarations, shape, entry.labelled.label, &wanted);
    TypeId type = check_expression(body, entry.labelled.value, known ? wanted.type : TYPE_NONE);
    bool optional = false;
    if (known && types_satisfies(body->declarations, type, wanted.type)) {
      check_require(body, entry.labelled.value, wanted.type);
      type = wanted.type;
      optional = wanted.optional;
    } else {
      body_node(body, entry.labelled.value)->target = type;
    }
    uint32_t slot = entry_slot(body, &entries, entry.labelled.label);
    entries.fields[slot] = (TypeField){entry.labelled.label, type, optional};
    entries.plans[slot] =
        (FieldPlan){.field = entry.labelled.label, .node = entry.labelled.value, .from = type, .to = type};
  }
  const Type wanted = shape == TYPE_NONE ? (Type){0} : *type_get(body->types, shape);
  for (uint32_t i = 0; i < wanted.count; i++) { // absent optional fields become None
    TypeField field = body->types->fields.items[wanted.first + i];
    uint32_t before = entries.count;
    if (field.optional && entry_slot(body, &entries, field.name) == before) {
      entries.fields[before] = field;
      entries.plans[before] = (FieldPlan){.field = field.name, .from = field.type, .to = field.type};
    } else if (!field.optional && entries.count > before) {
      entries.count = before;
    }
  }
  if (failed) {
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  TypeId type = types_record(body->types, entries.fields, entries.count);
  return body_set(body, node, type, ROLE_CONSTRUCT,
                  add_construction(body, type, entries.plans, entries.count));
}

// --- nominal construction

// The value of an entry of braces, or of an argument.
static NodeId entry_value(const Body *body, NodeId entry) {
  AstNode at = body_ast(body, entry);
  switch (at.kind) {
  case NODE_SPREAD:
    return at.unary.operand;
  case NODE_ENTRY:
  case NODE_ARGUMENT:
    return at.labelled.value;
  default:
    return entry;
  }
}

// Type arguments of `T { … }`: written, from the entries, then from the expected type (05 §5.13).
static TypeId infer_nominal(Body *body, NodeId node, SymbolId symbol, NodeRange written, NodeRange entries,
                            TypeId expected) {
  AstRange parameters = declarations_type_parameters(body->declarations, symbol);
  if (parameters.count == 0) {
    return types_nominal(body->types, symbol, NULL, 0);
  }
  Substitution bound = {0};
  if (written.count > parameters.count) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, node),
                   "too many type arguments: '%.*s' takes %u, %u given",
                   STR_ARGS(body_name(body, names_symbol(body->names, symbol)->name)), parameters.count,
                   written.count);
    return TYPE_UNKNOWN;
  }
  for (uint32_t i = 0; i < written.count; i++) {
    substitution_bind(body->scratch, &bound, parameters.first + i,
                      check_type(body, ast_listed(body->ast, written, i)));
  }
  ObjectInfo info = *declarations_object(body->declarations, symbol);
  bool complete = written.count == parameters.count;
  for (uint32_t i = 0; i < entries.count && !complete; i++) {
    AstNode entry = body_ast(body, ast_listed(body->ast, entries, i));
    if (entry.kind == NODE_SPREAD) {
      TypeId type = check_probe(body, entry.unary.operand, TYPE_NONE).type;
      TypeField field;
      for (uint32_t f = 0; f < info.field_count; f++) {
        if (types_find_field(body->declarations, type, info.fields[f].name, &field)) {
          types_bind(body->declarations, &bound, &parameters, 1, info.fields[f].type, field.type);
        }
      }
      continue;
    }
    for (uint32_t f = 0; f < info.field_count; f++) {
      if (info.fields[f].name == entry.labelled.label &&
          type_get(body->types, info.fields[f].type)->symbolic) {
        TypeId formal = types_substitute(body->types, &bound, info.fields[f].type);
        TypeId hint = type_get(body->types, formal)->symbolic ? TYPE_NONE : formal;
        TypeId type = check_probe(body, entry.labelled.value, hint).type;
        TypeId payload = info.fields[f].optional
                             ? declarations_payload(body->declarations, info.fields[f].type)
                             : TYPE_NONE;
        bool plain = payload != TYPE_NONE && declarations_payload(body->declarations, type) == TYPE_NONE;
        types_bind(body->declarations, &bound, &parameters, 1, plain ? payload : info.fields[f].type, type);
      }
    }
  }
  if (expected != TYPE_NONE && expected != TYPE_UNKNOWN) {
    TypeId only = TYPE_NONE;
    const Type type = *type_get(body->types, types_unfold(body->types, expected));
    uint32_t count = type.kind == KIND_UNION ? type.count : 1, matches = 0;
    for (uint32_t i = 0; i < count; i++) {
      TypeId member = type.kind == KIND_UNION ? body->types->ids.items[type.first + i] : expected;
      TypeId nominal = types_nominal_part(body->types, member);
      if (nominal != TYPE_NONE && type_get(body->types, nominal)->kind == KIND_NOMINAL &&
          type_get(body->types, nominal)->symbol == symbol) {
        only = nominal;
        matches++;
      }
    }
    for (uint32_t i = 0; matches == 1 && i < parameters.count; i++) {
      TypeId current = substitution_get(&bound, parameters.first + i);
      TypeId wanted = type_argument(body->types, type_get(body->types, only), i);
      if (current == TYPE_NONE) {
        substitution_bind(body->scratch, &bound, parameters.first + i, wanted);
      }
    }
  }
  TypeId *arguments = ARENA_ARRAY(body->scratch, TypeId, parameters.count);
  for (uint32_t i = 0; i < parameters.count; i++) {
    arguments[i] = substitution_get(&bound, parameters.first + i);
    if (arguments[i] == TYPE_NONE || arguments[i] == TYPE_UNKNOWN) {
      if (arguments[i] == TYPE_NONE) {
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, node),
                       "missing type argument: '%.*s' cannot be inferred for '%.*s'",
                       STR_ARGS(body_name(body, body->ast->type_parameters.items[parameters.first + i].name)),
                       STR_ARGS(body_name(body, names_symbol(body->names, symbol)->name)));
      }
      return TYPE_UNKNOWN;
    }
    TypeId constraint = declarations_constraint(body->declarations, parameters.first + i);
    if (constraint != TYPE_NONE && !types_satisfies(body->declarations, arguments[i],
                                                    types_substitute(body->types, &bound, constraint))) {
      Str have = body_type_text(body, arguments[i]), want = body_type_text(body, constraint);
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, node),
                     "type argument '%.*s' does not satisfy its constraint '%.*s'", STR_ARGS(have),
                     STR_ARGS(want));
      return TYPE_UNKNOWN;
    }
  }
  return types_nominal(body->types, symbol, arguments, parameters.count);
}

static void check_all_values(Body *body, NodeRange entries) {
  for (uint32_t i = 0; i < entries.count; i++) {
    check_expression(body, entry_value(body, ast_listed(body->ast, entries, i)), TYPE_NONE);
  }
}

static TypeId fieldwise(Body *body, NodeId node, TypeId nominal, NodeRange entries) {
  if (nominal == TYPE_UNKNOWN) {
    check_all_values(body, entries);
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  SymbolId symbol = type_get(body->types, nominal)->symbol;
  uint32_t count;
  const TypeField *fields = declarations_fields(body->declarations, nominal, &count);
  FieldPlan *plans = ARENA_ARRAY(body->scratch, FieldPlan, count);
  bool *given = ARENA_ARRAY(body->scratch, bool, count);
  const Module *home = graph_module(body->program->graph, names_symbol(body->names, symbol)->module);
  const Module *here = graph_module(body->program->graph, body->module);
  bool same_package = home->package == here->package && home->path.space == here->path.space;
  bool misnamed = false; // an entry may have been meant for what is missing then
  for (uint32_t i = 0; i < entries.count; i++) {
    NodeId entry_node = ast_listed(body->ast, entries, i);
    AstNode entry = body_ast(body, entry_node);
    if (entry.kind == NODE_SPREAD) {
      Entries spread = {0};
      bool failed = false;
      add_spread(body, entry_node, &spread, &failed);
      for (uint32_t s = 0; s < spread.count; s++) {
        for (uint32_t f = 0; f < count; f++) {
          if (fields[f].name != spread.fields[s].name) {
            continue;
          }
          given[f] = true;
          plans[f] = spread.plans[s];
          plans[f].to = fields[f].type;
          if (types_satisfies(body->declarations, spread.fields[s].type, fields[f].type)) {
            plans[f].coercion = (uint8_t)check_coercion(body->program, spread.fields[s].type, fields[f].type);
          } else {
            Str want = body_type_text(body, fields[f].type),
                have = body_type_text(body, spread.fields[s].type);
            diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0027, entry.span,
                           "expected '%.*s', found '%.*s' for field '%.*s'", STR_ARGS(want), STR_ARGS(have),
                           STR_ARGS(body_name(body, fields[f].name)));
          }
        }
      }
      for (uint32_t f = 0; failed && f < count; f++) {
        given[f] = true;
      }
      continue;
    }
    uint32_t found = declarations_field_position(body->declarations, symbol, entry.labelled.label);
    if (found == ID_MAP_NONE) {
      Str type_text = body_type_text(body, nominal);
      Diagnostic *diagnostic = diagnostic_add(
          &body->context->diagnostics, DIAGNOSTIC_TY0033, entry.span, "no field '%.*s' in '%.*s'",
          STR_ARGS(body_name(body, entry.labelled.label)), STR_ARGS(type_text));
      bool close = false;
      for (uint32_t f = 0; f < count && !close; f++) {
        close = edit_distance(body_name(body, entry.labelled.label), body_name(body, fields[f].name), 2) <= 2;
        if (close) {
          diagnostic_hint(&body->context->diagnostics, diagnostic, "did you mean '%.*s'?",
                          STR_ARGS(body_name(body, fields[f].name)));
        }
      }
      if (!close) {
        hint_fields(body, diagnostic, type_text, fields, count);
      }
      misnamed = true;
      check_expression(body, entry.labelled.value, TYPE_NONE);
      continue;
    }
    const AstField *declared = check_declared_field(body, nominal, entry.labelled.label);
    if (!same_package && declared->modifier != MODIFIER_API) {
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0009, body_span(body, entry.labelled.value),
                     "field '%.*s' needs `api` between %.*s and %.*s",
                     STR_ARGS(body_name(body, entry.labelled.label)), STR_ARGS(body_name(body, home->id)),
                     STR_ARGS(body_name(body, here->id)));
    }
    given[found] = true;
    TypeId field_type = fields[found].type;
    check_expression(body, entry.labelled.value, field_type);
    check_require_declared(body, entry.labelled.value, field_type,
                           here->path.space == home->path.space ? declared->name_span : (Span){0},
                           "the field is declared here");
    fields = declarations_fields(body->declarations, nominal, &count);
    plans[found] = (FieldPlan){.field = entry.labelled.label,
                               .node = entry.labelled.value,
                               .from = body_node(body, entry.labelled.value)->type,
                               .to = field_type};
  }
  for (uint32_t f = 0; f < count; f++) {
    if (given[f]) {
      continue;
    }
    const AstField *declared = check_declared_field(body, nominal, fields[f].name);
    plans[f] = (FieldPlan){.field = fields[f].name, .from = fields[f].type, .to = fields[f].type};
    if (!same_package && declared->modifier != MODIFIER_API) {
      Str type_text = body_type_text(body, nominal);
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0010, body_span(body, node),
                     "%.*s: field '%.*s' inaccessible (visibility: %s)", STR_ARGS(type_text),
                     STR_ARGS(body_name(body, fields[f].name)),
                     declared->modifier == MODIFIER_PRI ? "pri" : "package");
    } else if (!fields[f].optional && !misnamed) {
      Str type_text = body_type_text(body, nominal);
      Diagnostic *diagnostic = diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0037,
                                              body_span(body, node), "field '%.*s' missing for '%.*s'",
                                              STR_ARGS(body_name(body, fields[f].name)), STR_ARGS(type_text));
      Str want = body_type_text(body, fields[f].type);
      diagnostic_hint(&body->context->diagnostics, diagnostic, "add `%.*s: …` of type '%.*s'",
                      STR_ARGS(body_name(body, fields[f].name)), STR_ARGS(want));
    }
  }
  return body_set(body, node, nominal, ROLE_CONSTRUCT, add_construction(body, nominal, plans, count));
}

// What a constructor's head names: the nominal's symbol (through aliases), the type if the alias fixes it,
// and the written type arguments.
typedef struct Head {
  SymbolId symbol; // 0: none
  SymbolId alias;  // the alias it was reached through, or 0
  TypeId fixed;
  NodeRange written;
} Head;

static SymbolId type_symbol(const Body *body, NodeId name) {
  Resolution found = names_resolution(body->names, name);
  for (uint32_t i = found.kind == RESOLVED_SYMBOLS ? found.symbols.count : 0; i > 0; i--) {
    SymbolId id = names_listed(body->names, found.symbols, i - 1);
    SymbolKind kind = names_symbol(body->names, id)->kind;
    if (kind == SYMBOL_OBJECT || kind == SYMBOL_ALIAS || kind == SYMBOL_TRAIT) {
      return id;
    }
  }
  return 0;
}

static Head head_of_symbol(Body *body, SymbolId symbol, NodeRange written) {
  Head head = {symbol, 0, TYPE_NONE, written};
  if (symbol && names_symbol(body->names, symbol)->kind == SYMBOL_ALIAS) {
    head.alias = symbol;
    AstRange parameters = declarations_type_parameters(body->declarations, symbol);
    TypeId *arguments = ARENA_ARRAY(body->scratch, TypeId, parameters.count);
    for (uint32_t i = 0; i < parameters.count; i++) {
      arguments[i] = i < written.count ? check_type(body, ast_listed(body->ast, written, i))
                                       : types_parameter(body->types, parameters.first + i);
    }
    TypeId type = declarations_alias(body->declarations, symbol, arguments, parameters.count);
    TypeId nominal = types_nominal_part(body->types, type);
    head.symbol = nominal != TYPE_NONE && type_kind(body->types, nominal) == KIND_NOMINAL
                      ? type_get(body->types, nominal)->symbol
                      : 0;
    head.fixed = head.symbol ? nominal : TYPE_NONE;
    head.written = (NodeRange){0, 0};
  } else if (symbol && names_symbol(body->names, symbol)->kind != SYMBOL_OBJECT) {
    head.symbol = 0;
  }
  return head;
}

// `E::V`: a member of an alias's union, with arguments on either segment.
static Head head_of_member(Body *body, SymbolId alias, NodeRange on_alias, Name member, NodeRange written) {
  Head head = {0, alias, TYPE_NONE, written};
  AstRange parameters = declarations_type_parameters(body->declarations, alias);
  TypeId *arguments = ARENA_ARRAY(body->scratch, TypeId, parameters.count);
  for (uint32_t i = 0; i < parameters.count; i++) {
    arguments[i] = i < on_alias.count ? check_type(body, ast_listed(body->ast, on_alias, i))
                                      : types_parameter(body->types, parameters.first + i);
  }
  TypeId all = declarations_alias(body->declarations, alias, arguments, parameters.count);
  const Type type = *type_get(body->types, types_unfold(body->types, all));
  uint32_t count = type.kind == KIND_UNION ? type.count : 1;
  for (uint32_t i = 0; i < count; i++) {
    TypeId candidate = type.kind == KIND_UNION ? body->types->ids.items[type.first + i] : all;
    const Type *nominal = type_get(body->types, candidate);
    if (nominal->kind == KIND_NOMINAL && names_symbol(body->names, nominal->symbol)->name == member) {
      head.symbol = nominal->symbol;
      head.fixed = !nominal->symbolic && written.count == 0 && (on_alias.count > 0 || nominal->count == 0)
                       ? candidate
                       : TYPE_NONE;
    }
  }
  return head;
}

static Head resolve_head(Body *body, NodeId node) {
  if (ast_kind(body->ast, node) == NODE_NAME) {
    return head_of_symbol(body, type_symbol(body, node), ast_node(body->ast, node)->name.type_arguments);
  }
  NodeRange segments = ast_node(body->ast, node)->path.segments;
  NodeId last = ast_listed(body->ast, segments, segments.count - 1);
  AstNode name = body_ast(body, last);
  SymbolId symbol = type_symbol(body, last);
  if (symbol) {
    return head_of_symbol(body, symbol, name.name.type_arguments);
  }
  NodeId before = ast_listed(body->ast, segments, segments.count - 2);
  SymbolId container = type_symbol(body, before);
  if (container && names_symbol(body->names, container)->kind == SYMBOL_ALIAS) {
    return head_of_member(body, container, ast_node(body->ast, before)->name.type_arguments, name.name.name,
                          name.name.type_arguments);
  }
  return (Head){0};
}

// The type to construct: fixed by the alias, or inferred.
static TypeId head_type(Body *body, NodeId node, const Head *head, NodeRange entries, TypeId expected) {
  if (head->fixed != TYPE_NONE && !type_get(body->types, head->fixed)->symbolic) {
    return head->fixed;
  }
  return infer_nominal(body, node, head->symbol, head->written, entries, expected);
}

static uint32_t constructors(Body *body, SymbolId symbol, Candidate **out) {
  return check_find_methods(body, declarations_object(body->declarations, symbol)->self, NAME_INIT, true,
                            out);
}

static bool inside_init(const Body *body, SymbolId symbol) {
  if (!body->method_of || ast_function(body->ast, body->method_of)->name != NAME_INIT) {
    return false;
  }
  ImplId impl = check_function_info(body->program, body->method_of)->impl;
  TypeId target = types_nominal_part(body->types, body->declarations->impls.items[impl].target);
  return target != TYPE_NONE && type_kind(body->types, target) == KIND_NOMINAL &&
         type_get(body->types, target)->symbol == symbol;
}

// 05 §5.13.2: a brace literal of a type with `init` is fieldwise if it names every field or spreads.
static bool names_every_field(Body *body, SymbolId symbol, NodeRange entries) {
  ObjectInfo info = *declarations_object(body->declarations, symbol);
  for (uint32_t i = 0; i < entries.count; i++) {
    if (ast_kind(body->ast, ast_listed(body->ast, entries, i)) == NODE_SPREAD) {
      return true;
    }
  }
  for (uint32_t f = 0; f < info.field_count; f++) {
    bool found = false;
    for (uint32_t i = 0; i < entries.count && !found; i++) {
      AstNode entry = body_ast(body, ast_listed(body->ast, entries, i));
      found = entry.kind == NODE_ENTRY && entry.labelled.label == info.fields[f].name;
    }
    if (!found) {
      return false;
    }
  }
  return true;
}

// Qualifier arguments fill the impl's type parameters (05 §5.10.1).
static void qualify(Body *body, Candidate *candidates, uint32_t count, TypeId type, const Head *head) {
  for (uint32_t i = 0; i < count; i++) {
    FunctionInfo info = *check_function_info(body->program, candidates[i].function);
    if (!info.impl) {
      continue;
    }
    AstRange parameters =
        body->ast->impls.items[body->declarations->impls.items[info.impl].impl].type_parameters;
    Substitution bound = {0};
    if (type != TYPE_NONE) {
      types_bind(body->declarations, &bound, &parameters, 1, info.self, type);
    } else if (head->written.count > 0) {
      const Type self = *type_get(body->types, types_nominal_part(body->types, info.self));
      for (uint32_t a = 0; a < head->written.count && a < self.count; a++) {
        types_bind(body->declarations, &bound, &parameters, 1, body->types->ids.items[self.first + a],
                   check_type(body, ast_listed(body->ast, head->written, a)));
      }
    }
    candidates[i].substitution = bound;
  }
}

static TypeId call_constructor(Body *body, NodeId node, NodeId head_node, const Head *head,
                               NodeRange arguments, Candidate *candidates, uint32_t count, TypeId expected) {
  CallSite site = {.node = node, .span = body_span(body, head_node), .name = NAME_INIT, .expected = expected};
  site.arguments = check_collect_arguments(body, arguments, 0, &site.argument_count);
  qualify(body, candidates, count, head->fixed, head);
  if (count == 1) {
    return check_call_candidate(body, &site, candidates);
  }
  return check_overloaded_call(body, &site, candidates, count);
}

static TypeId not_constructible(Body *body, NodeId node, NodeId head, NodeRange entries, bool alias) {
  Resolution found =
      names_resolution(body->names, ast_kind(body->ast, head) == NODE_PATH
                                        ? ast_listed(body->ast, ast_node(body->ast, head)->path.segments,
                                                     ast_node(body->ast, head)->path.segments.count - 1)
                                        : head);
  Str text = sources_text(&body->context->sources, body_span(body, head));
  if (found.kind == RESOLVED_NOTHING && !alias) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0026, body_span(body, head),
                   "no type '%.*s' is in scope", STR_ARGS(text));
  } else if (found.kind != RESOLVED_ERROR) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0041, body_span(body, head),
                   "'%.*s' cannot be constructed: it is no object type", STR_ARGS(text));
  }
  check_all_values(body, entries);
  return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

TypeId check_construct(Body *body, NodeId node, TypeId expected) {
  AstNode at = body_ast(body, node);
  Head head = resolve_head(body, at.construct.type);
  if (!head.symbol) {
    return not_constructible(body, node, at.construct.type, at.construct.entries, head.alias != 0);
  }
  Candidate *candidates;
  uint32_t count = constructors(body, head.symbol, &candidates);
  if (count > 0 && !names_every_field(body, head.symbol, at.construct.entries) &&
      !inside_init(body, head.symbol)) {
    return call_constructor(body, node, at.construct.type, &head, at.construct.entries, candidates, count,
                            expected);
  }
  return fieldwise(body, node, head_type(body, node, &head, at.construct.entries, expected),
                   at.construct.entries);
}

// --- T(args)

static bool all_labelled_arguments(const Body *body, NodeRange arguments) {
  for (uint32_t i = 0; i < arguments.count; i++) {
    if (ast_kind(body->ast, ast_listed(body->ast, arguments, i)) != NODE_ARGUMENT) {
      return false;
    }
  }
  return true;
}

static TypeId call_head(Body *body, NodeId node, NodeId head_node, Head head, TypeId expected) {
  NodeRange arguments = body_ast(body, node).call.arguments;
  if (!head.symbol) {
    return not_constructible(body, node, head_node, arguments, head.alias != 0);
  }
  Candidate *candidates;
  uint32_t count = constructors(body, head.symbol, &candidates);
  if (count > 0) {
    return call_constructor(body, node, head_node, &head, arguments, candidates, count, expected);
  }
  bool record =
      arguments.count == 1 && ast_kind(body->ast, ast_listed(body->ast, arguments, 0)) == NODE_RECORD;
  if (record) { // `T({ … })` is the brace literal
    NodeRange entries = ast_node(body->ast, ast_listed(body->ast, arguments, 0))->list.items;
    return fieldwise(body, node, head_type(body, node, &head, entries, expected), entries);
  }
  if (!all_labelled_arguments(body, arguments)) {
    Diagnostic *diagnostic =
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0041, body_span(body, head_node),
                       "'%.*s' is a type, no value",
                       STR_ARGS(body_name(body, names_symbol(body->names, head.symbol)->name)));
    diagnostic_hint(&body->context->diagnostics, diagnostic,
                    "name the fields: `%.*s(field: …)`, or declare `fn init` in an impl",
                    STR_ARGS(body_name(body, names_symbol(body->names, head.symbol)->name)));
    check_all_values(body, arguments);
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  return fieldwise(body, node, head_type(body, node, &head, arguments, expected), arguments);
}

TypeId check_type_call(Body *body, NodeId node, SymbolId symbol, TypeId expected) {
  NodeId callee = body_ast(body, node).call.callee;
  return call_head(body, node, callee,
                   head_of_symbol(body, symbol, ast_node(body->ast, callee)->name.type_arguments), expected);
}

// --- X::m

static SymbolId last_symbol(const Body *body, NodeId name, SymbolKind kind) {
  Resolution found = names_resolution(body->names, name);
  for (uint32_t i = found.kind == RESOLVED_SYMBOLS ? found.symbols.count : 0; i > 0; i--) {
    SymbolId id = names_listed(body->names, found.symbols, i - 1);
    if (names_symbol(body->names, id)->kind == kind) {
      return id;
    }
  }
  return 0;
}

static TypeId missing_static(Body *body, NodeId node, NodeId last, TypeId type) {
  Str name = body_name(body, ast_node(body->ast, last)->name.name), text = body_type_text(body, type);
  diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, last),
                 "type %.*s does not declare static method %.*s", STR_ARGS(text), STR_ARGS(name));
  return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

static TypeId call_static(Body *body, NodeId node, NodeId last, TypeId type, const Head *head,
                          TypeId expected) {
  AstNode at = body_ast(body, node);
  AstNode name = body_ast(body, last);
  Candidate *candidates;
  uint32_t count = check_find_methods(body, type, name.name.name, true, &candidates);
  if (count == 0) {
    NodeRange arguments = at.call.arguments;
    for (uint32_t i = 0; i < arguments.count; i++) {
      NodeId argument = ast_listed(body->ast, arguments, i);
      AstNode written = body_ast(body, argument);
      check_expression(body, written.kind == NODE_ARGUMENT ? written.labelled.value : argument, TYPE_NONE);
    }
    return missing_static(body, node, last, type);
  }
  CallSite site = {.node = node,
                   .span = at.span,
                   .name = name.name.name,
                   .explicit = name.name.type_arguments,
                   .expected = expected};
  site.arguments = check_collect_arguments(body, at.call.arguments, 0, &site.argument_count);
  qualify(body, candidates, count, head->fixed, head);
  return count == 1 ? check_call_candidate(body, &site, candidates)
                    : check_overloaded_call(body, &site, candidates, count);
}

// `Tr::m(e, …)`: the first argument is the receiver (05 §5.12.4).
static TypeId call_trait(Body *body, NodeId node, NodeId last, SymbolId trait, TypeId expected) {
  AstNode at = body_ast(body, node);
  if (!check_trait_declares(body, trait, last)) {
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  CallSite site = {.node = node,
                   .span = at.span,
                   .name = ast_node(body->ast, last)->name.name,
                   .explicit = ast_node(body->ast, last)->name.type_arguments,
                   .expected = expected};
  site.arguments = check_collect_arguments(body, at.call.arguments, 0, &site.argument_count);
  TypeId receiver =
      site.argument_count > 0 ? check_expression(body, site.arguments[0].node, TYPE_NONE) : TYPE_NONE;
  if (receiver == TYPE_NONE) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, at.span,
                   "a call through trait %.*s needs its receiver as first argument",
                   STR_ARGS(body_name(body, names_symbol(body->names, trait)->name)));
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  site.receiver = site.arguments[0].node;
  body_node(body, site.receiver)->target = receiver;
  return check_trait_call(body, &site, receiver, trait);
}

TypeId check_path_call(Body *body, NodeId node, TypeId expected) {
  AstNode at = body_ast(body, node);
  NodeId callee = at.call.callee;
  NodeRange segments = ast_node(body->ast, callee)->path.segments;
  NodeId last = ast_listed(body->ast, segments, segments.count - 1);
  NodeId before = ast_listed(body->ast, segments, segments.count - 2);
  AstNode name = body_ast(body, last);
  Resolution found = names_resolution(body->names, last);
  if (found.kind == RESOLVED_SYMBOLS) { // a member of a module or effect
    const Symbol *symbol =
        names_symbol(body->names, names_listed(body->names, found.symbols, found.symbols.count - 1));
    if (symbol->kind == SYMBOL_OBJECT || symbol->kind == SYMBOL_ALIAS) {
      return call_head(body, node, callee, resolve_head(body, callee), expected);
    }
    return check_call_symbols(body, node, last, found.symbols, expected);
  }
  Resolution container = names_resolution(body->names, before);
  if (container.kind == RESOLVED_TYPE_PARAMETER) {
    TypeId type =
        types_substitute(body->types, &body->substitution, types_parameter(body->types, container.id));
    Head head = {.fixed = type};
    return call_static(body, node, last, type, &head, expected);
  }
  SymbolId trait = last_symbol(body, before, SYMBOL_TRAIT);
  if (trait) {
    return call_trait(body, node, last, trait, expected);
  }
  SymbolId type = type_symbol(body, before);
  if (type) {
    if (names_symbol(body->names, type)->kind == SYMBOL_ALIAS) {
      Head member = head_of_member(body, type, ast_node(body->ast, before)->name.type_arguments,
                                   name.name.name, name.name.type_arguments);
      if (member.symbol) {
        return call_head(body, node, callee, member, expected);
      }
    }
    Head head = head_of_symbol(body, type, ast_node(body->ast, before)->name.type_arguments);
    if (head.symbol) {
      return call_static(body, node, last, declarations_object(body->declarations, head.symbol)->self, &head,
                         expected);
    }
  }
  if (found.kind != RESOLVED_ERROR && container.kind != RESOLVED_ERROR) {
    Str text = body_name(body, name.name.name);
    bool head_known = container.kind != RESOLVED_NOTHING;
    Diagnostic *diagnostic = diagnostic_add(
        &body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, head_known ? last : before),
        head_known ? "no static member '%.*s' here"
                   : "nothing that could have a member '%.*s' is in scope here",
        STR_ARGS(text));
    if (!head_known) {
      diagnostic_hint(&body->context->diagnostics, diagnostic,
                      "import the module or type before `::` with `use`");
    }
  }
  for (uint32_t i = 0; i < at.call.arguments.count; i++) {
    NodeId argument = ast_listed(body->ast, at.call.arguments, i);
    AstNode written = body_ast(body, argument);
    check_expression(body, written.kind == NODE_ARGUMENT ? written.labelled.value : argument, TYPE_NONE);
  }
  return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

TypeId check_path_value(Body *body, NodeId node, TypeId expected) {
  NodeRange segments = ast_node(body->ast, node)->path.segments;
  NodeId last = ast_listed(body->ast, segments, segments.count - 1);
  NodeId before = ast_listed(body->ast, segments, segments.count - 2);
  Resolution found = names_resolution(body->names, last);
  if (found.kind == RESOLVED_SYMBOLS) {
    TypeId type = check_expression(body, last, expected);
    TypedNode *inner = body_node(body, last);
    return body_set(body, node, type, (NodeRole)inner->role, inner->detail);
  }
  SymbolId type = type_symbol(body, before);
  Head head = type ? head_of_symbol(body, type, ast_node(body->ast, before)->name.type_arguments) : (Head){0};
  if (head.symbol) {
    TypeId self = declarations_object(body->declarations, head.symbol)->self;
    Candidate *candidates;
    uint32_t count = check_find_methods(body, self, ast_node(body->ast, last)->name.name, true, &candidates);
    if (count == 1) {
      qualify(body, candidates, count, head.fixed, &head);
      return check_candidate_value(body, node, &candidates[0], expected);
    }
    if (count == 0) {
      return missing_static(body, node, last, self);
    }
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, node),
                   "overload set '%.*s' cannot be used outside of a call expression",
                   STR_ARGS(body_name(body, ast_node(body->ast, last)->name.name)));
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  if (found.kind != RESOLVED_ERROR && names_resolution(body->names, before).kind != RESOLVED_ERROR) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0030, body_span(body, last),
                   "no value '%.*s' is in scope",
                   STR_ARGS(body_name(body, ast_node(body->ast, last)->name.name)));
  }
  return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
}
