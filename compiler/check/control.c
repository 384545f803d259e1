// Blocks, conditionals, loops, returns and assignments (spec 05 §5.16, §5.17).
#include "check/state.h"

static void check_let_statement(Body *body, NodeId node) {
  AstNode at = body_ast(body, node);
  TypeId annotation = check_pattern_annotation(body, at.let.pattern);
  // The names of this statement are not in scope of their own initializer (TY0031).
  check_bind_pattern(body, at.let.pattern, TYPE_NONE);
  TypeId type = annotation != TYPE_NONE ? (check_value(body, at.let.value, annotation), annotation)
                                        : check_expression(body, at.let.value, TYPE_NONE);
  if (annotation == TYPE_NONE) {
    check_require(body, at.let.value, type);
  }
  check_bind_pattern(body, at.let.pattern, type);
  body_set(body, node, TYPE_VOID, ROLE_NONE, 0);
  body_node(body, node)->leaves = body_node(body, at.let.value)->leaves;
}

TypeId check_block(Body *body, NodeId node, TypeId expected, bool discard) {
  NodeRange items = body_ast(body, node).list.items;
  TypeId type = TYPE_VOID;
  bool leaves = false;
  for (uint32_t i = 0; i < items.count; i++) {
    NodeId item = ast_listed(body->ast, items, i);
    NodeKind kind = ast_kind(body->ast, item);
    bool last = i + 1 == items.count;
    if (kind == NODE_LET) {
      check_let_statement(body, item);
    } else if (kind == NODE_RETURN) {
      check_return(body, item);
    } else if (last && !discard) {
      type = check_expression(body, item, expected);
      body_node(body, item)->target = type;
    } else {
      check_discarded(body, item);
    }
    leaves = body_node(body, item)->leaves;
  }
  body_set(body, node, type, ROLE_NONE, 0);
  body_node(body, node)->leaves = leaves;
  return type;
}

static void check_condition(Body *body, NodeId node) {
  TypeId type = check_expression(body, node, TYPE_NONE);
  if (type != TYPE_BOOL && type != TYPE_UNKNOWN) {
    Str text = body_type_text(body, type);
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0027, body_span(body, node),
                   "expected 'bool', found '%.*s': a condition is a bool", STR_ARGS(text));
  }
}

static NodeId branch_value(const Body *body, const AstNode *at, uint32_t index) {
  return index == at->conditional.branches.count
             ? at->conditional.otherwise
             : ast_node(body->ast, ast_listed(body->ast, at->conditional.branches, index))->pair.second;
}

TypeId check_if(Body *body, NodeId node, TypeId expected, bool discard) {
  AstNode at = body_ast(body, node);
  LocalId narrowed = check_narrowed_local(body, node);
  uint32_t branches = at.conditional.branches.count;
  uint32_t count = branches + (at.conditional.otherwise != 0);
  bool value = at.conditional.otherwise && !discard;
  TypeId merged = TYPE_NONE;
  bool all_leave = at.conditional.otherwise != 0;
  for (uint32_t i = 0; i < count; i++) {
    bool otherwise = i == branches;
    TypeId before = TYPE_NONE;
    if (!otherwise) {
      NodeId condition = ast_node(body->ast, ast_listed(body->ast, at.conditional.branches, i))->pair.first;
      if (narrowed) {
        before = check_narrow(body, condition, narrowed);
      } else {
        check_condition(body, condition);
      }
    }
    NodeId branch = branch_value(body, &at, i);
    TypeId type = value ? check_expression(body, branch, expected) : check_discarded(body, branch);
    if (before != TYPE_NONE) {
      body->current_types[narrowed - body->first_local] = before;
    }
    if (!body_node(body, branch)->leaves) {
      all_leave = false;
      merged = value ? check_merge(body, merged, type, expected, branch,
                                   otherwise ? "if default branch" : "if branch")
                     : merged;
    }
  }
  TypeId type = value && merged != TYPE_NONE ? merged : TYPE_VOID;
  body_set(body, node, type, ROLE_NONE, 0);
  body_node(body, node)->leaves = all_leave;
  for (uint32_t i = 0; value && i < count; i++) {
    NodeId branch = branch_value(body, &at, i);
    if (!body_node(body, branch)->leaves) {
      check_require(body, branch, type);
    }
  }
  return type;
}

TypeId check_while(Body *body, NodeId node) {
  AstNode at = body_ast(body, node);
  check_condition(body, at.pair.first);
  body->callable->loops++;
  check_discarded(body, at.pair.second);
  body->callable->loops--;
  return body_set(body, node, TYPE_VOID, ROLE_NONE, 0);
}

void check_return(Body *body, NodeId node) {
  AstNode at = body_ast(body, node);
  Callable *callable = body->callable;
  TypeId type = at.unary.operand ? check_expression(body, at.unary.operand, callable->expected) : TYPE_VOID;
  body_set(body, node, TYPE_VOID, ROLE_NONE, 0);
  body_node(body, node)->leaves = true;
  if (!callable->function) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, at.span, "`return` outside of a function");
    return;
  }
  if (callable->expected == TYPE_NONE) {
    callable->observed = check_merge(body, callable->observed, type, TYPE_NONE,
                                     at.unary.operand ? at.unary.operand : node, "return");
    if (at.unary.operand) {
      body_node(body, at.unary.operand)->target = type;
      VECTOR_PUSH(body->scratch, &callable->returns, at.unary.operand);
    }
    return;
  }
  if (types_satisfies(body->declarations, type, callable->expected)) {
    callable->returned = type == TYPE_UNKNOWN ? callable->returned : type;
    if (at.unary.operand) {
      check_require(body, at.unary.operand, callable->expected);
    }
    return;
  }
  Str want = body_type_text(body, callable->expected), have = body_type_text(body, type);
  Name name = ast_function(body->ast, callable->function)->name;
  Diagnostic *diagnostic =
      name == NAME_EMPTY ? diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0011, at.span,
                                          "wrong return value: expected '%.*s', found '%.*s'", STR_ARGS(want),
                                          STR_ARGS(have))
                         : diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0011, at.span,
                                          "wrong return value in '%.*s': expected '%.*s', found '%.*s'",
                                          STR_ARGS(body_name(body, name)), STR_ARGS(want), STR_ARGS(have));
  NodeId written = ast_function(body->ast, callable->function)->result;
  if (written) {
    diagnostic_related(&body->context->diagnostics, diagnostic, body_span(body, written),
                       "the result type is declared here");
  }
}

TypeId check_join_result(Body *body, Callable *callable, NodeId node, TypeId type, const char *context) {
  bool leaves = body_node(body, node)->leaves;
  TypeId result = type;
  if (leaves) {
    result = callable->observed == TYPE_NONE ? TYPE_VOID : callable->observed;
  } else if (callable->observed != TYPE_NONE) {
    result = check_merge(body, callable->observed, type, TYPE_NONE, node, context);
  }
  for (uint32_t i = 0; result != TYPE_UNKNOWN && i < callable->returns.count; i++) {
    check_require(body, callable->returns.items[i], result);
  }
  check_require(body, node, leaves ? TYPE_NONE : result);
  return result;
}

// Can the name be assigned? Reports TY0001 if not.
static bool check_target_name(Body *body, NodeId target) {
  Resolution found = names_resolution(body->names, target);
  if (found.kind != RESOLVED_LOCAL) {
    if (found.kind == RESOLVED_SYMBOLS) {
      Str name = body_name(body, ast_node(body->ast, target)->name.name);
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0001, body_span(body, target),
                     "'%.*s' is immutable", STR_ARGS(name));
    }
    return found.kind != RESOLVED_SYMBOLS;
  }
  const Local *local = names_local(body->names, found.id);
  if (local->kind == LOCAL_VAR || local->kind == LOCAL_MUTABLE || local->kind == LOCAL_MUTABLE_PARAMETER) {
    return true;
  }
  Str name = body_name(body, local->name);
  Diagnostic *diagnostic = diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0001,
                                          body_span(body, target), "'%.*s' is immutable", STR_ARGS(name));
  diagnostic_related(&body->context->diagnostics, diagnostic, local->span, "'%.*s' is declared here",
                     STR_ARGS(name));
  diagnostic_hint(&body->context->diagnostics, diagnostic,
                  local->kind == LOCAL_PARAMETER
                      ? "declare the parameter as `~%.*s` to assign the caller's variable"
                      : "declare it with `var %.*s`",
                  STR_ARGS(name));
  return false;
}

// Can the field be written? Reports TY0004 if the root of its chain is not mutable.
static bool check_target_field(Body *body, NodeId target) {
  LocalId root = check_place_root(body, target);
  if (!root) {
    if (check_is_module_let(body, target)) {
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0004, body_span(body, target),
                     "field write needs `~`, module-level lets are immutable");
      return false;
    }
    return true;
  }
  const Local *local = names_local(body->names, root);
  if (local->kind == LOCAL_MUTABLE || local->kind == LOCAL_MUTABLE_PARAMETER) {
    return true;
  }
  Str name = body_name(body, local->name);
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0004, body_span(body, target),
                     "field write needs `~`, object '%.*s' is immutable", STR_ARGS(name));
  diagnostic_related(&body->context->diagnostics, diagnostic, local->span, "'%.*s' is declared here",
                     STR_ARGS(name));
  diagnostic_hint(&body->context->diagnostics, diagnostic,
                  local->kind == LOCAL_PARAMETER ? "declare the parameter as `~%.*s`"
                                                 : "declare it with `let ~%.*s`",
                  STR_ARGS(name));
  return false;
}

// The type of an assignment target; checks that it may be written. TYPE_UNKNOWN if not: what it would take is
// of no interest then.
static TypeId check_target(Body *body, NodeId target) {
  NodeKind kind = ast_kind(body->ast, target);
  if (kind == NODE_TUPLE) {
    NodeRange items = ast_node(body->ast, target)->list.items;
    TypeId *types = ARENA_ARRAY(body->scratch, TypeId, items.count);
    for (uint32_t i = 0; i < items.count; i++) {
      types[i] = check_target(body, ast_listed(body->ast, items, i));
    }
    return body_set(body, target, types_tuple(body->types, types, items.count), ROLE_NONE, 0);
  }
  if (kind != NODE_NAME && kind != NODE_FIELD) {
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, target),
                   "this cannot be assigned to");
    return TYPE_UNKNOWN;
  }
  TypeId type = check_expression(body, target, TYPE_NONE);
  if (type_kind(body->types, type) == KIND_BORROW) {
    type = type_get(body->types, type)->a; // the slot holds what is borrowed
  }
  bool writable = kind == NODE_NAME ? check_target_name(body, target) : check_target_field(body, target);
  return writable ? type : TYPE_UNKNOWN;
}

// `(a, b) = e`: every element like a single assignment (05 §5.17.4).
static void check_tuple_targets(Body *body, NodeId target, NodeId value, TypeId type) {
  NodeRange items = ast_node(body->ast, target)->list.items;
  if (type == TYPE_UNKNOWN) {
    return;
  }
  if (!types_is_tuple(body->types, type) || type_get(body->types, type)->count != items.count) {
    Str text = body_type_text(body, type);
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, target),
                   "a tuple of %u is assigned, '%.*s' is none", items.count, STR_ARGS(text));
    return;
  }
  for (uint32_t i = 0; i < items.count; i++) {
    NodeId item = ast_listed(body->ast, items, i);
    TypeId part = type_fields(body->types, type_get(body->types, type))[i].type;
    if (ast_kind(body->ast, item) == NODE_TUPLE) {
      check_tuple_targets(body, item, value, part);
      continue;
    }
    TypedNode *typed = body_node(body, item);
    if (!types_satisfies(body->declarations, part, typed->type)) {
      Str want = body_type_text(body, typed->type), have = body_type_text(body, part);
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0027, body_span(body, value),
                     "expected '%.*s', found '%.*s' for element %u", STR_ARGS(want), STR_ARGS(have), i);
    } else { // on a target: from the element (`target`) to the place's own type
      typed->target = part;
      typed->coercion = (uint8_t)check_coercion(body->program, part, typed->type);
    }
  }
}

TypeId check_assign(Body *body, NodeId node) {
  AstNode at = body_ast(body, node);
  if (ast_kind(body->ast, at.pair.first) == NODE_SUBSCRIPT) {
    return check_subscript_assign(body, node, at.pair.first, at.pair.second);
  }
  TypeId type = check_target(body, at.pair.first);
  if (ast_kind(body->ast, at.pair.first) == NODE_TUPLE) {
    TypeId value = check_expression(body, at.pair.second, type);
    check_require(body, at.pair.second, value);
    check_tuple_targets(body, at.pair.first, at.pair.second, value);
  } else {
    // A borrow is rebound to a plain value, which is written back to the lender's slot (07 §11.3).
    bool borrow = type_kind(body->types, type) == KIND_BORROW;
    TypeId wanted = borrow ? type_get(body->types, type)->a : type;
    LocalId root = check_place_root(body, at.pair.first);
    check_expression(body, at.pair.second, wanted);
    check_require_declared(
        body, at.pair.second, wanted, root ? names_local(body->names, root)->span : (Span){0},
        ast_kind(body->ast, at.pair.first) == NODE_NAME ? "it has the type of its declaration here"
                                                        : "the object is declared here");
  }
  return body_set(body, node, TYPE_VOID, ROLE_NONE, 0);
}
