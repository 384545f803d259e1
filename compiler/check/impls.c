// Impls held against their traits and against one another: conformance (spec 04 §7.3), methods of one key (04
// §7.2), overlap (04 §7.4). Runs before any body is checked.
#include "check/state.h"

uint32_t check_first_method(const Program *program, ImplId impl, Name name) {
  return id_map_get(&program->state->methods_by_name, id_pair(impl, name));
}

uint32_t check_next_method(const Program *program, uint32_t position) {
  return program->state->next_method[position];
}

uint32_t check_first_offer(const Program *program, SymbolId nominal, Name name) {
  return id_map_get(&program->state->offers_by_name, id_pair(nominal, name));
}

static void offer(Program *program, ImplId impl, SymbolId nominal, Name name) {
  CheckState *state = program->state;
  uint64_t key = id_pair(nominal, name);
  uint32_t next = id_map_get(&state->offers_by_name, key);
  if (next == ID_MAP_NONE || state->offers.items[next].impl != impl) {
    VECTOR_PUSH(&program->arena, &state->offers, ((Offer){impl, next}));
    id_map_put(&program->arena, &state->offers_by_name, key, state->offers.count - 1);
  }
}

// What names the impl has methods of, its trait's default bodies included.
static void offer_methods(Program *program, ImplId id) {
  const ImplInfo info = program->declarations.impls.items[id];
  const AstTable *ast = program->ast;
  SymbolId nominal = declarations_impl_key(&program->declarations, info.target);
  AstRange methods = ast->impls.items[info.impl].methods;
  for (uint32_t i = 0; i < methods.count; i++) {
    offer(program, id, nominal, ast_function(ast, ast->member_functions.items[methods.first + i])->name);
  }
  if (info.trait == TYPE_NONE || type_kind(&program->types, info.trait) != KIND_TRAIT) {
    return;
  }
  SymbolId trait = type_get(&program->types, info.trait)->symbol;
  methods = ast->traits.items[names_symbol(program->names, trait)->declaration].methods;
  for (uint32_t i = 0; i < methods.count; i++) {
    const AstFunction *method = ast_function(ast, ast->member_functions.items[methods.first + i]);
    if (method->body) {
      offer(program, id, nominal, method->name);
    }
  }
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
  for (ImplId id = program->declarations.impls.count; id > 1; id--) { // backwards, so that lists are forwards
    if (program->declarations.impls.items[id - 1].target != TYPE_UNKNOWN) {
      offer_methods(program, id - 1);
    }
  }
  for (SymbolId id = 1; id < program->names->symbols.count; id++) {
    const Symbol *symbol = names_symbol(program->names, id);
    if (symbol->kind == SYMBOL_OPERATION) {
      state->functions.items[symbol->declaration].effect = symbol->owner;
      state->functions.items[symbol->declaration].operation = id;
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
    const AstParameter *x = check_parameter(program, &a, i), *y = check_parameter(program, &b, i);
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

static bool conforms(Program *program, const ImplInfo *impl, FunctionId method, FunctionId required,
                     bool types) {
  if (ast_function(program->ast, method)->name != ast_function(program->ast, required)->name) {
    return false;
  }
  Substitution substitution = conformance_substitution(program, impl, method, required);
  return same_key(program, method, required, &substitution, types);
}

// Is the method another overload's of the trait?
static bool is_used(Program *program, const ImplInfo *impl, FunctionId method) {
  SymbolId trait = type_get(&program->types, impl->trait)->symbol;
  AstRange all = program->ast->traits.items[names_symbol(program->names, trait)->declaration].methods;
  for (uint32_t i = 0; i < all.count; i++) {
    if (conforms(program, impl, method, program->ast->member_functions.items[all.first + i], true)) {
      return true;
    }
  }
  return false;
}

// The impl's method for one of the trait: of the same key, else one that differs from it in types alone.
FunctionId check_conforming_method(Program *program, const ImplInfo *impl, FunctionId required) {
  AstRange methods = program->ast->impls.items[impl->impl].methods;
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t i = 0; i < methods.count; i++) {
      FunctionId method = program->ast->member_functions.items[methods.first + i];
      if (conforms(program, impl, method, required, pass == 0) &&
          (pass == 0 || !is_used(program, impl, method))) {
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
                     check_parameter(program, &function, i)->span,
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

static void check_conformance(Program *program, ImplId id) {
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
  VECTOR(Str) lacking = {0};
  for (uint32_t i = 0; i < required.count; i++) {
    FunctionId wanted = program->ast->member_functions.items[required.first + i];
    FunctionId method = check_conforming_method(program, &impl, wanted);
    if (method) {
      check_conforming(program, &impl, method, wanted);
    } else if (!ast_function(program->ast, wanted)->body) {
      text_add(&missing, missing.count > 0 ? STR(", ") : STR(""));
      Substitution substitution = conformance_substitution(program, &impl, 0, wanted);
      Str text = check_signature_text(program, wanted, &substitution);
      text_add(&missing, text);
      VECTOR_PUSH(&program->arena, &lacking, text);
    }
  }
  if (missing.count > 0) {
    Str a = types_text(&program->types, &program->arena, impl.trait);
    Str b = types_text(&program->types, &program->arena, impl.target);
    Diagnostic *diagnostic = diagnostic_add(sink, DIAGNOSTIC_TY0042, item.span, "%.*s for %.*s lacks %.*s",
                                            STR_ARGS(a), STR_ARGS(b), STR_ARGS(text_str(&missing)));
    for (uint32_t i = 0; i < lacking.count; i++) {
      diagnostic_hint(sink, diagnostic, "add `fn %.*s`", STR_ARGS(lacking.items[i]));
    }
  }
}

static void check_impl(Program *program, ImplId id) {
  uint32_t before = program->context->diagnostics.errors;
  check_conformance(program, id);
  program->declarations.impls.items[id].broken = program->context->diagnostics.errors > before;
}

bool check_has_broken_impl(Program *program, InstanceId id) {
  const Instance instance = program->instances.items[id];
  const FunctionInfo info = *check_function_info(program, instance.function);
  if (ast_function(program->ast, instance.function)->kind != FUNCTION_TRAIT) {
    return false;
  }
  Substitution bound;
  TypeId trait = types_substitute(&program->types, &instance.substitution, info.trait);
  ImplId impl = types_find_impl(&program->declarations, instance.self_type, trait, &bound);
  return impl && program->declarations.impls.items[impl].broken;
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
  Diagnostic *diagnostic = diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0036,
                                          program->ast->items.items[impl->item].span,
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
  SymbolId trait = type_get(&program->types, impl.trait)->symbol;
  SymbolId nominal = declarations_impl_key(declarations, impl.target);
  for (int pass = 0; pass < (nominal ? 2 : 1); pass++) {
    const ImplId *next = nominal ? declarations->next_of_pair.items : declarations->next_of_trait.items;
    ImplId other = pass == 0 ? next[id] : declarations_impl_of(declarations, trait, 0);
    for (; other; other = next[other]) {
      ImplInfo earlier = declarations->impls.items[other];
      if (other < id && overlap(program, &impl, &earlier)) {
        report_overlap(program, &impl, &earlier);
        return;
      }
    }
  }
}

// --- methods of one key

static void bind_parameters(Program *program, Substitution *substitution, AstRange from, AstRange to) {
  for (uint32_t i = 0; i < from.count && i < to.count; i++) {
    substitution_bind(&program->arena, substitution, from.first + i,
                      types_parameter(&program->types, to.first + i));
  }
}

// Do labels and parameter types, `self` included, agree? `renamed` gives the type parameters of `b`'s impl in
// terms of `a`'s.
static bool same_parameters(Program *program, FunctionId a_id, FunctionId b_id, Substitution renamed) {
  AstFunction a = *ast_function(program->ast, a_id), b = *ast_function(program->ast, b_id);
  if (a.parameters.count != b.parameters.count || a.type_parameters.count != b.type_parameters.count) {
    return false;
  }
  bind_parameters(program, &renamed, b.type_parameters, a.type_parameters);
  FunctionInfo first = *check_function_info(program, a_id), second = *check_function_info(program, b_id);
  if (first.is_static != second.is_static) {
    return false;
  }
  for (uint32_t i = 0; i < a.parameters.count; i++) {
    if (check_parameter(program, &a, i)->label != check_parameter(program, &b, i)->label ||
        first.parameters[i] == TYPE_UNKNOWN ||
        first.parameters[i] != types_substitute(&program->types, &renamed, second.parameters[i])) {
      return false;
    }
  }
  return true;
}

static void report_duplicate(Program *program, DiagnosticCode code, FunctionId later, FunctionId earlier) {
  const Substitution none = {0};
  Str text = check_signature_text(program, later, &none);
  Diagnostic *diagnostic = diagnostic_add(
      &program->context->diagnostics, code, ast_function(program->ast, later)->span,
      "%.*s: overload %.*s exists already",
      STR_ARGS(context_name(program->context, ast_function(program->ast, later)->name)), STR_ARGS(text));
  diagnostic_related(&program->context->diagnostics, diagnostic,
                     ast_function(program->ast, earlier)->name_span, "the other one");
}

// The earlier method that `method` repeats, among the first `count` methods in `range`; 0 without.
static FunctionId find_duplicate(Program *program, FunctionId method, AstRange range, uint32_t count,
                                 const Substitution *renamed) {
  for (uint32_t i = 0; i < count; i++) {
    FunctionId other = program->ast->member_functions.items[range.first + i];
    if (ast_function(program->ast, other)->name == ast_function(program->ast, method)->name &&
        same_parameters(program, method, other, *renamed)) {
      return other;
    }
  }
  return 0;
}

// What the other impl's type parameters are called in this one, if both are for the same type.
static bool rename_target(Program *program, const ImplInfo *impl, const ImplInfo *other,
                          Substitution *renamed) {
  AstRange own = program->ast->impls.items[impl->impl].type_parameters;
  AstRange theirs = program->ast->impls.items[other->impl].type_parameters;
  Substitution back = {0};
  types_bind(&program->declarations, renamed, &theirs, 1, other->target, impl->target);
  types_bind(&program->declarations, &back, &own, 1, impl->target, other->target);
  return types_substitute(&program->types, renamed, other->target) == impl->target &&
         types_substitute(&program->types, &back, impl->target) == other->target;
}

// The methods of all inherent impls of a type are one table, those of its impls of a trait another (04 §7.2).
static bool check_duplicate_methods(Program *program, ImplId id) {
  const Declarations *declarations = &program->declarations;
  ImplInfo impl = declarations->impls.items[id];
  AstRange methods = program->ast->impls.items[impl.impl].methods;
  SymbolId trait = impl.trait == TYPE_NONE ? 0 : type_get(&program->types, impl.trait)->symbol;
  bool found = false;
  const Substitution none = {0};
  for (uint32_t i = 0; impl.target != TYPE_UNKNOWN && i < methods.count; i++) {
    FunctionId method = program->ast->member_functions.items[methods.first + i];
    FunctionId earlier = find_duplicate(program, method, methods, i, &none);
    for (ImplId other = declarations->next_impl.items[id]; !earlier && other;
         other = declarations->next_impl.items[other]) {
      ImplInfo before = declarations->impls.items[other];
      bool same_table = trait ? is_impl_of(program, &before, trait) : before.trait == TYPE_NONE;
      Substitution renamed = {0};
      AstRange theirs = program->ast->impls.items[before.impl].methods;
      if (same_table &&
          check_first_method(program, other, ast_function(program->ast, method)->name) != UINT32_MAX &&
          rename_target(program, &impl, &before, &renamed)) {
        earlier = find_duplicate(program, method, theirs, theirs.count, &renamed);
      }
    }
    if (earlier) {
      report_duplicate(program, DIAGNOSTIC_BD0002, method, earlier);
      found = true;
    }
  }
  return found;
}

// Overloads of one trait differ in their key (04 §7.1).
void check_trait(Program *program, uint32_t trait) {
  AstRange methods = program->ast->traits.items[trait].methods;
  const Substitution none = {0};
  for (uint32_t i = 0; i < methods.count; i++) {
    FunctionId method = program->ast->member_functions.items[methods.first + i];
    check_function_info(program, method);
    FunctionId earlier = find_duplicate(program, method, methods, i, &none);
    if (earlier) {
      report_duplicate(program, DIAGNOSTIC_TY9999, method, earlier);
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
      if (!check_duplicate_methods(program, id)) {
        check_coherence(program, id);
      }
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
  FunctionId found = check_conforming_method(program, &impl, method);
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
