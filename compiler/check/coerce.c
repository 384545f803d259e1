// Consumers: what becomes of a value whose type is not the wanted one, and how branches join (05 §5.2.4,
// §5.16.5).
#include "check/state.h"

static bool is_reference(const TypeTable *types, TypeId type) {
  return type_kind(types, type) != KIND_PRIMITIVE && !types_is_value(types, type);
}

CoercionKind check_coercion(Program *program, TypeId from, TypeId to) {
  TypeTable *types = &program->types;
  if (from == to || from == TYPE_UNKNOWN || to == TYPE_UNKNOWN || to == TYPE_NONE || from == TYPE_NONE) {
    return COERCE_NONE;
  }
  from = types_unfold(types, from);
  to = types_unfold(types, to);
  TypeId payload = declarations_payload(&program->declarations, to);
  if (payload != TYPE_NONE && !types_unify(&program->declarations, from, to, true)) {
    return COERCE_WRAP;
  }
  const Type *a = type_get(types, from), *e = type_get(types, to);
  if (a->kind == KIND_FUNCTION) {
    return COERCE_ADAPT;
  }
  if (!is_reference(types, from)) {
    return COERCE_BOX;
  }
  if (a->kind == e->kind && (a->kind == KIND_NOMINAL || a->kind == KIND_FIXED_ARRAY) &&
      (a->kind == KIND_FIXED_ARRAY || a->symbol == e->symbol)) {
    return COERCE_VIEW;
  }
  return COERCE_WIDEN;
}

static bool is_trait_object(const TypeTable *types, TypeId type) {
  const Type *at = type_get(types, type);
  return at->kind == KIND_TRAIT ||
         (at->kind == KIND_INTERSECTION && at->count > 0 && at->a == TYPE_NONE && at->b == TYPE_NONE);
}

// The tail of a block is the better place to point at.
static NodeId blamed(const Body *body, NodeId node) {
  for (;;) {
    AstNode at = body_ast(body, node);
    if (at.kind == NODE_ARRAY && at.list.items.count == 1) { // its only element decides its type
      node = ast_listed(body->ast, at.list.items, 0);
      continue;
    }
    if (at.kind != NODE_BLOCK || at.list.items.count == 0) {
      return node;
    }
    NodeId last = ast_listed(body->ast, at.list.items, at.list.items.count - 1);
    NodeKind kind = ast_kind(body->ast, last);
    if (kind == NODE_LET || kind == NODE_RETURN) {
      return node;
    }
    node = last;
  }
}

bool check_require(Body *body, NodeId node, TypeId expected) {
  return check_require_declared(body, node, expected, (Span){0}, "");
}

bool check_require_declared(Body *body, NodeId node, TypeId expected, Span declared, const char *what) {
  TypedNode *typed = body_node(body, node);
  TypeId type = typed->type;
  typed->target = expected == TYPE_NONE ? type : expected;
  if (expected == TYPE_NONE || type == expected || type == TYPE_UNKNOWN || expected == TYPE_UNKNOWN) {
    return true;
  }
  if (types_is_value(body->types, type) && is_trait_object(body->types, expected)) {
    Str value = body_type_text(body, type), trait = body_type_text(body, expected);
    Diagnostic *diagnostic =
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0045, body_span(body, blamed(body, node)),
                       "%.*s does not become a %.*s object implicitly", STR_ARGS(value), STR_ARGS(trait));
    diagnostic_related(&body->context->diagnostics, diagnostic, body_span(body, blamed(body, node)),
                       "a value type has no identity; it would have to be boxed here");
    return false;
  }
  bool fits = types_satisfies(body->declarations, type, expected);
  check_budget(body->program, body_span(body, blamed(body, node)));
  if (fits) {
    typed->coercion = (uint8_t)check_coercion(body->program, type, expected);
    return true;
  }
  if (type_kind(body->types, type) == KIND_BORROW && type_kind(body->types, expected) != KIND_BORROW) {
    Str text = body_type_text(body, type);
    Diagnostic *diagnostic =
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0051, body_span(body, blamed(body, node)),
                       "'%.*s' would leave through a place that may keep it", STR_ARGS(text));
    diagnostic_hint(&body->context->diagnostics, diagnostic,
                    "take a `Borrow` parameter there too, or pass the owner");
    typed->target = TYPE_UNKNOWN;
    return false;
  }
  Str want = body_type_text(body, expected), have = body_type_text(body, type);
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0027, body_span(body, blamed(body, node)),
                     "expected '%.*s', found '%.*s'", STR_ARGS(want), STR_ARGS(have));
  if (span_known(declared)) {
    diagnostic_related(&body->context->diagnostics, diagnostic, declared, "%s", what);
  }
  check_explain_mismatch(body, diagnostic, node, type, expected);
  typed->target = TYPE_UNKNOWN;
  return false;
}

// Representation classes of 04 §4.8.4: each primitive, and all references.
static uint32_t class_of(const TypeTable *types, TypeId type) {
  return type_kind(types, type) == KIND_PRIMITIVE ? type : TYPE_FIRST_FREE;
}

static bool has_value_member(const TypeTable *types, TypeId type, bool value) {
  const Type *at = type_get(types, type);
  if (at->kind != KIND_UNION) {
    return types_is_value(types, type) == value;
  }
  for (uint32_t i = 0; i < at->count; i++) {
    if (types_is_value(types, type_argument(types, at, i)) == value) {
      return true;
    }
  }
  return false;
}

TypeId check_merge(Body *body, TypeId merged, TypeId next, TypeId expected, NodeId at, const char *context) {
  Declarations *declarations = body->declarations;
  if (next == TYPE_UNKNOWN || merged == TYPE_UNKNOWN) {
    return merged == TYPE_UNKNOWN || merged == TYPE_NONE ? next : merged;
  }
  bool use_expected = expected != TYPE_NONE && expected != TYPE_UNKNOWN;
  if (use_expected && types_satisfies(declarations, next, expected) &&
      (merged == TYPE_NONE || types_satisfies(declarations, merged, expected))) {
    return expected;
  }
  if (merged == TYPE_NONE || merged == next || types_satisfies(declarations, merged, next)) {
    return next;
  }
  if (types_satisfies(declarations, next, merged)) {
    return merged;
  }
  Span span = body_span(body, blamed(body, at));
  if (class_of(body->types, merged) != class_of(body->types, next)) {
    Str a = body_type_text(body, merged), b = body_type_text(body, next);
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0012, span,
                   "branches disagree in %s: this one is '%.*s', the one before '%.*s'", context, STR_ARGS(b),
                   STR_ARGS(a));
    return TYPE_UNKNOWN;
  }
  TypeId both[2] = {merged, next};
  TypeId result = types_union(body->types, both, 2);
  if (has_value_member(body->types, result, true) && has_value_member(body->types, result, false)) {
    Str a = body_type_text(body, merged), b = body_type_text(body, next);
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0046, span,
                   "a union is of value types or of objects: '%.*s' and '%.*s' do not mix", STR_ARGS(a),
                   STR_ARGS(b));
    return TYPE_UNKNOWN;
  }
  return result;
}
