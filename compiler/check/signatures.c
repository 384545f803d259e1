// Function signatures and impl conformance: what callers may rely on before any body is checked.
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

// Lambdas and clauses inside the function declare locals of the same body: one run of ids.
void check_function_ranges(Program *program, FunctionId id, LocalId *first, LocalId *end) {
  FunctionInfo *info = check_function_info(program, id);
  if (!info->locals_known) {
    LocalId low = UINT32_MAX, high = 0;
    const AstFunction *function = ast_function(program->ast, id);
    const NameTables *names = program->names;
    for (uint32_t i = 0; i < function->parameters.count; i++) {
      LocalId local = names->parameter_locals.items[function->parameters.first + i];
      low = local && local < low ? local : low;
      high = local > high ? local : high;
    }
    for (NodeId node = function->first_node; node < function->end_node; node++) {
      const AstNode *at = ast_node(program->ast, node);
      LocalId local = at->kind == NODE_BIND ? names->bind_locals.items[node] : 0;
      low = local && local < low ? local : low;
      high = local > high ? local : high;
      FunctionId inner = at->kind == NODE_LAMBDA    ? at->lambda.function
                         : at->kind == NODE_HANDLER ? at->handler.clause
                                                    : 0;
      AstRange parameters = inner ? ast_function(program->ast, inner)->parameters : (AstRange){0, 0};
      for (uint32_t i = 0; i < parameters.count; i++) {
        local = names->parameter_locals.items[parameters.first + i];
        low = local && local < low ? local : low;
        high = local > high ? local : high;
      }
    }
    info->first_local = high ? low : 0;
    info->end_local = high ? high + 1 : 0;
    info->locals_known = true;
  }
  *first = info->first_local;
  *end = info->end_local;
}

// --- impls

uint32_t check_first_method(const Program *program, ImplId impl, Name name) {
  return id_map_get(&program->state->methods_by_name, id_pair(impl, name));
}

uint32_t check_next_method(const Program *program, uint32_t position) {
  return program->state->next_method[position];
}

static void place_methods(Program *program) {
  CheckState *state = program->state;
  AstTable *ast = program->ast;
  state->next_method = ARENA_ARRAY(&program->arena, uint32_t, ast->member_functions.count);
  for (ImplId id = 1; id < program->declarations.impls.count; id++) {
    AstRange methods = ast->impls.items[program->declarations.impls.items[id].impl].methods;
    for (uint32_t i = methods.count; i > 0; i--) { // backwards, so that the lists are in source order
      uint32_t position = methods.first + i - 1;
      FunctionId method = ast->member_functions.items[position];
      uint64_t key = id_pair(id, ast_function(ast, method)->name);
      state->functions.items[method].impl = id;
      state->next_method[position] = id_map_get(&state->methods_by_name, key);
      id_map_put(&program->arena, &state->methods_by_name, key, position);
    }
  }
  for (SymbolId id = 1; id < program->names->symbols.count; id++) {
    const Symbol *symbol = names_symbol(program->names, id);
    if (symbol->kind == SYMBOL_OPERATION) {
      state->functions.items[symbol->declaration].effect = symbol->owner;
      state->functions.items[symbol->declaration].operation = id;
      state->has_operations = true;
    }
    if (symbol->kind != SYMBOL_TRAIT) {
      continue;
    }
    AstRange parameters = declarations_type_parameters(&program->declarations, id);
    TypeId *own = ARENA_ARRAY(&program->arena, TypeId, parameters.count);
    for (uint32_t i = 0; i < parameters.count; i++) {
      own[i] = types_parameter(&program->types, parameters.first + i);
    }
    TypeId trait = types_trait(&program->types, id, own, parameters.count);
    AstRange methods = ast->traits.items[symbol->declaration].methods;
    for (uint32_t i = 0; i < methods.count; i++) {
      state->functions.items[ast->member_functions.items[methods.first + i]].trait = trait;
    }
  }
}

static const AstParameter *parameter_at(const Program *program, const AstFunction *function, uint32_t index) {
  return &program->ast->parameters.items[function->parameters.first + index];
}

// 04 §7.3: name, number of type parameters, count and labels; with `types` also parameter types.
static bool same_key(Program *program, FunctionId method, FunctionId required, const Substitution *trait,
                     bool types) {
  AstFunction a = *ast_function(program->ast, method), b = *ast_function(program->ast, required);
  if (a.name != b.name || a.type_parameters.count != b.type_parameters.count ||
      a.parameters.count != b.parameters.count) {
    return false;
  }
  FunctionInfo have = *check_function_info(program, method), want = *check_function_info(program, required);
  for (uint32_t i = 0; i < a.parameters.count; i++) {
    const AstParameter *x = parameter_at(program, &a, i), *y = parameter_at(program, &b, i);
    if (x->label != y->label || (i == 0 && have.is_static != want.is_static)) {
      return false;
    }
    bool self = i == 0 && !want.is_static;
    if (types && !self &&
        have.parameters[i] != types_substitute(&program->types, trait, want.parameters[i])) {
      return false;
    }
  }
  return true;
}

static Str signature_text(Program *program, FunctionId id) {
  const AstFunction function = *ast_function(program->ast, id);
  FunctionInfo info = *check_function_info(program, id);
  Text text = text_new(&program->arena);
  text_add(&text, context_name(program->context, function.name));
  text_add_char(&text, '(');
  for (uint32_t i = 0; i < function.parameters.count; i++) {
    const AstParameter *parameter = parameter_at(program, &function, i);
    text_add(&text, i > 0 ? STR(", ") : STR(""));
    text_add(&text, parameter->is_mutable ? STR("~") : STR(""));
    text_add(&text, context_name(program->context, parameter->name));
    if (parameter->type) {
      text_add(&text, STR(": "));
      types_print(&program->types, info.parameters[i], &text);
    }
  }
  text_add_char(&text, ')');
  if (info.result != TYPE_NONE) {
    text_add(&text, STR(" -> "));
    types_print(&program->types, info.result, &text);
  }
  return text_str(&text);
}

// Own type parameters of the trait's method stand for those of the impl's method, by position.
static Substitution conformance_substitution(Program *program, const ImplInfo *impl, FunctionId method,
                                             FunctionId required) {
  Substitution substitution = {0};
  const Type trait = *type_get(&program->types, impl->trait);
  AstRange parameters = declarations_type_parameters(&program->declarations, trait.symbol);
  for (uint32_t i = 0; i < parameters.count; i++) {
    substitution_bind(&program->arena, &substitution, parameters.first + i,
                      program->types.ids.items[trait.first + i]);
  }
  if (method) {
    AstRange own = ast_function(program->ast, method)->type_parameters;
    AstRange theirs = ast_function(program->ast, required)->type_parameters;
    for (uint32_t i = 0; i < own.count && i < theirs.count; i++) {
      substitution_bind(&program->arena, &substitution, theirs.first + i,
                        types_parameter(&program->types, own.first + i));
    }
  }
  return substitution;
}

static FunctionId conforming_method(Program *program, const ImplInfo *impl, FunctionId required) {
  AstRange methods = program->ast->impls.items[impl->impl].methods;
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t i = 0; i < methods.count; i++) {
      FunctionId method = program->ast->member_functions.items[methods.first + i];
      if (ast_function(program->ast, method)->name != ast_function(program->ast, required)->name) {
        continue;
      }
      Substitution substitution = conformance_substitution(program, impl, method, required);
      if (same_key(program, method, required, &substitution, pass == 0)) {
        return method;
      }
    }
  }
  return 0;
}

static void check_conforming(Program *program, const ImplInfo *impl, FunctionId method, FunctionId required) {
  Substitution substitution = conformance_substitution(program, impl, method, required);
  FunctionInfo have = *check_function_info(program, method), want = *check_function_info(program, required);
  const AstFunction function = *ast_function(program->ast, method);
  Str name = context_name(program->context, function.name);
  for (uint32_t i = 0; i < have.parameter_count; i++) {
    TypeId wanted = types_substitute(&program->types, &substitution, want.parameters[i]);
    if (!(i == 0 && !want.is_static) && have.parameters[i] != wanted && have.parameters[i] != TYPE_UNKNOWN) {
      Str a = types_text(&program->types, &program->arena, wanted);
      Str b = types_text(&program->types, &program->arena, have.parameters[i]);
      diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY9999,
                     parameter_at(program, &function, i)->span,
                     "'%.*s' differs from the trait: parameter %u is '%.*s' there, '%.*s' here",
                     STR_ARGS(name), i + 1, STR_ARGS(a), STR_ARGS(b));
      return;
    }
  }
  TypeId wanted =
      want.result == TYPE_NONE ? TYPE_NONE : types_substitute(&program->types, &substitution, want.result);
  if (wanted != TYPE_NONE && have.result != wanted && have.result != TYPE_UNKNOWN) {
    Str a = types_text(&program->types, &program->arena, wanted);
    Str b = have.result == TYPE_NONE ? STR("no result type")
                                     : types_text(&program->types, &program->arena, have.result);
    Diagnostic *diagnostic =
        diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY9999, function.name_span,
                       "'%.*s' differs from the trait: its result is '%.*s' there, '%.*s' here",
                       STR_ARGS(name), STR_ARGS(a), STR_ARGS(b));
    diagnostic_related(&program->context->diagnostics, diagnostic,
                       ast_function(program->ast, required)->name_span, "declared by the trait here");
  }
}

static void check_impl(Program *program, ImplId id) {
  ImplInfo impl = program->declarations.impls.items[id];
  const AstItem item = program->ast->items.items[impl.item];
  const AstImpl ast = program->ast->impls.items[impl.impl];
  DiagnosticSink *sink = &program->context->diagnostics;
  if (impl.target == TYPE_UNKNOWN || impl.trait == TYPE_UNKNOWN) {
    return;
  }
  TypeKind kind = type_kind(&program->types, impl.target);
  bool record = kind == KIND_RECORD && !types_is_tuple(&program->types, impl.target);
  bool open = kind == KIND_UNION || kind == KIND_PARAMETER || types_is_tuple(&program->types, impl.target);
  if (record || !(open || kind == KIND_NOMINAL) || (open && impl.trait == TYPE_NONE)) {
    Str text = types_text(&program->types, &program->arena, impl.target);
    diagnostic_add(
        sink, DIAGNOSTIC_TY9999, ast_node(program->ast, ast.target)->span,
        "'%.*s' cannot have methods of its own: the target of an impl is an object or value type%s",
        STR_ARGS(text), impl.trait != TYPE_NONE ? ", a union, a tuple or a type parameter" : "");
    return;
  }
  if (impl.trait == TYPE_NONE) {
    return;
  }
  if (type_kind(&program->types, impl.trait) != KIND_TRAIT) {
    Str text = types_text(&program->types, &program->arena, impl.trait);
    diagnostic_add(sink, DIAGNOSTIC_TY9999, ast_node(program->ast, ast.trait)->span, "'%.*s' is no trait",
                   STR_ARGS(text));
    return;
  }
  SymbolId trait = type_get(&program->types, impl.trait)->symbol;
  AstRange required = program->ast->traits.items[names_symbol(program->names, trait)->declaration].methods;
  Text missing = text_new(&program->arena);
  for (uint32_t i = 0; i < required.count; i++) {
    FunctionId wanted = program->ast->member_functions.items[required.first + i];
    FunctionId method = conforming_method(program, &impl, wanted);
    if (method) {
      check_conforming(program, &impl, method, wanted);
    } else if (!ast_function(program->ast, wanted)->body) {
      text_add(&missing, missing.count > 0 ? STR(", ") : STR(""));
      text_add(&missing, signature_text(program, wanted));
    }
  }
  if (missing.count > 0) {
    Str a = types_text(&program->types, &program->arena, impl.trait);
    Str b = types_text(&program->types, &program->arena, impl.target);
    Diagnostic *diagnostic = diagnostic_add(sink, DIAGNOSTIC_TY0042, item.span, "%.*s for %.*s lacks %.*s",
                                            STR_ARGS(a), STR_ARGS(b), STR_ARGS(text_str(&missing)));
    diagnostic_hint(sink, diagnostic, "add the missing method%s to this impl",
                    strchr(missing.bytes, ',') ? "s" : "");
  }
}

// 04 §7.4: two impls of one trait overlap when targets and then traits unify with fresh parameters.
static bool overlap(Program *program, const ImplInfo *a, const ImplInfo *b) {
  AstRange free[2] = {program->ast->impls.items[a->impl].type_parameters,
                      program->ast->impls.items[b->impl].type_parameters};
  Substitution bound = {0};
  Declarations *declarations = &program->declarations;
  types_bind(declarations, &bound, free, 2, a->target, b->target);
  TypeId x = types_substitute(&program->types, &bound, a->target);
  TypeId y = types_substitute(&program->types, &bound, b->target);
  types_bind(declarations, &bound, free, 2, y, x);
  types_bind(declarations, &bound, free, 2, a->trait, b->trait);
  types_bind(declarations, &bound, free, 2, b->trait, a->trait);
  for (int i = 0; i < 2; i++) {
    x = types_substitute(&program->types, &bound, x);
    y = types_substitute(&program->types, &bound, y);
  }
  TypeId s = types_substitute(&program->types, &bound, types_substitute(&program->types, &bound, a->trait));
  TypeId t = types_substitute(&program->types, &bound, types_substitute(&program->types, &bound, b->trait));
  return types_unify(declarations, x, y, false) && types_unify(declarations, s, t, false);
}

static void report_overlap(Program *program, const ImplInfo *impl, const ImplInfo *earlier) {
  Str a = types_text(&program->types, &program->arena, impl->trait);
  Str b = types_text(&program->types, &program->arena, impl->target);
  bool identical = impl->target == earlier->target && impl->module == earlier->module &&
                   program->ast->impls.items[impl->impl].type_parameters.count == 0;
  const AstItem item = program->ast->items.items[impl->item];
  AstRange methods = program->ast->impls.items[impl->impl].methods;
  Span span = identical && methods.count > 0
                  ? ast_function(program->ast, program->ast->member_functions.items[methods.first])->name_span
                  : item.span;
  Diagnostic *diagnostic =
      diagnostic_add(&program->context->diagnostics, identical ? DIAGNOSTIC_BD0002 : DIAGNOSTIC_TY0036, span,
                     "%.*s for %.*s is implemented already", STR_ARGS(a), STR_ARGS(b));
  diagnostic_related(&program->context->diagnostics, diagnostic,
                     program->ast->items.items[earlier->item].name_span, "the other implementation");
}

static bool is_impl_of(const Program *program, const ImplInfo *impl, SymbolId trait) {
  return impl->trait != TYPE_NONE && type_kind(&program->types, impl->trait) == KIND_TRAIT &&
         type_get(&program->types, impl->trait)->symbol == trait;
}

// An impl for a named type can only overlap with impls for the same one and with those whose target has no
// name (unions, tuples, type parameters); the latter are held against all of their trait.
static void check_coherence(Program *program, ImplId id) {
  const Declarations *declarations = &program->declarations;
  ImplInfo impl = declarations->impls.items[id];
  if (impl.trait == TYPE_NONE || type_kind(&program->types, impl.trait) != KIND_TRAIT ||
      impl.target == TYPE_UNKNOWN) {
    return;
  }
  TypeId nominal = types_nominal_part(&program->types, impl.target);
  bool named = nominal != TYPE_NONE && nominal != TYPE_OBJECT;
  ImplId other = named ? declarations->next_impl.items[id] : declarations->next_of_trait.items[id];
  for (int pass = 0; pass < (named ? 2 : 1); pass++) {
    other = pass == 1 ? declarations->open_impls : other;
    while (other) {
      ImplInfo earlier = declarations->impls.items[other];
      if (other < id && is_impl_of(program, &earlier, type_get(&program->types, impl.trait)->symbol) &&
          overlap(program, &impl, &earlier)) {
        report_overlap(program, &impl, &earlier);
        return;
      }
      other = named ? declarations->next_impl.items[other] : declarations->next_of_trait.items[other];
    }
  }
}

void check_impls(Program *program) {
  CheckState *state = program->state;
  if (state->functions.count < program->ast->functions.count) {
    VECTOR_EXTEND(&program->arena, &state->functions, program->ast->functions.count - state->functions.count);
  }
  place_methods(program);
  for (ImplId id = 1; id < program->declarations.impls.count; id++) {
    ModuleNamespace space =
        graph_module(program->graph, program->declarations.impls.items[id].module)->path.space;
    if (space != NAMESPACE_STD) {
      check_impl(program, id);
      check_coherence(program, id);
    }
  }
}

InstanceId program_implementation(Program *program, TypeId type, TypeId trait, FunctionId method) {
  Substitution bound;
  ImplId id = types_find_impl(&program->declarations, type, trait, &bound);
  if (!id) {
    return 0;
  }
  ImplInfo impl = program->declarations.impls.items[id];
  FunctionId found = conforming_method(program, &impl, method);
  InstanceKey key = {found, 0, TYPE_NONE, &bound};
  if (!found) { // the trait's default body, compiled for this type
    Type applied = *type_get(&program->types, trait);
    AstRange parameters = declarations_type_parameters(&program->declarations, applied.symbol);
    for (uint32_t i = 0; i < parameters.count; i++) {
      substitution_bind(&program->arena, &bound, parameters.first + i,
                        program->types.ids.items[applied.first + i]);
    }
    key = (InstanceKey){method, 0, type, &bound};
  }
  return check_instance(program, key, 0, (Span){0, 0});
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
    bool labelled = parameter_at(program, function, i)->label != NAME_EMPTY;
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
    if (parameter_at(program, function, i)->label == label) {
      *index = i;
      return parameter_at(program, function, i);
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
    more |= !find_label(program, &g, parameter_at(program, &f, i)->label, &index);
  }
  for (uint32_t i = g_labels; i < g.parameters.count; i++) {
    const AstParameter *wanted = parameter_at(program, &g, i);
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
  Str x = signature_text(program, wide), y = signature_text(program, narrow);
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
