// What may help against a type mismatch: hints to TY0027 and TY0008, in the order of how likely they are
// meant.
#include "check/state.h"

// `2` as a literal of another numeric type, empty if it cannot be one.
static Str literal_as(Body *body, NodeId node, TypeId want) {
  Str text = sources_text(&body->context->sources, body_span(body, node));
  bool floating = ast_kind(body->ast, node) == NODE_FLOAT;
  uint32_t digits = 0;
  while (digits < text.length && (text.ptr[digits] == '.' || text.ptr[digits] == '_' ||
                                  (text.ptr[digits] >= '0' && text.ptr[digits] <= '9'))) {
    digits++;
  }
  static const char *const SUFFIX[] = {
      [TYPE_I32] = "", [TYPE_I64] = "i64", [TYPE_F32] = "f32", [TYPE_F64] = ""};
  bool wants_float = want == TYPE_F32 || want == TYPE_F64;
  if (floating && !wants_float) {
    return (Str){0};
  }
  return arena_format(body->scratch, "%.*s%s%s", (int)digits, text.ptr, wants_float && !floating ? ".0" : "",
                      SUFFIX[want]);
}

void check_explain_numbers(Body *body, Diagnostic *diagnostic, NodeId node, TypeId have, TypeId want) {
  DiagnosticSink *sink = &body->context->diagnostics;
  NodeId inner = check_inner(body, node);
  NodeKind kind = ast_kind(body->ast, inner);
  Str text = body_type_text(body, want);
  Str literal = kind == NODE_INT || kind == NODE_FLOAT ? literal_as(body, inner, want) : (Str){0};
  (void)have;
  if (literal.length > 0) {
    diagnostic_hint(sink, diagnostic, "literals do not adapt: write `%.*s`", STR_ARGS(literal));
  } else {
    diagnostic_hint(sink, diagnostic, "numbers convert only by name: `.to_%.*s()` of std::number",
                    STR_ARGS(text));
  }
}

// The first field that a record lacks or has of another type.
static bool explain_fields(Body *body, Diagnostic *diagnostic, TypeId have, TypeId want) {
  DiagnosticSink *sink = &body->context->diagnostics;
  if (type_kind(body->types, want) != KIND_RECORD || !types_has_fields(body->declarations, have)) {
    return false;
  }
  const Type shape = *type_get(body->types, want);
  for (uint32_t i = 0; i < shape.count; i++) {
    const TypeField field = body->types->fields.items[shape.first + i];
    TypeField found;
    Str name = body_name(body, field.name), wanted = body_type_text(body, field.type);
    if (!types_find_field(body->declarations, have, field.name, &found)) {
      diagnostic_hint(sink, diagnostic, "it has no field '%.*s'", STR_ARGS(name));
      return true;
    }
    if (!types_satisfies(body->declarations, found.type, field.type)) {
      Str own = body_type_text(body, found.type);
      diagnostic_hint(sink, diagnostic, "its field '%.*s' is '%.*s', not '%.*s'", STR_ARGS(name),
                      STR_ARGS(own), STR_ARGS(wanted));
      return true;
    }
  }
  return false;
}

static bool explain_functions(Body *body, Diagnostic *diagnostic, TypeId have, TypeId want) {
  const Type *a = type_get(body->types, have), *e = type_get(body->types, want);
  if (a->kind != KIND_FUNCTION || e->kind != KIND_FUNCTION) {
    return false;
  }
  DiagnosticSink *sink = &body->context->diagnostics;
  if (a->count != e->count) {
    diagnostic_hint(sink, diagnostic, "it takes %u argument%s, a function of %u is wanted", a->count,
                    a->count == 1 ? "" : "s", e->count);
    return true;
  }
  for (uint32_t i = 0; i < a->count; i++) {
    TypeSlot given = type_slots(body->types, a)[i], wanted = type_slots(body->types, e)[i];
    if ((given.flags & SLOT_MUTABLE) != (wanted.flags & SLOT_MUTABLE)) {
      diagnostic_hint(sink, diagnostic, "parameter %u %s be marked with `~`", i + 1,
                      wanted.flags & SLOT_MUTABLE ? "must" : "must not");
      return true;
    }
    if (given.flags != wanted.flags) {
      diagnostic_hint(sink, diagnostic,
                      "parameter %u may be left out in one of them only: wrap it in a lambda", i + 1);
      return true;
    }
  }
  if (!types_row_allows(body->types, a->row, e->row)) {
    diagnostic_hint(sink, diagnostic, "they perform different effects: rows of function types must match");
    return true;
  }
  return false;
}

static bool is_member(Body *body, TypeId have, TypeId want) {
  const Type at = *type_get(body->types, types_unfold(body->types, have));
  for (uint32_t i = 0; at.kind == KIND_UNION && i < at.count; i++) {
    if (types_satisfies(body->declarations, body->types->ids.items[at.first + i], want)) {
      return true;
    }
  }
  return false;
}

static bool explain_trait(Body *body, Diagnostic *diagnostic, TypeId have, TypeId want) {
  TypeId nominal = types_nominal_part(body->types, have);
  if (type_kind(body->types, want) != KIND_TRAIT || nominal == TYPE_NONE ||
      type_kind(body->types, nominal) != KIND_NOMINAL) {
    return false;
  }
  DiagnosticSink *sink = &body->context->diagnostics;
  Str type = body_type_text(body, nominal), trait = body_type_text(body, want);
  TypeId base = declarations_base(body->declarations, nominal);
  bool inherited =
      base != TYPE_NONE && base != TYPE_OBJECT && types_satisfies(body->declarations, base, want);
  diagnostic_hint(sink, diagnostic, "%swrite `impl %.*s for %.*s`",
                  inherited ? "implementations are not inherited from a base: " : "", STR_ARGS(trait),
                  STR_ARGS(type));
  return true;
}

void check_explain_mismatch(Body *body, Diagnostic *diagnostic, NodeId node, TypeId have, TypeId want) {
  DiagnosticSink *sink = &body->context->diagnostics;
  TypeId payload = declarations_payload(body->declarations, have);
  if (types_is_numeric(have) && types_is_numeric(want)) {
    check_explain_numbers(body, diagnostic, node, have, want);
  } else if (want == TYPE_VOID) {
    diagnostic_hint(sink, diagnostic, "end the body with `void` to drop the value");
  } else if (payload != TYPE_NONE && types_satisfies(body->declarations, payload, want)) {
    diagnostic_hint(sink, diagnostic, "it may be None: give a value for that with `?? …`, or use `match`");
  } else if (ast_kind(body->ast, check_inner(body, node)) == NODE_ARRAY) {
    diagnostic_hint(sink, diagnostic,
                    "the elements of an array literal decide its type: push them to `%.*s::init()`",
                    STR_ARGS(body_type_text(body, want)));
  } else if (is_member(body, have, want)) {
    diagnostic_hint(sink, diagnostic, "use `match` to learn which member it is");
  } else if (!explain_functions(body, diagnostic, have, want) &&
             !explain_trait(body, diagnostic, have, want)) {
    explain_fields(body, diagnostic, have, want);
  }
}
