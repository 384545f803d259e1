// Function signatures: what callers may rely on before any body is checked.
#include "check/state.h"

static Str attribute_argument(const Program *program, const AstAttribute *attribute, Str key) {
  // `(@ (intrinsic (: name "__sqrt") (: uses_signature true)))`
  const FormTable *forms = &program->graph->forms;
  const Form *outer = form_get(forms, attribute->form);
  if (outer->kind != FORM_LIST || form_count(outer) < 2) {
    return STR("");
  }
  const Form *call = form_get(forms, form_element(outer, 1));
  for (uint32_t i = 1; call->kind == FORM_LIST && i < form_count(call); i++) {
    const Form *entry = form_get(forms, form_element(call, i));
    if (entry->kind != FORM_LIST || form_count(entry) != 3) {
      continue;
    }
    const Form *label = form_get(forms, form_element(entry, 1));
    const Form *value = form_get(forms, form_element(entry, 2));
    if (label->kind == FORM_IDENTIFIER && str_equal(context_name(program->context, label->value), key)) {
      return value->kind == FORM_BOOL ? (value->value ? STR("true") : STR("false"))
                                      : context_name(program->context, value->value);
    }
  }
  return STR("");
}

static void read_intrinsic(Program *program, FunctionInfo *info, const AstFunction *function) {
  for (uint32_t i = 0; i < function->attributes.count; i++) {
    const AstAttribute *attribute = &program->ast->attributes.items[function->attributes.first + i];
    if (!str_equal(context_name(program->context, attribute->name), STR("intrinsic"))) {
      continue;
    }
    Str name = attribute_argument(program, attribute, STR("name"));
    if (!str_equal(name, STR("__string_new"))) { // marks an ordinary function (05 Appendix A.1)
      info->intrinsic = name.length > 0 ? names_intern(&program->context->names, name) : function->name;
      info->uses_signature =
          str_equal(attribute_argument(program, attribute, STR("uses_signature")), STR("true"));
    }
    if (graph_module(program->graph, function->module)->path.space != NAMESPACE_STD) {
      diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0038, function->name_span,
                     "'%.*s' wraps an intrinsic, which only std may do",
                     STR_ARGS(context_name(program->context, function->name)));
    }
  }
}

static TypeId parameter_type(Program *program, const AstFunction *function, const AstParameter *parameter,
                             TypeId self, uint32_t index) {
  if (parameter->type) {
    TypeId type = declarations_type(&program->declarations, function->module, parameter->type);
    return parameter->is_optional && type != TYPE_UNKNOWN
               ? declarations_optional(&program->declarations, type)
               : type;
  }
  if (index == 0 && parameter->name == NAME_SELF && self != TYPE_NONE) {
    return self;
  }
  return TYPE_NONE;
}

static bool is_function_symbol_static(const AstTable *ast, const AstFunction *function) {
  return function->parameters.count == 0 ||
         ast->parameters.items[function->parameters.first].name != NAME_SELF;
}

FunctionInfo *check_function_info(Program *program, FunctionId id) {
  CheckState *state = program->state;
  if (state->functions.count < program->ast->functions.count) {
    VECTOR_EXTEND(&program->arena, &state->functions, program->ast->functions.count - state->functions.count);
  }
  FunctionInfo *info = &state->functions.items[id];
  if (info->ready) {
    return info;
  }
  info->ready = true;
  names_bind_function(program->names, id);
  AstFunction function = *ast_function(program->ast, id);
  info->row = ROW_OPEN;
  info->free[info->free_count++] = function.type_parameters;
  if (function.kind == FUNCTION_METHOD && info->impl) {
    const ImplInfo *impl = &program->declarations.impls.items[info->impl];
    info->self = impl->target;
    info->free[info->free_count++] = program->ast->impls.items[impl->impl].type_parameters;
  } else if (function.kind == FUNCTION_TRAIT && info->trait != TYPE_NONE) {
    SymbolId trait = type_get(&program->types, info->trait)->symbol;
    info->self = info->trait;
    info->free[info->free_count++] = declarations_type_parameters(&program->declarations, trait);
  }
  if (info->effect) {
    info->free[info->free_count++] = declarations_type_parameters(&program->declarations, info->effect);
  }
  info->is_static = is_function_symbol_static(program->ast, &function);
  read_intrinsic(program, info, &function);
  TypeId self = info->self;
  TypeId *types = ARENA_ARRAY(&program->arena, TypeId, function.parameters.count);
  for (uint32_t i = 0; i < function.parameters.count; i++) {
    const AstParameter *parameter = &program->ast->parameters.items[function.parameters.first + i];
    types[i] = parameter_type(program, &function, parameter, self, i);
    if (types[i] == TYPE_NONE && !parameter->default_value && function.kind != FUNCTION_LAMBDA &&
        function.kind != FUNCTION_CLAUSE) {
      diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY9999, parameter->name_span,
                     "parameter '%.*s' needs a type",
                     STR_ARGS(context_name(program->context, parameter->name)));
      types[i] = TYPE_UNKNOWN;
    }
    if (types[i] == TYPE_NONE && parameter->default_value && function.type_parameters.count > 0) {
      diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0043, parameter->name_span,
                     "a generic function's default parameter '%.*s' needs a type",
                     STR_ARGS(context_name(program->context, parameter->name)));
      types[i] = TYPE_UNKNOWN;
    }
  }
  TypeId result = TYPE_NONE;
  if (function.same_place != NAME_EMPTY) {
    for (uint32_t i = 0; i < function.parameters.count; i++) {
      const AstParameter *parameter = &program->ast->parameters.items[function.parameters.first + i];
      result = parameter->name == function.same_place ? types[i] : result;
    }
  } else if (function.result) {
    result = declarations_type(&program->declarations, function.module, function.result);
  } else if (function.kind == FUNCTION_METHOD && function.name == NAME_INIT && info->is_static) {
    result = self; // 05 §5.2.2: `init` gives the impl target
  }
  RowId row = declarations_row(&program->declarations, function.module, function.row, ROW_OPEN);
  info = &state->functions.items[id];
  info->parameters = types;
  info->parameter_count = function.parameters.count;
  info->result = result;
  info->row = row;
  info->row_written = function.row != 0;
  return info;
}

static void widen(LocalId local, LocalId *low, LocalId *high) {
  if (local) {
    *low = local < *low ? local : *low;
    *high = local > *high ? local : *high;
  }
}

static void widen_by_parameters(const Program *program, AstRange parameters, LocalId *low, LocalId *high) {
  for (uint32_t i = 0; i < parameters.count; i++) {
    widen(program->names->parameter_locals.items[parameters.first + i], low, high);
  }
}

// Lambdas and clauses inside declare locals of the same body: one run of ids with those of the `parameters`.
void check_locals_of(const Program *program, AstRange parameters, NodeId first_node, NodeId end_node,
                     LocalId *first, LocalId *end) {
  LocalId low = UINT32_MAX, high = 0;
  widen_by_parameters(program, parameters, &low, &high);
  for (NodeId node = first_node; node < end_node; node++) {
    const AstNode *at = ast_node(program->ast, node);
    FunctionId inner = at->kind == NODE_LAMBDA    ? at->lambda.function
                       : at->kind == NODE_HANDLER ? at->handler.clause
                                                  : 0;
    if (inner) {
      widen_by_parameters(program, ast_function(program->ast, inner)->parameters, &low, &high);
    } else if (at->kind == NODE_BIND) {
      widen(program->names->bind_locals.items[node], &low, &high);
    }
  }
  *first = high ? low : 0;
  *end = high ? high + 1 : 0;
}

void check_function_ranges(Program *program, FunctionId id, LocalId *first, LocalId *end) {
  FunctionInfo *info = check_function_info(program, id);
  if (!info->locals_known) {
    const AstFunction *function = ast_function(program->ast, id);
    check_locals_of(program, function->parameters, function->first_node, function->end_node,
                    &info->first_local, &info->end_local);
    info->locals_known = true;
  }
  *first = info->first_local;
  *end = info->end_local;
}

const AstParameter *check_parameter(const Program *program, const AstFunction *function, uint32_t index) {
  return &program->ast->parameters.items[function->parameters.first + index];
}

Str check_signature_text(Program *program, FunctionId id, const Substitution *substitution) {
  const AstFunction function = *ast_function(program->ast, id);
  FunctionInfo info = *check_function_info(program, id);
  Text text = text_new(&program->arena);
  text_add(&text, context_name(program->context, function.name));
  text_add_char(&text, '(');
  for (uint32_t i = 0; i < function.parameters.count; i++) {
    const AstParameter *parameter = check_parameter(program, &function, i);
    text_add(&text, i > 0 ? STR(", ") : STR(""));
    text_add(&text, parameter->is_mutable ? STR("~") : STR(""));
    text_add(&text, context_name(program->context, parameter->name));
    if (parameter->type) {
      text_add(&text, STR(": "));
      types_print(&program->types, types_substitute(&program->types, substitution, info.parameters[i]),
                  &text);
    }
  }
  text_add_char(&text, ')');
  if (info.result != TYPE_NONE) {
    text_add(&text, STR(" -> "));
    types_print(&program->types, types_substitute(&program->types, substitution, info.result), &text);
  }
  return text_str(&text);
}

// --- overloads whose labels include another's (05 §5.18)

static bool types_overlap(Program *program, TypeId a, TypeId b) {
  if (a == TYPE_NONE || b == TYPE_NONE || a == b) {
    return true;
  }
  TypeTable *types = &program->types;
  if (type_kind(types, a) == KIND_PARAMETER || type_kind(types, b) == KIND_PARAMETER) {
    TypeId parameter = type_kind(types, a) == KIND_PARAMETER ? a : b, other = parameter == a ? b : a;
    TypeId constraint = declarations_constraint(&program->declarations, type_get(types, parameter)->symbol);
    return constraint == TYPE_NONE || types_satisfies(&program->declarations, other, constraint);
  }
  return types_satisfies(&program->declarations, a, b) || types_satisfies(&program->declarations, b, a);
}

// The position of the first labelled parameter, or UINT32_MAX if an unlabelled one follows or there is none.
static uint32_t labels_begin(const Program *program, const AstFunction *function) {
  uint32_t first = UINT32_MAX;
  for (uint32_t i = 0; i < function->parameters.count; i++) {
    bool labelled = check_parameter(program, function, i)->label != NAME_EMPTY;
    if (first != UINT32_MAX && !labelled) {
      return UINT32_MAX;
    }
    first = first == UINT32_MAX && labelled ? i : first;
  }
  return first;
}

static const AstParameter *find_label(const Program *program, const AstFunction *function, Name label,
                                      uint32_t *index) {
  for (uint32_t i = 0; i < function->parameters.count; i++) {
    if (check_parameter(program, function, i)->label == label) {
      *index = i;
      return check_parameter(program, function, i);
    }
  }
  return NULL;
}

static bool is_required(const AstParameter *parameter) {
  return !parameter->is_optional && !parameter->default_value;
}

// Does a call that fits `g` also look like one of `f`, which has a label more?
static bool subsumes(Program *program, FunctionId f_id, FunctionId g_id) {
  const AstFunction f = *ast_function(program->ast, f_id), g = *ast_function(program->ast, g_id);
  FunctionInfo f_info = *check_function_info(program, f_id), g_info = *check_function_info(program, g_id);
  uint32_t f_labels = labels_begin(program, &f), g_labels = labels_begin(program, &g);
  if (f_labels == UINT32_MAX || g_labels == UINT32_MAX || f_labels != g_labels) {
    return false;
  }
  for (uint32_t i = 0; i < f_labels; i++) {
    if (!types_overlap(program, f_info.parameters[i], g_info.parameters[i])) {
      return false;
    }
  }
  bool more = false;
  uint32_t index;
  for (uint32_t i = f_labels; i < f.parameters.count; i++) {
    more |= !find_label(program, &g, check_parameter(program, &f, i)->label, &index);
  }
  for (uint32_t i = g_labels; i < g.parameters.count; i++) {
    const AstParameter *wanted = check_parameter(program, &g, i);
    const AstParameter *found = find_label(program, &f, wanted->label, &index);
    if (is_required(wanted) &&
        (!found || !types_overlap(program, f_info.parameters[index], g_info.parameters[i]))) {
      return false;
    }
  }
  return more;
}

static void check_pair(Program *program, FunctionId a, FunctionId b) {
  FunctionId wide = subsumes(program, a, b) ? a : subsumes(program, b, a) ? b : 0;
  if (!wide) {
    return;
  }
  FunctionId narrow = wide == a ? b : a;
  const Substitution none = {0};
  Str x = check_signature_text(program, wide, &none), y = check_signature_text(program, narrow, &none);
  Diagnostic *diagnostic = diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0047,
                                          ast_function(program->ast, wide)->name_span,
                                          "overload %.*s subsumes %.*s", STR_ARGS(x), STR_ARGS(y));
  diagnostic_related(&program->context->diagnostics, diagnostic,
                     ast_function(program->ast, narrow)->name_span, "the subsumed overload");
  diagnostic_hint(&program->context->diagnostics, diagnostic,
                  "give one of them another name, or make the extra label optional in one function");
}

void check_overload_sets(Program *program, ModuleId module) {
  enum { LARGEST = 64 }; // larger sets cannot be called anyway (05 §5.11.2)
  AstRange items = program->ast->module_items.items[module];
  IdMap first_of = {0}; // name -> index of the last function with it, chained backwards
  uint32_t *before = ARENA_ARRAY(&program->arena, uint32_t, items.count);
  for (uint32_t i = 0; i < items.count; i++) {
    const AstItem *item = &program->ast->items.items[items.first + i];
    if (item->kind != ITEM_FUNCTION ||
        labels_begin(program, ast_function(program->ast, item->index)) == UINT32_MAX) {
      continue;
    }
    Name name = ast_function(program->ast, item->index)->name;
    uint32_t known = id_map_get(&first_of, name);
    before[i] = known == ID_MAP_NONE ? 0 : known + 1;
    uint32_t seen = 0;
    for (uint32_t at = before[i]; at && seen < LARGEST; at = before[at - 1], seen++) {
      check_pair(program, program->ast->items.items[items.first + at - 1].index, item->index);
    }
    id_map_put(&program->arena, &first_of, name, i);
  }
}
