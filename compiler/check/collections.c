// Array literals and ranges: literals that mean std's types whatever is in scope (spec 05 §5.3.2, §5.3.4).
#include "check/state.h"

static bool is_primitive(const Body *body, TypeId type) {
  return type_kind(body->types, type) == KIND_PRIMITIVE;
}

// The element type by the rules of 05 §5.3.2 over the distinct types; TYPE_UNKNOWN after a report.
static TypeId common_element(Body *body, const TypeId *types, uint32_t count, Span span) {
  DiagnosticSink *sink = &body->context->diagnostics;
  bool primitive = false, nominal = true, structural = true, value = false, object = false;
  for (uint32_t i = 0; i < count; i++) {
    primitive |= is_primitive(body, types[i]);
    TypeId part = types_nominal_part(body->types, types[i]);
    nominal &= part != TYPE_NONE && part != TYPE_OBJECT;
    structural &= type_kind(body->types, types[i]) == KIND_RECORD;
    value |= types_is_value(body->types, types[i]);
    object |= !types_is_value(body->types, types[i]);
  }
  if (primitive) {
    Str a = body_type_text(body, types[0]), b = body_type_text(body, types[1]);
    Diagnostic *diagnostic =
        diagnostic_add(sink, DIAGNOSTIC_TY0024, span, "mixed primitive elements: '%.*s' and '%.*s'",
                       STR_ARGS(a), STR_ARGS(b));
    diagnostic_hint(sink, diagnostic, "array literal elements must not mix primitive types");
    return TYPE_UNKNOWN;
  }
  TypeId best = TYPE_NONE;
  for (uint32_t i = 0; i < count; i++) {
    bool all = true;
    for (uint32_t j = 0; j < count && all; j++) {
      all = types_satisfies(body->declarations, types[j], types[i]);
    }
    if (all && (best == TYPE_NONE || types_satisfies(body->declarations, best, types[i]) == false)) {
      best = types[i];
    }
  }
  if (best != TYPE_NONE) {
    return best;
  }
  if (nominal && value && object) {
    diagnostic_add(sink, DIAGNOSTIC_TY0046, span,
                   "a union is of value types or of objects: these elements mix them");
    return TYPE_UNKNOWN;
  }
  if (nominal) {
    return types_union(body->types, types, count);
  }
  if (structural) {
    return TYPE_OBJECT;
  }
  diagnostic_add(sink, DIAGNOSTIC_TY0025, span, "elements have no common type");
  return TYPE_UNKNOWN;
}

TypeId check_elements(Body *body, const NodeId *items, uint32_t count, Span span) {
  if (count == 0) {
    Diagnostic *diagnostic = diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0023, span,
                                            "element type unknown: the array literal is empty");
    diagnostic_hint(&body->context->diagnostics, diagnostic, "write `Array<T>::init()`");
    return TYPE_UNKNOWN;
  }
  TypeId *distinct = ARENA_ARRAY(body->scratch, TypeId, count);
  uint32_t used = 0;
  bool unknown = false;
  for (uint32_t i = 0; i < count; i++) {
    TypeId type = check_expression(body, items[i], TYPE_NONE);
    bool seen = type == TYPE_UNKNOWN;
    unknown |= seen;
    for (uint32_t j = 0; j < used && !seen; j++) {
      seen = distinct[j] == type;
    }
    if (!seen) {
      distinct[used++] = type;
    }
  }
  TypeId element = used == 0   ? TYPE_UNKNOWN
                   : used == 1 ? distinct[0]
                               : common_element(body, distinct, used, span);
  for (uint32_t i = 0; i < count; i++) {
    check_require(body, items[i], element);
  }
  return unknown && used == 0 ? TYPE_UNKNOWN : element;
}

// Functions of std that literals call, whatever is in scope: by module and name.
FunctionId check_std_function(Body *body, StdFunction which) {
  static const struct {
    const char *module, *name;
  } FUNCTIONS[STD_FUNCTION_COUNT] = {
      [STD_NEW_ARRAY] = {"std::array", "new_array_unchecked"},
      [STD_STRING_FROM_BYTES] = {"std::string::type", "string_from_bytes"},
  };
  CheckState *state = body->program->state;
  const NameTables *names = body->names;
  for (SymbolId id = 1; !state->std_functions[which] && id < names->symbols.count; id++) {
    const Symbol *symbol = names_symbol(names, id);
    if (symbol->kind == SYMBOL_FUNCTION &&
        str_equal(body_name(body, symbol->name), str_from(FUNCTIONS[which].name)) &&
        str_equal(body_name(body, graph_module(names->graph, symbol->module)->id),
                  str_from(FUNCTIONS[which].module))) {
      state->std_functions[which] = symbol->declaration;
    }
  }
  return state->std_functions[which];
}

// A literal is a call of its maker; the one argument, a FixedArray of `element`, lower/ builds from the
// literal.
TypeId check_literal_call(Body *body, NodeId node, FunctionId maker, const Substitution *bound, TypeId type,
                          TypeId element) {
  InstanceId instance = check_instance(body->program, (InstanceKey){maker, 0, TYPE_NONE, bound},
                                       body->instance, body_span(body, node));
  CallPlan plan = {.kind = CALL_DIRECT, .target = instance, .result = type, .type_argument = element};
  return body_set(body, node, type, ROLE_CALL, check_add_call(body, plan, NULL, 0));
}

TypeId check_array(Body *body, NodeId node) {
  NodeRange range = body_ast(body, node).list.items;
  NodeId *items = ARENA_ARRAY(body->scratch, NodeId, range.count);
  for (uint32_t i = 0; i < range.count; i++) {
    items[i] = ast_listed(body->ast, range, i);
  }
  TypeId element = check_elements(body, items, range.count, body_span(body, node));
  SymbolId array = body->declarations->array_object;
  FunctionId maker = array ? check_std_function(body, STD_NEW_ARRAY) : 0;
  if (!maker) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, node),
                   "array literals need std's Array");
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  if (element == TYPE_UNKNOWN) {
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  TypeId type = types_nominal(body->types, array, &element, 1);
  Substitution bound = {0};
  AstRange own = ast_function(body->ast, maker)->type_parameters;
  if (own.count > 0) {
    substitution_bind(body->scratch, &bound, own.first, element);
  }
  return check_literal_call(body, node, maker, &bound, type, element);
}

TypeId check_range(Body *body, NodeId node) {
  AstNode at = body_ast(body, node);
  SymbolId range = body->declarations->range_object;
  if (!range) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, at.span, "ranges need std's Range");
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  TypeId element = TYPE_NONE;
  bool fits = true;
  NodeId bounds[2] = {at.range.start, at.range.end};
  for (int i = 0; i < 2; i++) {
    if (bounds[i]) {
      TypeId type = check_expression(body, bounds[i], TYPE_NONE);
      element = element == TYPE_NONE ? type : element;
      if (type != element && type != TYPE_UNKNOWN && element != TYPE_UNKNOWN) {
        fits = check_require(body, bounds[i], element); // reports TY0027 at the second bound
      }
    }
  }
  element = element == TYPE_NONE ? TYPE_I32 : element;
  if (element == TYPE_UNKNOWN) {
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  TypeId type = types_nominal(body->types, range, &element, 1);
  uint32_t count;
  const TypeField *fields = declarations_fields(body->declarations, type, &count);
  FieldPlan *plans = ARENA_ARRAY(body->scratch, FieldPlan, count);
  for (uint32_t f = 0; f < count; f++) {
    Str name = body_name(body, fields[f].name);
    NodeId bound = str_equal(name, STR("start")) ? bounds[0] : str_equal(name, STR("end")) ? bounds[1] : 0;
    plans[f] = (FieldPlan){.field = fields[f].name,
                           .node = bound,
                           .from = bound ? element : fields[f].type,
                           .to = fields[f].type};
    if (bound && fits) {
      check_require(body, bound, fields[f].type);
    }
  }
  Program *program = body->program;
  ConstructionPlan construction = {type, VECTOR_EXTEND(&program->arena, &program->field_plans, count), count};
  memcpy(program->field_plans.items + construction.first, plans, sizeof *plans * count);
  VECTOR_PUSH(&program->arena, &program->constructions, construction);
  return body_set(body, node, type, ROLE_CONSTRUCT, program->constructions.count - 1);
}
