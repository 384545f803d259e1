// Built-in operators and intrinsics (spec 05 §5.5, Appendix A).
#include "check/state.h"

typedef struct BuiltinInfo {
  const char *name;
  TypeId left, right, result;
} BuiltinInfo;

static const BuiltinInfo BUILTINS[BUILTIN_COUNT] = {
#define BUILTIN(id, name, left, right, result) {name, TYPE_##left, TYPE_##right, TYPE_##result},
#include "check/builtins.def"
#undef BUILTIN
};

static Builtin find_builtin(Str name, TypeId left, TypeId right) {
  for (uint32_t i = 1; i < BUILTIN_COUNT; i++) {
    const BuiltinInfo *info = &BUILTINS[i];
    bool same = info->left == left && info->right == right && info->left != TYPE_NONE;
    if (same && str_equal(str_from(info->name), name)) {
      return (Builtin)i;
    }
  }
  return BUILTIN_NOTHING;
}

static bool known_name(Str name) {
  for (uint32_t i = 1; i < BUILTIN_COUNT; i++) {
    if (str_equal(str_from(BUILTINS[i].name), name)) {
      return true;
    }
  }
  return false;
}

static uint32_t add_builtin(Body *body, Builtin builtin, TypeId result, TypeId element,
                            const ArgumentPlan *plans, uint32_t count) {
  CallPlan plan = {.kind = CALL_BUILTIN, .target = builtin, .result = result, .type_argument = element};
  return check_add_call(body, plan, plans, count);
}

static ArgumentPlan *plain_plans(Body *body, const Argument *arguments, uint32_t count) {
  ArgumentPlan *plans = ARENA_ARRAY(body->scratch, ArgumentPlan, count);
  for (uint32_t i = 0; i < count; i++) {
    plans[i] = (ArgumentPlan){.kind = ARGUMENT_VALUE,
                              .node = arguments[i].node,
                              .position = i,
                              .from = arguments[i].type,
                              .to = arguments[i].type};
    body_node(body, arguments[i].node)->target = arguments[i].type;
  }
  return plans;
}

// The same for arguments whose coercions are already at their nodes.
static ArgumentPlan *plain_plans_kept(Body *body, const Argument *arguments, uint32_t count) {
  ArgumentPlan *plans = ARENA_ARRAY(body->scratch, ArgumentPlan, count);
  for (uint32_t i = 0; i < count; i++) {
    const TypedNode *typed = body_node(body, arguments[i].node);
    plans[i] = (ArgumentPlan){.kind = ARGUMENT_VALUE,
                              .node = arguments[i].node,
                              .position = i,
                              .from = typed->type,
                              .to = typed->target};
  }
  return plans;
}

// --- operators

static void report_operator(Body *body, CallSite *site, Name name) {
  TypeId left = site->arguments[0].type,
         right = site->argument_count > 1 ? site->arguments[1].type : TYPE_NONE;
  Text details = text_new(body->scratch);
  text_add(&details, STR("\ninferred argument types: ("));
  types_print(body->types, left, &details);
  if (right != TYPE_NONE) {
    text_add(&details, STR(", "));
    types_print(body->types, right, &details);
  }
  text_add(&details, STR(")\ncandidates:"));
  for (uint32_t i = 1; i < BUILTIN_COUNT; i++) {
    const BuiltinInfo *info = &BUILTINS[i];
    if (str_equal(str_from(info->name), body_name(body, name)) &&
        (info->right == TYPE_NONE) == (right == TYPE_NONE)) {
      text_format(&details, "\n  - %s(", info->name);
      types_print(body->types, info->left, &details);
      if (info->right != TYPE_NONE) {
        text_add(&details, STR(", "));
        types_print(body->types, info->right, &details);
      }
      text_add(&details, STR(")"));
    }
  }
  Diagnostic *diagnostic = diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0008, site->span,
                                          "no overload of %.*s matches argument types%.*s",
                                          STR_ARGS(body_name(body, name)), STR_ARGS(text_str(&details)));
  if (types_is_numeric(left) && types_is_numeric(right) && left != right) {
    NodeKind first = ast_kind(body->ast, check_inner(body, site->arguments[0].node));
    bool change_left = first == NODE_INT || first == NODE_FLOAT || left == TYPE_I32;
    NodeKind second = ast_kind(body->ast, check_inner(body, site->arguments[1].node));
    change_left &= second != NODE_INT;
    check_explain_numbers(body, diagnostic, site->arguments[change_left ? 0 : 1].node,
                          change_left ? left : right, change_left ? right : left);
  }
}

static TypeId builtin_operator(Body *body, NodeId node, Name name, CallSite *site) {
  TypeId left = site->arguments[0].type,
         right = site->argument_count > 1 ? site->arguments[1].type : TYPE_NONE;
  if (left == TYPE_UNKNOWN || right == TYPE_UNKNOWN) { // `?` matches anything; one left result is the answer
    TypeId result = TYPE_NONE;
    for (uint32_t i = 1; i < BUILTIN_COUNT; i++) {
      const BuiltinInfo *info = &BUILTINS[i];
      bool fits = info->left != TYPE_NONE && (info->right == TYPE_NONE) == (right == TYPE_NONE) &&
                  (left == TYPE_UNKNOWN || left == info->left) &&
                  (right == TYPE_NONE || right == TYPE_UNKNOWN || right == info->right);
      if (fits && str_equal(str_from(info->name), body_name(body, name))) {
        result = result == TYPE_NONE || result == info->result ? info->result : TYPE_UNKNOWN;
      }
    }
    return body_set(body, node, result == TYPE_NONE ? TYPE_UNKNOWN : result, ROLE_NONE, 0);
  }
  Builtin builtin = find_builtin(body_name(body, name), left, right);
  if (builtin == BUILTIN_NOTHING) {
    return TYPE_NONE;
  }
  ArgumentPlan *plans = plain_plans(body, site->arguments, site->argument_count);
  uint32_t call =
      add_builtin(body, builtin, BUILTINS[builtin].result, TYPE_NONE, plans, site->argument_count);
  return body_set(body, node, BUILTINS[builtin].result, ROLE_CALL, call);
}

static bool in_operator_table(Name name) {
  switch (name) {
  case NAME_PLUS:
  case NAME_MINUS:
  case NAME_STAR:
  case NAME_SLASH:
  case NAME_PERCENT:
  case NAME_LESS:
  case NAME_LESS_EQUAL:
  case NAME_GREATER:
  case NAME_GREATER_EQUAL:
  case NAME_EQUAL:
  case NAME_NOT_EQUAL:
  case NAME_AND:
  case NAME_OR:
  case NAME_XOR:
  case NAME_NOT:
    return true;
  default:
    return false;
  }
}

static Candidate *function_candidates(Body *body, SymbolSet set, uint32_t *count) {
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

static Candidate *scope_operators(Body *body, Name name, uint32_t *count) {
  return function_candidates(body, names_functions_in_scope(body->names, body->module, name, true), count);
}

// An operator function that fits, exported by a module that this one uses but does not import it from:
// reports TY0022 (03 §5.5).
static bool report_not_imported(Body *body, CallSite *site, Name name) {
  const Module *module = graph_module(body->program->graph, body->module);
  for (uint32_t i = 0; i < module->uses.count; i++) {
    const UseEntry *use = &module->uses.items[i];
    if (use->is_prelude || use->module == 0) {
      continue;
    }
    SymbolSet set = names_exported(body->names, use->module, name, body->module);
    uint32_t count;
    Candidate *candidates = function_candidates(body, set, &count);
    uint32_t mark = diagnostics_mute(&body->context->diagnostics);
    bool ambiguous = false;
    bool fits = count > 0 && check_select(body, site, candidates, count, &ambiguous) != NULL;
    diagnostics_unmute(&body->context->diagnostics, mark);
    if (fits || ambiguous) {
      const Module *facade = graph_module(body->program->graph, use->module);
      Str id = context_name(body->context, facade->id), text = body_name(body, name);
      Diagnostic *diagnostic =
          diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0022, site->span,
                         "'%.*s' lives in %.*s (%.*s), import it", STR_ARGS(text), STR_ARGS(id),
                         STR_ARGS(sources_file(&body->context->sources, facade->file)->path));
      diagnostic_hint(&body->context->diagnostics, diagnostic, "add `use %.*s::'%.*s'`", STR_ARGS(id),
                      STR_ARGS(text));
      return true;
    }
  }
  return false;
}

static TypeId finish_operator(Body *body, NodeId node, Name name, CallSite *site, TypeId left) {
  uint32_t method_count = 0, function_count = 0;
  Candidate *methods = NULL;
  bool ambiguous = false;
  if (left != TYPE_UNKNOWN && type_kind(body->types, left) != KIND_PRIMITIVE) {
    method_count = check_find_methods(body, left, name, false, &methods);
    Candidate *chosen = method_count > 0 ? check_select(body, site, methods, method_count, &ambiguous) : NULL;
    if (chosen || ambiguous) {
      return chosen && check_method_access(body, site, chosen)
                 ? check_call_candidate(body, site, chosen)
                 : body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
    }
  }
  bool unknown =
      left == TYPE_UNKNOWN || (site->argument_count > 1 && site->arguments[1].type == TYPE_UNKNOWN);
  if (unknown && body->symbolic) { // each instance finds its own operator
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  Candidate *functions = scope_operators(body, name, &function_count);
  if (function_count > 0 && !unknown) {
    Candidate *chosen = check_select(body, site, functions, function_count, &ambiguous);
    if (chosen || ambiguous) {
      return chosen ? check_call_candidate(body, site, chosen)
                    : body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
    }
  }
  TypeId type = builtin_operator(body, node, name, site);
  if (type != TYPE_NONE) {
    return type;
  }
  if (report_not_imported(body, site, name)) {
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  if (method_count + function_count > 0) {
    Candidate *all = ARENA_ARRAY(body->scratch, Candidate, method_count + function_count);
    for (uint32_t i = 0; i < method_count + function_count; i++) {
      all[i] = i < method_count ? methods[i] : functions[i - method_count];
    }
    check_report_no_overload(body, site, all, method_count + function_count);
  } else {
    report_operator(body, site, name);
  }
  return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

bool check_is_operator(Name name) {
  return in_operator_table(name);
}

TypeId check_named_operator(Body *body, CallSite *site) {
  for (uint32_t i = 0; i < site->argument_count; i++) {
    site->arguments[i].type = check_expression(body, site->arguments[i].node, TYPE_NONE);
    site->arguments[i].typed = true;
  }
  if (site->argument_count == 0 || site->argument_count > 2) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0021, site->span,
                   "operator %.*s takes one or two arguments, %u given",
                   STR_ARGS(body_name(body, site->name)), site->argument_count);
    return body_set(body, site->node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  return finish_operator(body, site->node, site->name, site, site->arguments[0].type);
}

static TypeId unknown_operator(Body *body, NodeId node, NodeId operator) {
  AstNode at = body_ast(body, node);
  Name name = ast_node(body->ast, operator)->name.name;
  Str text = body_name(body, name);
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0006, body_span(body, operator),
                     "no function '%.*s' is in scope", STR_ARGS(text));
  if (text.length == 2 && text.ptr[1] == '=') {
    diagnostic_hint(&body->context->diagnostics, diagnostic,
                    "compound assignment does not exist: write `x = x %c …`", text.ptr[0]);
  } else if (name == NAME_BANG) {
    diagnostic_hint(&body->context->diagnostics, diagnostic, "negation is written `not`");
  }
  check_expression(body, at.operation.left, TYPE_NONE);
  if (at.operation.right) {
    check_expression(body, at.operation.right, TYPE_NONE);
  }
  return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
}

// One application whose left operand is typed already.
static TypeId check_one_operator(Body *body, NodeId node, TypeId left, TypeId expected) {
  AstNode at = body_ast(body, node);
  Name name = ast_node(body->ast, at.operation.operator)->name.name;
  uint32_t count = at.operation.right ? 2 : 1;
  Argument *arguments = ARENA_ARRAY(body->scratch, Argument, count);
  for (uint32_t i = 0; i < count; i++) {
    NodeId operand = i == 0 ? at.operation.left : at.operation.right;
    TypeId type = i == 0 ? left : check_expression(body, operand, TYPE_NONE);
    if (type_kind(body->types, type) == KIND_BORROW) {
      type = type_get(body->types, type)->a;
    }
    arguments[i] = (Argument){.node = operand, .type = type, .typed = true};
  }
  CallSite site = {.node = node,
                   .receiver = at.operation.left,
                   .span = at.span,
                   .name = name,
                   .arguments = arguments,
                   .argument_count = count,
                   .expected = expected,
                   .single_is_overload = true};
  return finish_operator(body, node, name, &site, arguments[0].type);
}

// `a + b + c + …` may be very long to the left: the spine is walked, not recursed into.
TypeId check_operator(Body *body, NodeId node, TypeId expected) {
  VECTOR(NodeId) spine = {0};
  NodeId at = node;
  for (;;) {
    Name name = ast_node(body->ast, ast_node(body->ast, at)->operation.operator)->name.name;
    if (!in_operator_table(name)) {
      if (spine.count == 0) {
        return unknown_operator(body, node, ast_node(body->ast, node)->operation.operator);
      }
      break;
    }
    VECTOR_PUSH(body->scratch, &spine, at);
    NodeId left = ast_node(body->ast, at)->operation.left;
    if (ast_kind(body->ast, left) != NODE_OPERATOR) {
      at = left;
      break;
    }
    at = left;
  }
  TypeId type = check_expression(body, at, TYPE_NONE);
  body_node(body, at)->target = type;
  for (uint32_t i = spine.count; i > 0; i--) {
    type = check_one_operator(body, spine.items[i - 1], type, i == 1 ? expected : TYPE_NONE);
  }
  return type;
}

// --- intrinsics

static bool wrong_count(Body *body, CallSite *site, Name name, uint32_t wanted) {
  if (site->argument_count == wanted) {
    return false;
  }
  diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, site->span,
                 "intrinsic %.*s takes %u argument(s), %u given", STR_ARGS(body_name(body, name)), wanted,
                 site->argument_count);
  return true;
}

static TypeId element_of(Body *body, CallSite *site, TypeId array) {
  if (type_kind(body->types, array) == KIND_FIXED_ARRAY) {
    return type_get(body->types, array)->a;
  }
  if (array != TYPE_UNKNOWN) {
    Str text = body_type_text(body, array);
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, site->span,
                   "expected a FixedArray, found '%.*s'", STR_ARGS(text));
  }
  return TYPE_UNKNOWN;
}

static TypeId array_intrinsic(Body *body, NodeId node, CallSite *site, Builtin builtin) {
  static const uint8_t COUNTS[] = {[BUILTIN_ARRAY_NEW] = 1,
                                   [BUILTIN_ARRAY_GET] = 2,
                                   [BUILTIN_ARRAY_SET] = 3,
                                   [BUILTIN_ARRAY_LEN] = 1,
                                   [BUILTIN_ARRAY_COPY] = 5};
  Argument *arguments = site->arguments;
  uint32_t count = site->argument_count;
  bool record = builtin == BUILTIN_ARRAY_COPY && count == 2;
  if (wrong_count(body, site, site->name, record ? 2 : COUNTS[builtin])) {
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  TypeId element, result;
  if (builtin == BUILTIN_ARRAY_NEW) {
    if (site->explicit.count == 1) {
      element = check_type(body, ast_listed(body->ast, site->explicit, 0));
    } else if (site->expected != TYPE_NONE && type_kind(body->types, site->expected) == KIND_FIXED_ARRAY) {
      element = type_get(body->types, site->expected)->a;
    } else {
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, site->span,
                     "__array_new takes exactly one type argument");
      return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
    }
    check_value(body, arguments[0].node, TYPE_I32);
    result = element == TYPE_UNKNOWN ? TYPE_UNKNOWN : types_fixed_array(body->types, element);
  } else {
    TypeId array = check_expression(body, arguments[0].node, TYPE_NONE);
    body_node(body, arguments[0].node)->target = array;
    element = element_of(body, site, array);
    TypeId value = element == TYPE_U8 ? TYPE_I32 : element;
    result = builtin == BUILTIN_ARRAY_GET ? value : builtin == BUILTIN_ARRAY_LEN ? TYPE_I32 : array;
    if (builtin == BUILTIN_ARRAY_GET || builtin == BUILTIN_ARRAY_SET) {
      check_value(body, arguments[1].node, TYPE_I32);
    }
    if (builtin == BUILTIN_ARRAY_SET) {
      check_value(body, arguments[2].node, value);
    }
    if (builtin == BUILTIN_ARRAY_COPY && !record) {
      check_value(body, arguments[1].node, TYPE_I32);
      check_value(body, arguments[2].node, array);
      check_value(body, arguments[3].node, TYPE_I32);
      check_value(body, arguments[4].node, TYPE_I32);
    } else if (record) {
      check_expression(body, arguments[1].node, TYPE_NONE);
      body_node(body, arguments[1].node)->target = body_node(body, arguments[1].node)->type;
    }
  }
  for (uint32_t i = 0; i < count; i++) {
    arguments[i].type = body_node(body, arguments[i].node)->target;
  }
  return body_set(
      body, node, result, ROLE_CALL,
      add_builtin(body, builtin, result, element, plain_plans_kept(body, arguments, count), count));
}

// `fixed_array_literal(e…)` (05 §5.3.2)
static TypeId fixed_array_literal(Body *body, NodeId node, CallSite *site) {
  NodeId *items = ARENA_ARRAY(body->scratch, NodeId, site->argument_count);
  for (uint32_t i = 0; i < site->argument_count; i++) {
    items[i] = site->arguments[i].node;
  }
  TypeId element =
      site->explicit.count == 1 ? check_type(body, ast_listed(body->ast, site->explicit, 0)) : TYPE_NONE;
  if (element == TYPE_NONE) {
    element = check_elements(body, items, site->argument_count, site->span);
  } else {
    for (uint32_t i = 0; i < site->argument_count; i++) {
      check_value(body, items[i], element);
    }
  }
  if (element == TYPE_UNKNOWN) {
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  TypeId result = types_fixed_array(body->types, element);
  uint32_t call =
      add_builtin(body, BUILTIN_FIXED_ARRAY_LITERAL, result, element,
                  plain_plans_kept(body, site->arguments, site->argument_count), site->argument_count);
  return body_set(body, node, result, ROLE_CALL, call);
}

TypeId check_builtin_call(Body *body, NodeId node, Name name, CallSite *site, bool *found) {
  Str text = body_name(body, name);
  *found = known_name(text);
  if (!*found) {
    return TYPE_UNKNOWN;
  }
  site->name = name;
  for (uint32_t b = BUILTIN_ARRAY_NEW; b < BUILTIN_COUNT; b++) {
    if (!str_equal(text, str_from(BUILTINS[b].name))) {
      continue;
    }
    if (b == BUILTIN_FIXED_ARRAY_LITERAL || b == BUILTIN_ARRAY_NEW_FIXED) {
      return fixed_array_literal(body, node, site);
    }
    if (b <= BUILTIN_ARRAY_COPY) {
      return array_intrinsic(body, node, site, (Builtin)b);
    }
    TypeId wanted[3] = {BUILTINS[b].left, BUILTINS[b].right, TYPE_NONE};
    uint32_t count = (wanted[0] != TYPE_NONE) + (uint32_t)(wanted[1] != TYPE_NONE);
    if (b == BUILTIN_MEMORY_COPY) {
      wanted[0] = wanted[1] = wanted[2] = TYPE_I32;
      count = 3;
    }
    if (b == BUILTIN_REF_IS_NULL) {
      count = 1;
    }
    if (wrong_count(body, site, name, count)) {
      return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
    }
    for (uint32_t i = 0; i < count; i++) {
      TypeId type = b == BUILTIN_REF_IS_NULL ? check_expression(body, site->arguments[i].node, TYPE_NONE)
                                             : check_value(body, site->arguments[i].node, wanted[i]);
      site->arguments[i].type = b == BUILTIN_REF_IS_NULL ? type : wanted[i];
      body_node(body, site->arguments[i].node)->target = site->arguments[i].type;
    }
    TypeId result = b == BUILTIN_REF_IS_NULL ? TYPE_BOOL : BUILTINS[b].result;
    return body_set(body, node, result, ROLE_CALL,
                    add_builtin(body, (Builtin)b, result, TYPE_NONE,
                                plain_plans_kept(body, site->arguments, count), count));
  }
  // numeric: operands without context, then the exact signature
  for (uint32_t i = 0; i < site->argument_count; i++) {
    site->arguments[i].type = check_expression(body, site->arguments[i].node, TYPE_NONE);
  }
  if (site->argument_count == 0 || site->argument_count > 2) {
    wrong_count(body, site, name, 1);
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  TypeId type = builtin_operator(body, node, name, site);
  if (type == TYPE_NONE) {
    report_operator(body, site, name);
    return body_set(body, node, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  return type;
}

// A wrapper with `uses_signature` whose parameters equal a built-in signature is that operation, called
// directly.
CallPlan check_intrinsic_plan(Body *body, const FunctionInfo *info, const Parameter *parameters,
                              uint32_t count, CallPlan plan) {
  Str name = body_name(body, info->intrinsic);
  if (count == 1 || count == 2) {
    Builtin builtin = find_builtin(name, parameters[0].type, count == 2 ? parameters[1].type : TYPE_NONE);
    if (builtin != BUILTIN_NOTHING) {
      plan.kind = CALL_BUILTIN;
      plan.target = builtin;
      return plan;
    }
  }
  for (uint32_t b = BUILTIN_ARRAY_NEW; b < BUILTIN_COUNT; b++) {
    if (str_equal(name, str_from(BUILTINS[b].name))) {
      plan.kind = CALL_BUILTIN;
      plan.target = b;
      TypeId array = count > 0 && type_kind(body->types, parameters[0].type) == KIND_FIXED_ARRAY
                         ? parameters[0].type
                         : plan.result;
      plan.type_argument =
          type_kind(body->types, array) == KIND_FIXED_ARRAY ? type_get(body->types, array)->a : TYPE_NONE;
      return plan;
    }
  }
  return plan;
}
