// Methods, UFCS, dynamic dispatch and subscripts (spec 05 §5.12).
#include "check/state.h"

typedef VECTOR(Candidate) CandidateVector;

static void add_candidate(Body *body, CandidateVector *list, Candidate candidate) {
  VECTOR_PUSH(body->scratch, list, candidate);
}

static Candidate method_candidate(Body *body, FunctionId function, const Substitution *bound) {
  Candidate candidate = {.function = function};
  for (uint32_t b = 0; b < bound->count; b++) {
    substitution_bind(body->scratch, &candidate.substitution, bound->parameters[b], bound->types[b]);
  }
  return candidate;
}

// The impl's methods of that name, and the trait's default bodies that it inherits (04 §7.3).
static void add_impl_methods(Body *body, ImplId impl, Name name, bool is_static, const Substitution *bound,
                             TypeId self, CandidateVector *list_of) {
  const AstTable *ast = body->ast;
  ImplInfo info = body->declarations->impls.items[impl];
  for (uint32_t at = check_first_method(body->program, impl, name); at != ID_MAP_NONE;
       at = check_next_method(body->program, at)) {
    FunctionId function = ast->member_functions.items[at];
    if (check_function_info(body->program, function)->is_static == is_static) {
      add_candidate(body, list_of, method_candidate(body, function, bound));
    }
  }
  if (info.trait == TYPE_NONE || type_kind(body->types, info.trait) != KIND_TRAIT) {
    return;
  }
  const Type trait = *type_get(body->types, info.trait);
  AstRange methods = ast->traits.items[names_symbol(body->names, trait.symbol)->declaration].methods;
  for (uint32_t i = 0; i < methods.count; i++) {
    FunctionId function = ast->member_functions.items[methods.first + i];
    const AstFunction *method = ast_function(ast, function);
    if (method->name != name || !method->body ||
        check_function_info(body->program, function)->is_static != is_static ||
        check_conforming_method(body->program, &info, function)) {
      continue;
    }
    Candidate candidate = method_candidate(body, function, bound);
    AstRange parameters = declarations_type_parameters(body->declarations, trait.symbol);
    for (uint32_t p = 0; p < parameters.count; p++) {
      substitution_bind(body->scratch, &candidate.substitution, parameters.first + p,
                        types_substitute(body->types, bound, body->types->ids.items[trait.first + p]));
    }
    candidate.self = self; // compiled for the implementing type
    candidate.impl = impl;
    add_candidate(body, list_of, candidate);
  }
}

static void trait_object_methods(Body *body, TypeId trait, Name name, CandidateVector *list_of) {
  const Type type = *type_get(body->types, trait);
  AstRange methods = body->ast->traits.items[names_symbol(body->names, type.symbol)->declaration].methods;
  for (uint32_t i = 0; i < methods.count; i++) {
    FunctionId function = body->ast->member_functions.items[methods.first + i];
    if (ast_function(body->ast, function)->name != name ||
        check_function_info(body->program, function)->is_static) {
      continue;
    }
    Candidate candidate = {.function = function, .dispatch = trait};
    AstRange parameters = declarations_type_parameters(body->declarations, type.symbol);
    for (uint32_t p = 0; p < parameters.count; p++) {
      substitution_bind(body->scratch, &candidate.substitution, parameters.first + p,
                        body->types->ids.items[type.first + p]);
    }
    add_candidate(body, list_of, candidate);
  }
}

uint32_t check_find_methods(Body *body, TypeId receiver, Name name, bool is_static, Candidate **out) {
  Declarations *declarations = body->declarations;
  receiver = types_unfold(body->types, receiver);
  Type type = *type_get(body->types, receiver);
  CandidateVector list = {0};
  *out = NULL;
  if (type.kind == KIND_PARAMETER) {
    TypeId constraint = declarations_constraint(declarations, type.symbol);
    return constraint == TYPE_NONE ? 0 : check_find_methods(body, constraint, name, is_static, out);
  }
  if (type.kind == KIND_TRAIT && !is_static) {
    trait_object_methods(body, receiver, name, &list);
    *out = list.items;
    return list.count;
  }
  for (uint32_t i = 0; type.kind == KIND_INTERSECTION && !is_static && i < type.count; i++) {
    trait_object_methods(body, body->types->ids.items[type.first + i], name, &list);
  }
  if (list.count > 0) {
    *out = list.items;
    return list.count;
  }
  const Offer *offers = body->program->state->offers.items;
  SymbolId symbol = declarations_impl_key(declarations, receiver);
  TypeId nominal = types_nominal_part(body->types, receiver);
  uint32_t at = symbol ? check_first_offer(body->program, symbol, name) : ID_MAP_NONE;
  for (; at != ID_MAP_NONE; at = offers[at].next) {
    Substitution bound;
    if (types_impl_applies(declarations, offers[at].impl, nominal, &bound)) {
      add_impl_methods(body, offers[at].impl, name, is_static, &bound, nominal, &list);
    } else if (is_static && type_get(body->types, nominal)->symbolic) {
      Substitution none = {0};
      add_impl_methods(body, offers[at].impl, name, is_static, &none, nominal, &list);
    }
  }
  at = list.count == 0 ? check_first_offer(body->program, 0, name) : ID_MAP_NONE;
  for (; at != ID_MAP_NONE; at = offers[at].next) {
    Substitution bound;
    if (types_impl_applies(declarations, offers[at].impl, receiver, &bound)) {
      add_impl_methods(body, offers[at].impl, name, is_static, &bound, receiver, &list);
    }
  }
  *out = list.items;
  return list.count;
}

static Candidate *free_functions(Body *body, Name name, uint32_t *count) {
  SymbolSet set = names_functions_in_scope(body->names, body->module, name, false);
  Candidate *candidates = ARENA_ARRAY(body->scratch, Candidate, set.count);
  *count = 0;
  for (uint32_t i = 0; i < set.count; i++) {
    const Symbol *symbol = names_symbol(body->names, names_listed(body->names, set, i));
    if (symbol->kind == SYMBOL_FUNCTION) {
      candidates[(*count)++] = (Candidate){.function = symbol->declaration};
    }
  }
  return candidates;
}

// The type of a trait written before `::` in a qualified member, or TYPE_NONE.
static SymbolId qualifier_trait(Body *body, NodeId member) {
  NodeRange segments = ast_node(body->ast, member)->path.segments;
  Resolution found = names_resolution(body->names, ast_listed(body->ast, segments, segments.count - 2));
  for (uint32_t i = 0; found.kind == RESOLVED_SYMBOLS && i < found.symbols.count; i++) {
    SymbolId id = names_listed(body->names, found.symbols, i);
    if (names_symbol(body->names, id)->kind == SYMBOL_TRAIT) {
      return id;
    }
  }
  return 0;
}

// Only the candidates that belong to an impl of the trait, or to the trait itself.
static uint32_t keep_trait(Body *body, Candidate *candidates, uint32_t count, SymbolId trait) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; i++) {
    const FunctionInfo *info = check_function_info(body->program, candidates[i].function);
    TypeId of = info->trait != TYPE_NONE ? info->trait
                : info->impl             ? body->declarations->impls.items[info->impl].trait
                                         : TYPE_NONE;
    if (of != TYPE_NONE && type_kind(body->types, of) == KIND_TRAIT &&
        type_get(body->types, of)->symbol == trait) {
      candidates[kept++] = candidates[i];
    }
  }
  return kept;
}

// The type whose member the candidate is, TYPE_NONE if it is no method of a named type.
static TypeId owner_of(Body *body, const Candidate *candidate) {
  const FunctionInfo *info = check_function_info(body->program, candidate->function);
  ImplId impl = info->impl ? info->impl : candidate->impl;
  TypeId nominal =
      impl ? types_nominal_part(body->types, body->declarations->impls.items[impl].target) : TYPE_NONE;
  return nominal != TYPE_NONE && type_kind(body->types, nominal) == KIND_NOMINAL ? nominal : TYPE_NONE;
}

// May this module call the method (03 §5.5)? What is written in an impl of a trait is there for all, the copy
// of a default body belongs to the package of the type (03 §5.6). Reports TY0009.
bool check_method_access(Body *body, const CallSite *site, const Candidate *candidate) {
  const AstFunction *function = ast_function(body->ast, candidate->function);
  const FunctionInfo *info = check_function_info(body->program, candidate->function);
  TypeId type = owner_of(body, candidate);
  if (type == TYPE_NONE || function->modifier == MODIFIER_PUB ||
      (info->impl && body->declarations->impls.items[info->impl].trait != TYPE_NONE)) {
    return true;
  }
  SymbolId owner = type_get(body->types, type)->symbol;
  const Module *home = graph_module(body->program->graph, names_symbol(body->names, owner)->module);
  Modifier modifier = info->impl ? function->modifier : MODIFIER_NONE;
  if (check_member_access(body, owner, modifier) ||
      (home->path.space == NAMESPACE_STD && modifier != MODIFIER_PRI)) {
    return true;
  }
  Str name = body_name(body, function->name);
  if (modifier == MODIFIER_PRI) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0009, site->span,
                   "method '%.*s' inaccessible (visibility: pri)", STR_ARGS(name));
    return false;
  }
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0009, site->span,
                     "method '%.*s' needs `api` between %.*s and %.*s (visibility: package)", STR_ARGS(name),
                     STR_ARGS(body_name(body, home->id)),
                     STR_ARGS(body_name(body, graph_module(body->program->graph, body->module)->id)));
  if (!info->impl) {
    diagnostic_hint(&body->context->diagnostics, diagnostic,
                    "'%.*s' is inherited from the trait: repeat it in the impl of '%.*s'", STR_ARGS(name),
                    STR_ARGS(body_name(body, names_symbol(body->names, owner)->name)));
  }
  return false;
}

// A method of the type that is spelled nearly so, or NAME_EMPTY.
static Name close_method(Body *body, TypeId receiver, Name wrong) {
  TypeId nominal = types_nominal_part(body->types, receiver);
  bool known = nominal != TYPE_NONE && type_kind(body->types, nominal) == KIND_NOMINAL;
  uint32_t head =
      known ? id_map_get(&body->declarations->impls_of_nominal, type_get(body->types, nominal)->symbol)
            : ID_MAP_NONE;
  Name best = NAME_EMPTY;
  uint32_t least = 3;
  for (ImplId id = head == ID_MAP_NONE ? 0 : head; id; id = body->declarations->next_impl.items[id]) {
    AstRange methods = body->ast->impls.items[body->declarations->impls.items[id].impl].methods;
    for (uint32_t i = 0; i < methods.count; i++) {
      Name name = ast_function(body->ast, body->ast->member_functions.items[methods.first + i])->name;
      uint32_t distance = edit_distance(body_name(body, wrong), body_name(body, name), 2);
      if (distance < least && distance < body_name(body, wrong).length) {
        best = name;
        least = distance;
      }
    }
  }
  return best;
}

// A trait in scope that declares the method, which the type does not implement; 0 without.
static SymbolId declaring_trait(Body *body, Name name) {
  for (SymbolId id = 1; id < body->names->symbols.count; id++) {
    const Symbol *symbol = names_symbol(body->names, id);
    if (symbol->kind != SYMBOL_TRAIT || !names_can_access(body->names, id, body->module)) {
      continue;
    }
    AstRange methods = body->ast->traits.items[symbol->declaration].methods;
    for (uint32_t i = 0; i < methods.count; i++) {
      if (ast_function(body->ast, body->ast->member_functions.items[methods.first + i])->name == name) {
        return id;
      }
    }
  }
  return 0;
}

static TypeId unknown_method(Body *body, CallSite *site, TypeId receiver) {
  Str name = body_name(body, site->name), type = body_type_text(body, receiver);
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, site->from_macro ? DIAGNOSTIC_TY0008 : DIAGNOSTIC_TY0022,
                     site->span, "no method '%.*s' on %.*s", STR_ARGS(name), STR_ARGS(type));
  TypeField field;
  if (types_find_field(body->declarations, receiver, site->name, &field) &&
      type_kind(body->types, field.type) == KIND_FUNCTION) {
    diagnostic_hint(&body->context->diagnostics, diagnostic,
                    "'%.*s' is a field that holds a function: bind it first, `let f = x.%.*s`, then `f(…)`",
                    STR_ARGS(name), STR_ARGS(name));
  } else if (types_find_field(body->declarations, receiver, site->name, &field)) {
    diagnostic_hint(&body->context->diagnostics, diagnostic, "'%.*s' is a field: leave the parentheses out",
                    STR_ARGS(name));
  } else if (!site->from_macro && close_method(body, receiver, site->name) != NAME_EMPTY) {
    diagnostic_hint(&body->context->diagnostics, diagnostic, "did you mean '%.*s'?",
                    STR_ARGS(body_name(body, close_method(body, receiver, site->name))));
  } else if (declaring_trait(body, site->name)) {
    Str trait = body_name(body, names_symbol(body->names, declaring_trait(body, site->name))->name);
    diagnostic_hint(&body->context->diagnostics, diagnostic,
                    "trait %.*s declares it: write `impl %.*s for %.*s`", STR_ARGS(trait), STR_ARGS(trait),
                    STR_ARGS(type));
  }
  for (uint32_t i = 1; i < site->argument_count; i++) {
    if (!site->arguments[i].typed) {
      check_expression(body, site->arguments[i].node, TYPE_NONE);
    }
  }
  return body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

// Selects among methods, then free functions (05 §5.12.1), and completes the call.
static TypeId call_method(Body *body, CallSite *site, TypeId receiver, SymbolId trait, bool ufcs) {
  site->arguments[0].type = receiver;
  site->arguments[0].typed = true;
  if (receiver == TYPE_UNKNOWN) {
    for (uint32_t i = 1; i < site->argument_count; i++) {
      check_expression(body, site->arguments[i].node, TYPE_NONE);
    }
    return body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  check_probe_arguments(body, site->arguments, site->argument_count);
  Candidate *methods;
  uint32_t method_count = check_find_methods(body, receiver, site->name, false, &methods);
  method_count = trait ? keep_trait(body, methods, method_count, trait) : method_count;
  bool ambiguous = false;
  TypeId expected = site->expected;
  site->expected = TYPE_NONE; // plays no part in selection
  Candidate *chosen = method_count > 0 ? check_select(body, site, methods, method_count, &ambiguous) : NULL;
  uint32_t function_count = 0;
  Candidate *functions = ufcs && !trait ? free_functions(body, site->name, &function_count) : NULL;
  if (!chosen && !ambiguous && function_count > 0) {
    chosen = check_select(body, site, functions, function_count, &ambiguous);
  }
  site->expected = expected;
  if (chosen) {
    return check_method_access(body, site, chosen) ? check_call_candidate(body, site, chosen)
                                                   : body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  bool errors = false;
  for (uint32_t i = 1; i < site->argument_count; i++) {
    if (site->arguments[i].errors) {
      check_expression(body, site->arguments[i].node, TYPE_NONE);
      errors = true;
    }
  }
  if (ambiguous || errors) {
    return body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  if (method_count + function_count == 0) {
    return unknown_method(body, site, receiver);
  }
  Candidate *all = ARENA_ARRAY(body->scratch, Candidate, method_count + function_count);
  for (uint32_t i = 0; i < method_count + function_count; i++) {
    all[i] = i < method_count ? methods[i] : functions[i - method_count];
  }
  check_report_no_overload(body, site, all, method_count + function_count);
  return body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

TypeId check_trait_call(Body *body, CallSite *site, TypeId receiver, SymbolId trait) {
  return call_method(body, site, receiver, trait, false);
}

// Does the trait have a method of that name with `self`? Reports TY9999 at the name if not (05 §5.12.4).
bool check_trait_declares(Body *body, SymbolId trait, NodeId member) {
  Name name = ast_node(body->ast, member)->name.name;
  AstRange methods = body->ast->traits.items[names_symbol(body->names, trait)->declaration].methods;
  for (uint32_t i = 0; i < methods.count; i++) {
    FunctionId method = body->ast->member_functions.items[methods.first + i];
    if (ast_function(body->ast, method)->name == name &&
        !check_function_info(body->program, method)->is_static) {
      return true;
    }
  }
  diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_name_span(body, member),
                 "trait %.*s does not declare method %.*s",
                 STR_ARGS(body_name(body, names_symbol(body->names, trait)->name)),
                 STR_ARGS(body_name(body, name)));
  return false;
}

TypeId check_method_call(Body *body, NodeId node, TypeId expected) {
  AstNode at = body_ast(body, node);
  SymbolId trait = 0;
  NodeId member = at.method.member;
  if (ast_kind(body->ast, member) == NODE_PATH) {
    trait = qualifier_trait(body, member);
    NodeRange segments = ast_node(body->ast, member)->path.segments;
    if (!trait) {
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, member),
                     "only a trait can qualify a method");
      return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
    }
    member = ast_listed(body->ast, segments, segments.count - 1);
    if (!check_trait_declares(body, trait, member)) {
      return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
    }
  }
  AstNode name = body_ast(body, member);
  TypeId receiver = check_expression(body, at.method.receiver, TYPE_NONE);
  body_node(body, at.method.receiver)->target = receiver;
  CallSite site = {.node = node,
                   .receiver = at.method.receiver,
                   .span = at.span,
                   .name = name.name.name,
                   .explicit = name.name.type_arguments,
                   .expected = expected,
                   .from_macro = name.name.context != 0,
                   .single_is_overload = true};
  site.arguments =
      check_collect_arguments(body, at.method.arguments, at.method.receiver, &site.argument_count);
  return call_method(body, &site, receiver, trait, true);
}

static CallSite subscript_site(Body *body, NodeId node, NodeId target, Name name, NodeId value) {
  AstNode at = body_ast(body, target);
  uint32_t count = value ? 3 : 2;
  Argument *arguments = ARENA_ARRAY(body->scratch, Argument, count);
  arguments[0].node = at.subscript.receiver;
  arguments[1].node = at.subscript.index;
  if (value) {
    arguments[2].node = value;
    arguments[2].lambda = ast_kind(body->ast, value) == NODE_LAMBDA;
  }
  return (CallSite){.node = node,
                    .receiver = at.subscript.receiver,
                    .span = body_span(body, node),
                    .name = name,
                    .arguments = arguments,
                    .argument_count = count,
                    .single_is_overload = true};
}

TypeId check_subscript(Body *body, NodeId node, TypeId expected) {
  CallSite site = subscript_site(body, node, node, NAME_SUBSCRIPT_GET, 0);
  site.expected = expected;
  TypeId receiver = check_expression(body, site.receiver, TYPE_NONE);
  body_node(body, site.receiver)->target = receiver;
  return call_method(body, &site, receiver, 0, true);
}

TypeId check_subscript_assign(Body *body, NodeId node, NodeId target, NodeId value) {
  CallSite site = subscript_site(body, node, target, NAME_SUBSCRIPT_SET, value);
  TypeId receiver = check_expression(body, site.receiver, TYPE_NONE);
  body_node(body, site.receiver)->target = receiver;
  call_method(body, &site, receiver, 0, true);
  TypedNode *typed = body_node(body, node);
  typed->type = typed->target = TYPE_VOID; // the call's result is dropped
  return TYPE_VOID;
}
