// Patterns, match and narrowing (spec 04 §9).
#include "check/state.h"

static void set_local(Body *body, LocalId local, TypeId type) {
  if (local >= body->first_local && local < body->end_local) {
    body->local_types[local - body->first_local] = type;
    body->current_types[local - body->first_local] = type;
  }
}

TypeId check_pattern_annotation(Body *body, NodeId pattern) {
  AstNode at = body_ast(body, pattern);
  return at.kind == NODE_TYPED_PATTERN ? check_type(body, at.pair.second) : TYPE_NONE;
}

static void report_pattern(Body *body, NodeId pattern, const char *what, TypeId type) {
  Str text = body_type_text(body, type);
  diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, body_span(body, pattern), what,
                 STR_ARGS(text));
}

static void bind_tuple(Body *body, NodeId pattern, TypeId type) {
  NodeRange items = body_ast(body, pattern).list.items;
  bool fits = types_is_tuple(body->types, type) && type_get(body->types, type)->count == items.count;
  if (!fits && type != TYPE_UNKNOWN && type != TYPE_NONE) {
    report_pattern(body, pattern,
                   types_is_tuple(body->types, type) ? "tuple pattern length mismatch: the value is '%.*s'"
                                                     : "a tuple pattern needs a tuple, found '%.*s'",
                   type);
  }
  for (uint32_t i = 0; i < items.count; i++) {
    TypeId part = fits                ? type_fields(body->types, type_get(body->types, type))[i].type
                  : type == TYPE_NONE ? TYPE_NONE
                                      : TYPE_UNKNOWN;
    check_bind_pattern(body, ast_listed(body->ast, items, i), part);
  }
}

static void bind_record(Body *body, NodeId pattern, TypeId type) {
  AstNode at = body_ast(body, pattern);
  bool known = type != TYPE_UNKNOWN && type != TYPE_NONE;
  if (known && !types_has_fields(body->declarations, type)) {
    report_pattern(body, pattern, "only objects and records can be destructured, found '%.*s'", type);
    known = false;
    type = TYPE_UNKNOWN;
  }
  TypeId nominal = known ? types_nominal_part(body->types, type) : TYPE_NONE;
  for (uint32_t i = 0; i < at.record_pattern.fields.count; i++) {
    NodeId node = ast_listed(body->ast, at.record_pattern.fields, i);
    AstNode field = body_ast(body, node);
    TypeField found = {field.member.name, type == TYPE_NONE ? TYPE_NONE : TYPE_UNKNOWN, false};
    if (known) {
      const AstField *declared =
          nominal == TYPE_NONE ? NULL : check_declared_field(body, nominal, field.member.name);
      bool hidden =
          declared && !check_member_access(body, type_get(body->types, nominal)->symbol, declared->modifier);
      if (hidden || !types_find_field(body->declarations, type, field.member.name, &found)) {
        Str text = body_type_text(body, type);
        diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, at.span,
                       "object is missing field '%.*s': '%.*s' has none",
                       STR_ARGS(body_name(body, field.member.name)), STR_ARGS(text));
        found.type = TYPE_UNKNOWN;
      }
    }
    body_set(body, node, found.type, ROLE_NONE, 0);
    check_bind_pattern(body, field.member.value, found.type);
  }
  if (at.record_pattern.rest) {
    check_bind_pattern(body, at.record_pattern.rest, type);
  }
}

void check_bind_pattern(Body *body, NodeId pattern, TypeId type) {
  AstNode at = body_ast(body, pattern);
  if (at.kind != NODE_BIND && at.kind != NODE_TYPED_PATTERN && type_kind(body->types, type) == KIND_BORROW) {
    type = type_get(body->types, type)->a;
  }
  body_set(body, pattern, type, ROLE_NONE, 0);
  switch ((NodeKind)at.kind) {
  case NODE_WILDCARD:
    break;
  case NODE_BIND:
    set_local(body, body->names->bind_locals.items[pattern], type);
    body_node(body, pattern)->detail = body->names->bind_locals.items[pattern];
    break;
  case NODE_TUPLE_PATTERN:
    bind_tuple(body, pattern, type);
    break;
  case NODE_RECORD_PATTERN:
    bind_record(body, pattern, type);
    break;
  case NODE_TYPED_PATTERN: {
    TypeId annotation = check_type(body, at.pair.second);
    if (type == TYPE_NONE || type == TYPE_UNKNOWN) {
      check_bind_pattern(body, at.pair.first, type == TYPE_NONE ? TYPE_NONE : annotation);
      break;
    }
    if (!types_satisfies(body->declarations, type, annotation)) {
      Str want = body_type_text(body, annotation), have = body_type_text(body, type);
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0027, at.span, "expected '%.*s', found '%.*s'",
                     STR_ARGS(want), STR_ARGS(have));
    } else { // on a typed pattern: from the value's type to the annotation
      body_node(body, pattern)->target = annotation;
      body_node(body, pattern)->coercion = (uint8_t)check_coercion(body->program, type, annotation);
    }
    check_bind_pattern(body, at.pair.first, annotation);
    break;
  }
  case NODE_TYPE_PATTERN:
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, at.span,
                   "a type pattern stands in `match` only");
    break;
  default:
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, at.span, "this is no pattern");
    break;
  }
}

// --- the type of a match pattern

static bool is_alias_head(const Body *body, NodeId type, SymbolId *symbol) {
  NodeId head = type;
  if (ast_kind(body->ast, type) == NODE_PATH) {
    NodeRange segments = ast_node(body->ast, type)->path.segments;
    head = ast_listed(body->ast, segments, segments.count - 1);
  }
  Resolution found = names_resolution(body->names, head);
  if (found.kind != RESOLVED_SYMBOLS) {
    return false;
  }
  for (uint32_t i = 0; i < found.symbols.count; i++) {
    SymbolId id = names_listed(body->names, found.symbols, i);
    SymbolKind kind = names_symbol(body->names, id)->kind;
    if (kind == SYMBOL_OBJECT || kind == SYMBOL_ALIAS || kind == SYMBOL_TRAIT) {
      *symbol = id;
      return true;
    }
  }
  return false;
}

// The name before `::` of a two-segment path: `E` of `E::V`.
static SymbolId path_container(const Body *body, NodeId type) {
  if (ast_kind(body->ast, type) != NODE_PATH) {
    return 0;
  }
  NodeRange segments = ast_node(body->ast, type)->path.segments;
  if (segments.count < 2) {
    return 0;
  }
  Resolution found = names_resolution(body->names, ast_listed(body->ast, segments, segments.count - 2));
  SymbolId id = found.kind == RESOLVED_SYMBOLS && found.symbols.count > 0
                    ? names_listed(body->names, found.symbols, found.symbols.count - 1)
                    : 0;
  return id && names_symbol(body->names, id)->kind == SYMBOL_ALIAS ? id : 0;
}

static NodeId last_segment(const Body *body, NodeId type) {
  if (ast_kind(body->ast, type) != NODE_PATH) {
    return type;
  }
  NodeRange segments = ast_node(body->ast, type)->path.segments;
  return ast_listed(body->ast, segments, segments.count - 1);
}

static TypeId ambiguous_pattern(Body *body, NodeId type, Name name) {
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0020, body_span(body, type),
                     "'%.*s' is ambiguous: several members have this name", STR_ARGS(body_name(body, name)));
  diagnostic_hint(&body->context->diagnostics, diagnostic, "write its type arguments: `%.*s<…>`",
                  STR_ARGS(body_name(body, name)));
  return body_set(body, type, TYPE_UNKNOWN, ROLE_NONE, 0);
}

// The member of the discriminant that a head without type arguments means (04 §9.3): the one object that has
// the name, and is `symbol` if that is given. TYPE_NONE if there is none.
static TypeId member_by_name(Body *body, NodeId type, Name name, SymbolId symbol, Members *members) {
  TypeId one = TYPE_NONE;
  const Members named = check_members_named(body, members, name);
  for (uint32_t i = 0; i < named.count; i++) {
    const Type *member = type_get(body->types, types_unfold(body->types, named.items[i]));
    if (member->kind != KIND_NOMINAL || names_symbol(body->names, member->symbol)->name != name ||
        (symbol && member->symbol != symbol)) {
      continue;
    }
    if (one != TYPE_NONE) {
      return ambiguous_pattern(body, type, name);
    }
    one = named.items[i];
  }
  return one;
}

// A generic alias without arguments: bound by each member; two different solutions are ambiguous.
static TypeId alias_by_members(Body *body, NodeId type, SymbolId alias, const Members *members) {
  AstRange parameters = declarations_type_parameters(body->declarations, alias);
  TypeId *own = ARENA_ARRAY(body->scratch, TypeId, parameters.count);
  for (uint32_t i = 0; i < parameters.count; i++) {
    own[i] = types_parameter(body->types, parameters.first + i);
  }
  TypeId formal = declarations_alias(body->declarations, alias, own, parameters.count);
  TypeId one = TYPE_NONE;
  for (uint32_t i = 0; i < members->count; i++) {
    Substitution bound = {0};
    types_bind(body->declarations, &bound, &parameters, 1, formal, members->items[i]);
    TypeId candidate = types_substitute(body->types, &bound, formal);
    if (type_get(body->types, candidate)->symbolic ||
        !types_matches(body->declarations, members->items[i], candidate)) {
      continue;
    }
    if (one != TYPE_NONE && one != candidate) {
      return ambiguous_pattern(body, type, names_symbol(body->names, alias)->name);
    }
    one = candidate;
  }
  return one == TYPE_NONE ? TYPE_UNKNOWN : one;
}

static void report_no_match(Body *body, NodeId at, NodeId discriminant, TypeId pattern, TypeId type) {
  Str a = body_type_text(body, pattern), b = body_type_text(body, type);
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0002, body_span(body, at),
                     "'%.*s' cannot match in a match on '%.*s'", STR_ARGS(a), STR_ARGS(b));
  diagnostic_related(&body->context->diagnostics, diagnostic, body_span(body, discriminant),
                     "the value matched is '%.*s'", STR_ARGS(b));
}

static void report_unknown_pattern(Body *body, NodeId type, NodeId discriminant, TypeId discriminated) {
  NodeId last = last_segment(body, type);
  Str name = body_name(body, ast_node(body->ast, last)->name.name);
  Span span = {body_span(body, last).start, body_span(body, last).start + (Position)name.length};
  diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0026, span, "no type '%.*s' is in scope",
                 STR_ARGS(name));
  Str text = body_type_text(body, discriminated);
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0002, span,
                     "'%.*s' cannot match in a match on '%.*s'", STR_ARGS(name), STR_ARGS(text));
  diagnostic_related(&body->context->diagnostics, diagnostic, body_span(body, discriminant),
                     "the value matched is '%.*s'", STR_ARGS(text));
}

// The type a type pattern denotes for a discriminant (04 §9.3). TYPE_UNKNOWN after a report.
static TypeId pattern_type(Body *body, NodeId type, NodeId discriminant, TypeId discriminated,
                           Members *members) {
  NodeKind kind = ast_kind(body->ast, type);
  if (discriminated == TYPE_UNKNOWN) {
    return body_set(body, type, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  if (kind != NODE_NAME && kind != NODE_PATH) {
    return check_type(body, type);
  }
  NodeId last = last_segment(body, type);
  AstNode at = body_ast(body, last);
  bool bare = at.name.type_arguments.count == 0;
  Resolution found = names_resolution(body->names, last);
  SymbolId symbol = 0;
  bool lexical = found.kind == RESOLVED_SYMBOLS && is_alias_head(body, type, &symbol);
  if (kind == NODE_NAME && bare && (!lexical || found.implicit) && found.kind != RESOLVED_TYPE_PARAMETER &&
      found.kind != RESOLVED_BUILTIN) {
    TypeId member = member_by_name(body, type, at.name.name, 0, members);
    if (member != TYPE_NONE) {
      return body_set(body, type, member, ROLE_NONE, 0);
    }
  }
  SymbolId container = path_container(body, type);
  if (container && bare && !lexical) {
    TypeId member = member_by_name(body, type, at.name.name, 0, members);
    if (member != TYPE_NONE) {
      return body_set(body, type, member, ROLE_NONE, 0);
    }
  }
  if (lexical && bare) {
    AstRange parameters = declarations_type_parameters(body->declarations, symbol);
    if (parameters.count > 0 && names_symbol(body->names, symbol)->kind == SYMBOL_OBJECT) {
      TypeId member = member_by_name(body, type, names_symbol(body->names, symbol)->name, symbol, members);
      if (member != TYPE_NONE) {
        return body_set(body, type, member, ROLE_NONE, 0);
      }
      TypeId *unknown = ARENA_ARRAY(body->scratch, TypeId, parameters.count);
      for (uint32_t i = 0; i < parameters.count; i++) {
        unknown[i] = types_parameter(body->types, parameters.first + i);
      }
      report_no_match(body, type, discriminant, types_nominal(body->types, symbol, unknown, parameters.count),
                      discriminated);
      return body_set(body, type, TYPE_UNKNOWN, ROLE_NONE, 0);
    }
    if (parameters.count > 0 && names_symbol(body->names, symbol)->kind == SYMBOL_ALIAS) {
      uint32_t before = body->context->diagnostics.errors;
      TypeId alias = alias_by_members(body, type, symbol, members);
      if (alias == TYPE_UNKNOWN && body->context->diagnostics.errors == before) {
        report_no_match(body, type, discriminant, declarations_alias(body->declarations, symbol, NULL, 0),
                        discriminated);
      }
      return body_set(body, type, alias, ROLE_NONE, 0);
    }
  }
  if (found.kind == RESOLVED_NOTHING && !container) {
    report_unknown_pattern(body, type, discriminant, discriminated);
    return body_set(body, type, TYPE_UNKNOWN, ROLE_NONE, 0);
  }
  return check_type(body, type);
}

// --- match

typedef struct Coverage {
  Members members;
  bool *covered;   // by position
  bool everything; // an `else` came by
  bool broken;     // a pattern is wrong: what the arms cover is not known
  bool is_union;
} Coverage;

// What the pattern type takes of the discriminant: the union of the matched members (04 §9.6).
static TypeId take(Body *body, Coverage *coverage, TypeId pattern, bool *removed, bool *matched) {
  const Members candidates = check_members_for(body, &coverage->members, pattern);
  TypeId *taken = ARENA_ARRAY(body->scratch, TypeId, candidates.count);
  uint32_t count = 0;
  *removed = false;
  for (uint32_t i = 0; i < candidates.count; i++) {
    if (types_matches(body->declarations, candidates.items[i], pattern)) {
      *removed |= !coverage->covered[candidates.positions[i]];
      coverage->covered[candidates.positions[i]] = true;
      taken[count++] = candidates.items[i];
    }
  }
  *matched = count > 0;
  return count == 0 ? TYPE_UNKNOWN : types_union(body->types, taken, count);
}

static bool all_covered(const Coverage *coverage) {
  for (uint32_t i = 0; i < coverage->members.count; i++) {
    if (!coverage->covered[i]) {
      return false;
    }
  }
  return true;
}

static void warn_redundant(Body *body, NodeId pattern, uint32_t index) {
  Str text = sources_text(&body->context->sources, body_span(body, pattern));
  diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0039, body_span(body, pattern),
                 "arm %u ('%.*s') can never match", index + 1, STR_ARGS(text));
}

// Binds an arm's names and gives the narrowed type of the discriminant.
static TypeId check_arm_pattern(Body *body, NodeId pattern, NodeId discriminant, TypeId type,
                                Coverage *coverage, uint32_t index) {
  AstNode at = body_ast(body, pattern);
  bool removed = true, matched = true;
  const bool covered_before = coverage->everything;
  TypeId narrowed = type;
  switch ((NodeKind)at.kind) {
  case NODE_WILDCARD:
    removed = !coverage->is_union || !all_covered(coverage);
    coverage->everything = true;
    body_set(body, pattern, type, ROLE_NONE, 0);
    break;
  case NODE_TUPLE_PATTERN: {
    TypeId *taken = ARENA_ARRAY(body->scratch, TypeId, coverage->members.count);
    uint32_t count = 0;
    removed = false;
    for (uint32_t i = 0; i < coverage->members.count; i++) {
      TypeId member = coverage->members.items[i];
      if (types_is_tuple(body->types, member) &&
          type_get(body->types, member)->count == at.list.items.count) {
        removed |= !coverage->covered[i];
        coverage->covered[i] = true;
        taken[count++] = member;
      }
    }
    if (count == 0 && type != TYPE_UNKNOWN) {
      Str text = body_type_text(body, type);
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0002, at.span,
                     "'(%u-tuple)' cannot match in a match on '%.*s'", at.list.items.count, STR_ARGS(text));
      check_bind_pattern(body, pattern, TYPE_UNKNOWN);
      coverage->broken = true;
      return TYPE_UNKNOWN;
    }
    narrowed = count ? types_union(body->types, taken, count) : TYPE_UNKNOWN;
    check_bind_pattern(body, pattern, narrowed);
    break;
  }
  case NODE_TYPE_PATTERN: {
    TypeId wanted = pattern_type(body, at.type_pattern.type, discriminant, type, &coverage->members);
    if (wanted == TYPE_UNKNOWN || type == TYPE_UNKNOWN) {
      narrowed = TYPE_UNKNOWN;
      coverage->broken |= wanted == TYPE_UNKNOWN;
    } else {
      narrowed = take(body, coverage, wanted, &removed, &matched);
      if (!matched) {
        report_no_match(body, at.type_pattern.type, discriminant, wanted, type);
        coverage->broken = true;
      }
    }
    body_set(body, pattern, narrowed, ROLE_NONE, 0);
    body_node(body, at.type_pattern.type)->type = wanted;
    if (at.type_pattern.binding) {
      check_bind_pattern(body, at.type_pattern.binding, narrowed);
    }
    break;
  }
  default:
    diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY9999, at.span,
                   "unsupported type expression in a pattern");
    return TYPE_UNKNOWN;
  }
  if ((!removed || covered_before) && matched && type != TYPE_UNKNOWN && coverage->is_union &&
      !coverage->broken) {
    warn_redundant(body, pattern, index);
  }
  return narrowed;
}

static Coverage coverage_of(Body *body, TypeId type) {
  Coverage coverage = {0};
  coverage.members = check_members(body, type);
  coverage.covered = ARENA_ARRAY(body->scratch, bool, coverage.members.count);
  coverage.is_union = type_kind(body->types, types_unfold(body->types, type)) == KIND_UNION;
  return coverage;
}

static void report_uncovered(Body *body, NodeId node, const Coverage *coverage) {
  Text missing = text_new(body->scratch);
  for (uint32_t i = 0; i < coverage->members.count; i++) {
    if (!coverage->covered[i]) {
      text_add(&missing, missing.count > 0 ? STR(", ") : STR(""));
      types_print(body->types, coverage->members.items[i], &missing);
    }
  }
  Diagnostic *diagnostic =
      diagnostic_add(&body->context->diagnostics, DIAGNOSTIC_TY0003, body_span(body, node),
                     "match does not cover every case: %.*s is missing", STR_ARGS(text_str(&missing)));
  for (uint32_t i = 0; i < coverage->members.count; i++) {
    if (!coverage->covered[i]) {
      Str text = body_type_text(body, coverage->members.items[i]);
      diagnostic_hint(&body->context->diagnostics, diagnostic, "add an arm: `%.*s: …`", STR_ARGS(text));
    }
  }
}

static LocalId plain_local(const Body *body, NodeId node) {
  if (ast_kind(body->ast, node) != NODE_NAME) {
    return 0;
  }
  Resolution found = names_resolution(body->names, node);
  return found.kind == RESOLVED_LOCAL ? found.id : 0;
}

TypeId check_match(Body *body, NodeId node, TypeId expected, bool discard) {
  AstNode at = body_ast(body, node);
  TypeId type = check_expression(body, at.match.operand, TYPE_NONE);
  body_node(body, at.match.operand)->target = type;
  if (type_kind(body->types, type) == KIND_BORROW) {
    type = type_get(body->types, type)->a;
  }
  LocalId narrowed_local = plain_local(body, at.match.operand);
  if (at.match.binder) {
    check_bind_pattern(body, at.match.binder, type);
    narrowed_local = body->names->bind_locals.items[at.match.binder];
  }
  Coverage coverage = coverage_of(body, type);
  TypeId merged = TYPE_NONE;
  bool all_leave = true;
  for (uint32_t i = 0; i < at.match.arms.count; i++) {
    AstNode arm = body_ast(body, ast_listed(body->ast, at.match.arms, i));
    TypeId narrowed = check_arm_pattern(body, arm.pair.first, at.match.operand, type, &coverage, i);
    TypeId saved = TYPE_NONE;
    if (narrowed_local) {
      saved = body->current_types[narrowed_local - body->first_local];
      body->current_types[narrowed_local - body->first_local] = narrowed;
    }
    TypeId value =
        discard ? check_discarded(body, arm.pair.second) : check_expression(body, arm.pair.second, expected);
    if (narrowed_local) {
      body->current_types[narrowed_local - body->first_local] = saved;
    }
    if (!body_node(body, arm.pair.second)->leaves) {
      all_leave = false;
      merged = discard ? merged : check_merge(body, merged, value, expected, arm.pair.second, "match arm");
    }
  }
  if (coverage.is_union && !coverage.everything && !coverage.broken && !all_covered(&coverage)) {
    report_uncovered(body, node, &coverage);
  }
  TypeId result = discard || merged == TYPE_NONE ? TYPE_VOID : merged;
  body_set(body, node, result, ROLE_NONE, 0);
  body_node(body, node)->leaves = all_leave && at.match.arms.count > 0;
  for (uint32_t i = 0; !discard && i < at.match.arms.count; i++) {
    NodeId value = ast_node(body->ast, ast_listed(body->ast, at.match.arms, i))->pair.second;
    if (!body_node(body, value)->leaves) {
      check_require(body, value, result);
    }
  }
  return result;
}

TypeId check_is(Body *body, NodeId node) {
  AstNode at = body_ast(body, node);
  TypeId type = check_expression(body, at.pair.first, TYPE_NONE);
  Coverage coverage = coverage_of(body, type);
  TypeId wanted = pattern_type(body, at.pair.second, at.pair.first, type, &coverage.members);
  bool removed, matched = true;
  if (wanted != TYPE_UNKNOWN && type != TYPE_UNKNOWN) {
    take(body, &coverage, wanted, &removed, &matched);
  }
  if (!matched) {
    report_no_match(body, node, at.pair.first, wanted, type);
  }
  body_node(body, at.pair.second)->type = wanted;
  return body_set(body, node, TYPE_BOOL, ROLE_NONE, 0);
}

LocalId check_narrowed_local(const Body *body, NodeId node) {
  AstNode at = body_ast(body, node);
  LocalId local = 0;
  for (uint32_t i = 0; i < at.conditional.branches.count; i++) {
    NodeId condition = ast_node(body->ast, ast_listed(body->ast, at.conditional.branches, i))->pair.first;
    if (ast_kind(body->ast, condition) != NODE_IS) {
      return 0;
    }
    LocalId tested = plain_local(body, ast_node(body->ast, condition)->pair.first);
    if (!tested || (local && local != tested)) {
      return 0;
    }
    local = tested;
  }
  return local;
}

TypeId check_narrow(Body *body, NodeId condition, LocalId local) {
  TypeId *current = &body->current_types[local - body->first_local];
  TypeId type = *current;
  check_expression(body, condition, TYPE_NONE);
  TypeId wanted = body_node(body, ast_node(body->ast, condition)->pair.second)->type;
  Coverage coverage = coverage_of(body, type);
  bool removed, matched;
  *current = wanted == TYPE_UNKNOWN || type == TYPE_UNKNOWN
                 ? TYPE_UNKNOWN
                 : take(body, &coverage, wanted, &removed, &matched);
  return type;
}
