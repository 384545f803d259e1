// Type expressions to types (spec 04 §3) and the declarations behind them.
#include "base/failure.h"
#include "base/limits.h"
#include "types/declarations.h"

static Context *context_of(const Declarations *declarations) {
  return declarations->types->context;
}
static AstTable *ast_of(const Declarations *declarations) {
  return declarations->types->names->ast;
}

void declarations_init(Declarations *declarations, TypeTable *types) {
  *declarations = (Declarations){.types = types};
  Arena *arena = &types->arena;
  VECTOR_EXTEND(arena, &declarations->impls, 1);
  VECTOR_EXTEND(arena, &declarations->next_impl, 1);
  VECTOR_EXTEND(arena, &declarations->next_of_trait, 1);
  VECTOR_EXTEND(arena, &declarations->next_of_pair, 1);
}

AstRange declarations_type_parameters(const Declarations *declarations, SymbolId id) {
  const Symbol *symbol = names_symbol(declarations->types->names, id);
  const AstTable *ast = ast_of(declarations);
  switch (symbol->kind) {
  case SYMBOL_FUNCTION:
  case SYMBOL_OPERATION:
    return ast_function(ast, symbol->declaration)->type_parameters;
  case SYMBOL_OBJECT:
    return ast->objects.items[symbol->declaration].type_parameters;
  case SYMBOL_ALIAS:
    return ast->aliases.items[symbol->declaration].type_parameters;
  case SYMBOL_TRAIT:
    return ast->traits.items[symbol->declaration].type_parameters;
  case SYMBOL_EFFECT:
    return ast->effects.items[symbol->declaration].type_parameters;
  case SYMBOL_LET:
  case SYMBOL_MODULE:
    break;
  }
  return (AstRange){0, 0};
}

// The parameters of a declaration as types.
static TypeId *own_parameters(Declarations *declarations, AstRange range) {
  TypeId *types = ARENA_ARRAY(&declarations->types->arena, TypeId, range.count);
  for (uint32_t i = 0; i < range.count; i++) {
    types[i] = types_parameter(declarations->types, range.first + i);
  }
  return types;
}

static Substitution bind_all(Declarations *declarations, AstRange parameters, const TypeId *arguments,
                             uint32_t count) {
  Substitution substitution = {0};
  for (uint32_t i = 0; i < parameters.count && i < count; i++) {
    substitution_bind(&declarations->types->arena, &substitution, parameters.first + i, arguments[i]);
  }
  return substitution;
}

TypeId declarations_constraint(Declarations *declarations, uint32_t parameter) {
  const AstTypeParameter *written = &ast_of(declarations)->type_parameters.items[parameter];
  return written->constraint
             ? declarations_type(declarations, declarations->parameter_modules.items[parameter],
                                 written->constraint)
             : TYPE_NONE;
}

static Diagnostic *report(Declarations *declarations, DiagnosticCode code, NodeId node, const char *what,
                          Str detail) {
  return diagnostic_add(&context_of(declarations)->diagnostics, code,
                        ast_node(ast_of(declarations), node)->span, what, STR_ARGS(detail));
}

static void unknown_type(Declarations *declarations, ModuleId module, NodeId node, Name name) {
  Context *context = context_of(declarations);
  const AstNode *at = ast_node(ast_of(declarations), node);
  Str text = context_name(context, name);
  Diagnostic *diagnostic = diagnostic_add(&context->diagnostics, DIAGNOSTIC_TY0026,
                                          (Span){at->span.start, at->span.start + (Position)text.length},
                                          "no type '%.*s' is in scope", STR_ARGS(text));
  Name close = names_suggest(declarations->types->names, module, name, LOOKUP_TYPE);
  if (close != NAME_EMPTY && close != name) {
    diagnostic_hint(&context->diagnostics, diagnostic, "did you mean '%.*s'?",
                    STR_ARGS(context_name(context, close)));
  }
}

static SymbolId pick_type(const NameTables *names, SymbolSet set);

// The object that an object's `base` names, without resolving types; 0 if it names none.
static SymbolId named_base(Declarations *declarations, SymbolId id) {
  AstTable *ast = ast_of(declarations);
  NameTables *names = declarations->types->names;
  const Symbol *symbol = names_symbol(names, id);
  NodeId base = ast->objects.items[symbol->declaration].base;
  if (base && ast_kind(ast, base) == NODE_PATH) {
    NodeRange segments = ast_node(ast, base)->path.segments;
    base = ast_listed(ast, segments, segments.count - 1);
  }
  Resolution found = base ? names_resolution(names, base) : (Resolution){0};
  SymbolId type = found.kind == RESOLVED_SYMBOLS ? pick_type(names, found.symbols) : 0;
  return type && names_symbol(names, type)->kind == SYMBOL_OBJECT ? type : 0;
}

// Reports an object that is its own base at some remove, so that no walk along bases needs to fear a circle.
static bool inherits_itself(Declarations *declarations, SymbolId id) {
  SymbolId at = named_base(declarations, id), mark = 0;
  uint32_t steps = 1;
  while (at && at != id && at != mark && steps <= LIMIT_NESTING) {
    mark = (steps & (steps - 1)) == 0 ? at : mark; // Brent: a circle that does not come back here ends too
    at = named_base(declarations, at);
    steps++;
  }
  if (!at) {
    return false;
  }
  if (at == id || steps > LIMIT_NESTING) {
    const Symbol *symbol = names_symbol(declarations->types->names, id);
    NodeId base = ast_of(declarations)->objects.items[symbol->declaration].base;
    diagnostic_add(&context_of(declarations)->diagnostics, DIAGNOSTIC_TY9999,
                   ast_node(ast_of(declarations), base)->span,
                   at == id ? "'%.*s' inherits from itself" : "'%.*s' inherits through too many objects",
                   STR_ARGS(context_name(context_of(declarations), symbol->name)));
  }
  return true;
}

ObjectInfo *declarations_object(Declarations *declarations, SymbolId id) {
  TypeTable *types = declarations->types;
  AstTable *ast = ast_of(declarations);
  const Symbol *symbol = names_symbol(types->names, id);
  if (declarations->objects.count < ast->objects.count) {
    VECTOR_EXTEND(&types->arena, &declarations->objects, ast->objects.count - declarations->objects.count);
  }
  ObjectInfo *info = &declarations->objects.items[symbol->declaration];
  if (info->state != RESOLVE_UNTOUCHED) {
    return info;
  }
  const AstObject *object = &ast->objects.items[symbol->declaration];
  info->state = RESOLVE_RUNNING;
  info->symbol = id;
  info->is_value = object->kind == OBJECT_VAL;
  info->self = types_nominal(types, id, own_parameters(declarations, object->type_parameters),
                             object->type_parameters.count);
  info->base = info->is_value ? TYPE_NONE : TYPE_OBJECT;
  info->field_count = object->fields.count;
  info->fields = ARENA_ARRAY(&types->arena, TypeField, object->fields.count);
  ModuleId module = symbol->module;
  for (uint32_t i = 0; i < object->fields.count; i++) {
    const AstField *field = &ast->fields.items[object->fields.first + i];
    TypeId type = declarations_type(declarations, module, field->type);
    type = field->is_optional && type != TYPE_UNKNOWN ? declarations_optional(declarations, type) : type;
    info = &declarations->objects.items[symbol->declaration];
    info->fields[i] = (TypeField){field->name, type, field->is_optional};
    if (id_map_get(&declarations->field_positions, id_pair(id, field->name)) == ID_MAP_NONE) {
      id_map_put(&types->arena, &declarations->field_positions, id_pair(id, field->name), i);
    }
  }
  if (object->base && !info->is_value && !inherits_itself(declarations, id)) {
    TypeId base = declarations_type(declarations, module, object->base);
    info = &declarations->objects.items[symbol->declaration];
    info->base = type_kind(types, base) == KIND_NOMINAL && !types_is_value(types, base) ? base : TYPE_OBJECT;
  }
  info->state = RESOLVE_DONE;
  return info;
}

uint32_t declarations_field_position(Declarations *declarations, SymbolId object, Name name) {
  declarations_object(declarations, object);
  return id_map_get(&declarations->field_positions, id_pair(object, name));
}

const TypeField *declarations_fields(Declarations *declarations, TypeId nominal, uint32_t *count) {
  TypeTable *types = declarations->types;
  Type type = *type_get(types, nominal);
  ENSURE(type.kind == KIND_NOMINAL);
  ObjectInfo *info = declarations_object(declarations, type.symbol);
  *count = info->field_count;
  if (type.count == 0 || nominal == info->self) {
    return info->fields;
  }
  uint32_t known = id_map_get(&declarations->substituted_fields, nominal);
  if (known != ID_MAP_NONE) {
    return declarations->field_runs.items[known];
  }
  Substitution substitution = bind_all(declarations, declarations_type_parameters(declarations, type.symbol),
                                       types->ids.items + type.first, type.count);
  TypeField *fields = ARENA_ARRAY(&types->arena, TypeField, info->field_count);
  for (uint32_t i = 0; i < info->field_count; i++) {
    fields[i] = info->fields[i];
    fields[i].type = types_substitute(types, &substitution, fields[i].type);
  }
  VECTOR_PUSH(&types->arena, &declarations->field_runs, fields);
  id_map_put(&types->arena, &declarations->substituted_fields, nominal, declarations->field_runs.count - 1);
  return fields;
}

TypeId declarations_base(Declarations *declarations, TypeId nominal) {
  Type type = *type_get(declarations->types, nominal);
  ObjectInfo *info = declarations_object(declarations, type.symbol);
  if (info->base == TYPE_NONE || type.count == 0) {
    return info->base;
  }
  Substitution substitution = bind_all(declarations, declarations_type_parameters(declarations, type.symbol),
                                       declarations->types->ids.items + type.first, type.count);
  return types_substitute(declarations->types, &substitution, info->base);
}

static AliasInfo *alias_info(Declarations *declarations, SymbolId id) {
  AstTable *ast = ast_of(declarations);
  if (declarations->aliases.count < ast->aliases.count) {
    VECTOR_EXTEND(&declarations->types->arena, &declarations->aliases,
                  ast->aliases.count - declarations->aliases.count);
  }
  return &declarations->aliases.items[names_symbol(declarations->types->names, id)->declaration];
}

// Contractive (04 §11): every path from the alias to itself passes a nominal, trait, record or FixedArray.
static bool reaches_unguarded(const TypeTable *types, TypeId type, SymbolId self) {
  const Type *at = type_get(types, type);
  if (at->kind == KIND_RECURSIVE && at->symbol == self) { // with whatever arguments: it would never end
    return true;
  }
  bool found = false;
  if (at->kind == KIND_UNION) {
    for (uint32_t i = 0; i < at->count && !found; i++) {
      found = reaches_unguarded(types, type_argument(types, at, i), self);
    }
  } else if (at->kind == KIND_FUNCTION) {
    found = reaches_unguarded(types, at->a, self);
    for (uint32_t i = 0; i < at->count && !found; i++) {
      found = reaches_unguarded(types, type_slots(types, at)[i].type, self);
    }
  } else if (at->kind == KIND_INTERSECTION) {
    found = (at->a != TYPE_NONE && reaches_unguarded(types, at->a, self)) ||
            (at->b != TYPE_NONE && reaches_unguarded(types, at->b, self));
  }
  return found;
}

static void report_unguarded(Declarations *declarations, SymbolId alias) {
  const Symbol *symbol = names_symbol(declarations->types->names, alias);
  diagnostic_add(&context_of(declarations)->diagnostics, DIAGNOSTIC_TY9999, symbol->span,
                 "type '%.*s' refers to itself without an object, record or FixedArray in between",
                 STR_ARGS(context_name(context_of(declarations), symbol->name)));
}

// An alias that is written as a union gives it its name; std's Optional before all others.
static void name_union(Declarations *declarations, SymbolId id, TypeId type, const TypeId *arguments,
                       uint32_t count) {
  const AstTable *ast = ast_of(declarations);
  const Symbol *symbol = names_symbol(declarations->types->names, id);
  if (ast_kind(ast, ast->aliases.items[symbol->declaration].type) == NODE_TYPE_UNION) {
    types_name_union(declarations->types, type, id, arguments, count, id == declarations->optional_alias);
  }
}

static void report_endless(Declarations *declarations, SymbolId alias) {
  AliasInfo *info = alias_info(declarations, alias);
  const Symbol *symbol = names_symbol(declarations->types->names, alias);
  if (!info->endless_reported) {
    info->endless_reported = context_of(declarations)->diagnostics.muted == 0;
    diagnostic_add(&context_of(declarations)->diagnostics, DIAGNOSTIC_TY9999, symbol->span,
                   "the expansion of type '%.*s' never ends: it mentions itself at ever new arguments",
                   STR_ARGS(context_name(context_of(declarations), symbol->name)));
  }
}

TypeId declarations_alias(Declarations *declarations, SymbolId id, const TypeId *arguments, uint32_t count) {
  TypeTable *types = declarations->types;
  AstTable *ast = ast_of(declarations);
  AliasInfo *info = alias_info(declarations, id);
  const Symbol *symbol = names_symbol(types->names, id);
  const AstAlias *alias = &ast->aliases.items[symbol->declaration];
  if (info->state == RESOLVE_RUNNING) {
    info->recursive = true;
    return types_recursive(types, id, arguments, count);
  }
  if (info->state == RESOLVE_UNTOUCHED) {
    info->state = RESOLVE_RUNNING;
    info->symbol = id;
    TypeId self = types_recursive(types, id, own_parameters(declarations, alias->type_parameters),
                                  alias->type_parameters.count);
    TypeId body = declarations_type(declarations, symbol->module, alias->type);
    info = alias_info(declarations, id);
    if (info->recursive && reaches_unguarded(types, body, id)) {
      report_unguarded(declarations, id);
      body = TYPE_UNKNOWN;
    }
    info->body = body;
    info->state = RESOLVE_DONE;
    types_close_recursive(types, id, self, body);
    if (alias->type_parameters.count == 0) {
      name_union(declarations, id, body, NULL, 0);
    }
  }
  if (count == 0) {
    return info->body;
  }
  if (info->endless) {
    report_endless(declarations, id);
    return TYPE_UNKNOWN;
  }
  Substitution substitution = bind_all(declarations, alias->type_parameters, arguments, count);
  TypeId type = types_substitute(types, &substitution, info->body);
  if (types->endless) {
    alias_info(declarations, types->endless)->endless = true;
    report_endless(declarations, types->endless);
    types->endless = 0;
    return TYPE_UNKNOWN;
  }
  name_union(declarations, id, type, arguments, count);
  return type;
}

TypeId declarations_optional(Declarations *declarations, TypeId payload) {
  if (!declarations->optional_alias) {
    return TYPE_UNKNOWN;
  }
  return declarations_alias(declarations, declarations->optional_alias, &payload, 1);
}

TypeId declarations_payload(const Declarations *declarations, TypeId id) {
  const TypeTable *types = declarations->types;
  const Type *type = type_get(types, id);
  if (type->kind != KIND_UNION || type->count != 2 || !declarations->some_object) {
    return TYPE_NONE;
  }
  TypeId payload = TYPE_NONE;
  bool none = false;
  for (uint32_t i = 0; i < 2; i++) {
    const Type *member = type_get(types, type_argument(types, type, i));
    if (member->kind == KIND_NOMINAL && member->symbol == declarations->some_object && member->count == 1) {
      payload = type_argument(types, member, 0);
    } else if (member->kind == KIND_NOMINAL && member->symbol == declarations->none_object) {
      none = true;
    }
  }
  return none ? payload : TYPE_NONE;
}

static TypeId resolve(Declarations *declarations, ModuleId module, NodeId node);

static TypeId *resolve_arguments(Declarations *declarations, ModuleId module, NodeRange range) {
  TypeId *arguments = ARENA_ARRAY(&declarations->types->arena, TypeId, range.count);
  for (uint32_t i = 0; i < range.count; i++) {
    arguments[i] = resolve(declarations, module, ast_listed(ast_of(declarations), range, i));
  }
  return arguments;
}

static bool any_unknown(const TypeId *arguments, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (arguments[i] == TYPE_UNKNOWN) {
      return true;
    }
  }
  return false;
}

// 04 §3: closed arguments satisfy the constraints. Impl heads are read before impls are known and are not
// checked.
static bool constraints_hold(Declarations *declarations, NodeId node, AstRange parameters,
                             const TypeId *arguments) {
  TypeTable *types = declarations->types;
  for (uint32_t i = 0; declarations->collected && i < parameters.count; i++) {
    TypeId constraint = declarations_constraint(declarations, parameters.first + i);
    if (constraint == TYPE_NONE || type_get(types, arguments[i])->symbolic) {
      continue;
    }
    Substitution bound = bind_all(declarations, parameters, arguments, parameters.count);
    TypeId wanted = types_substitute(types, &bound, constraint);
    if (!types_satisfies(declarations, arguments[i], wanted)) {
      Str have = types_text(types, &types->arena, arguments[i]),
          want = types_text(types, &types->arena, wanted);
      diagnostic_add(&context_of(declarations)->diagnostics, DIAGNOSTIC_TY9999,
                     ast_node(ast_of(declarations), node)->span,
                     "type argument '%.*s' does not satisfy its constraint '%.*s'", STR_ARGS(have),
                     STR_ARGS(want));
      return false;
    }
  }
  return true;
}

// A declared type applied to the arguments written at `node`.
static TypeId apply_symbol(Declarations *declarations, ModuleId module, NodeId node, SymbolId id,
                           NodeRange written) {
  TypeTable *types = declarations->types;
  const Symbol *symbol = names_symbol(types->names, id);
  AstRange parameters = declarations_type_parameters(declarations, id);
  TypeId *arguments = resolve_arguments(declarations, module, written);
  if (parameters.count != written.count) {
    Str name = context_name(context_of(declarations), symbol->name);
    diagnostic_add(&context_of(declarations)->diagnostics, DIAGNOSTIC_TY9999,
                   ast_node(ast_of(declarations), node)->span,
                   written.count < parameters.count ? "missing type argument: '%.*s' takes %u, %u given"
                                                    : "too many type arguments: '%.*s' takes %u, %u given",
                   STR_ARGS(name), parameters.count, written.count);
    return TYPE_UNKNOWN;
  }
  if (any_unknown(arguments, written.count) || !constraints_hold(declarations, node, parameters, arguments)) {
    return TYPE_UNKNOWN;
  }
  switch (symbol->kind) {
  case SYMBOL_OBJECT:
    return types_nominal(types, id, arguments, written.count);
  case SYMBOL_TRAIT:
    return types_trait(types, id, arguments, written.count);
  case SYMBOL_ALIAS:
    return declarations_alias(declarations, id, arguments, written.count);
  default:
    UNREACHABLE("only types are applied");
  }
}

static bool is_type_symbol(const Symbol *symbol) {
  return symbol->kind == SYMBOL_OBJECT || symbol->kind == SYMBOL_ALIAS || symbol->kind == SYMBOL_TRAIT;
}

static SymbolId pick_type(const NameTables *names, SymbolSet set) {
  for (uint32_t i = set.count; i > 0; i--) {
    SymbolId id = names_listed(names, set, i - 1);
    if (is_type_symbol(names_symbol(names, id))) {
      return id;
    }
  }
  return 0;
}

static TypeId builtin_type(Declarations *declarations, ModuleId module, NodeId node, Name name,
                           NodeRange written) {
  TypeId *arguments = resolve_arguments(declarations, module, written);
  uint32_t wanted = name == NAME_FIXED_ARRAY || name == NAME_BORROW ? 1 : 0;
  if (written.count != wanted) {
    diagnostic_add(&context_of(declarations)->diagnostics, DIAGNOSTIC_TY9999,
                   ast_node(ast_of(declarations), node)->span, "'%.*s' takes %u type argument%s, %u given",
                   STR_ARGS(context_name(context_of(declarations), name)), wanted, wanted == 1 ? "" : "s",
                   written.count);
    return TYPE_UNKNOWN;
  }
  switch (name) {
  case NAME_I32:
    return TYPE_I32;
  case NAME_I64:
    return TYPE_I64;
  case NAME_F32:
    return TYPE_F32;
  case NAME_F64:
    return TYPE_F64;
  case NAME_BOOL:
  case NAME_BOOLEAN:
  case NAME_BOOL_UPPER:
    return TYPE_BOOL;
  case NAME_VOID:
  case NAME_VOYD_TYPE:
    return TYPE_VOID;
  case NAME_U8:
    return TYPE_U8;
  case NAME_OBJECT:
    return TYPE_OBJECT;
  case NAME_FIXED_ARRAY:
    return any_unknown(arguments, 1) ? TYPE_UNKNOWN : types_fixed_array(declarations->types, arguments[0]);
  case NAME_BORROW:
    return any_unknown(arguments, 1) ? TYPE_UNKNOWN : types_borrow(declarations->types, arguments[0]);
  default:
    return TYPE_NONE;
  }
}

static TypeId resolve_name(Declarations *declarations, ModuleId module, NodeId node) {
  AstNode at = *ast_node(ast_of(declarations), node);
  NameTables *names = declarations->types->names;
  Resolution found = names_resolution(names, node);
  TypeId type = TYPE_NONE;
  if (found.kind == RESOLVED_TYPE_PARAMETER) {
    if (at.name.type_arguments.count > 0) {
      report(declarations, DIAGNOSTIC_TY9999, node, "type parameter '%.*s' takes no type arguments",
             context_name(context_of(declarations), at.name.name));
      return TYPE_UNKNOWN;
    }
    return types_parameter(declarations->types, found.id);
  }
  if (found.kind == RESOLVED_SYMBOLS) {
    SymbolId symbol = pick_type(names, found.symbols);
    if (symbol) {
      return apply_symbol(declarations, module, node, symbol, at.name.type_arguments);
    }
  }
  if (found.kind == RESOLVED_BUILTIN) {
    type = builtin_type(declarations, module, node, found.id, at.name.type_arguments);
  }
  if (found.kind == RESOLVED_ERROR) {
    return TYPE_UNKNOWN;
  }
  if (type == TYPE_NONE) {
    unknown_type(declarations, module, node, at.name.name);
    return TYPE_UNKNOWN;
  }
  return type;
}

// The member `wanted` of an alias's union (03 §2.7). Type arguments stand on the alias or on the variant.
static TypeId alias_member(Declarations *declarations, ModuleId module, NodeId node, SymbolId alias,
                           NodeRange on_alias, Name wanted, NodeRange written) {
  TypeTable *types = declarations->types;
  AstRange parameters = declarations_type_parameters(declarations, alias);
  bool applied = on_alias.count > 0 && on_alias.count == parameters.count;
  TypeId *arguments =
      applied ? resolve_arguments(declarations, module, on_alias) : own_parameters(declarations, parameters);
  TypeId all = declarations_alias(declarations, alias, arguments, parameters.count);
  Type members = *type_get(types, all);
  uint32_t count = members.kind == KIND_UNION ? members.count : 1;
  for (uint32_t i = 0; i < count; i++) {
    TypeId member = members.kind == KIND_UNION ? types->ids.items[members.first + i] : all;
    Type nominal = *type_get(types, member);
    if (nominal.kind == KIND_NOMINAL && names_symbol(types->names, nominal.symbol)->name == wanted) {
      return applied && written.count == 0
                 ? member
                 : apply_symbol(declarations, module, node, nominal.symbol, written);
    }
  }
  return TYPE_NONE;
}

// `mod::Name<A>`, `Alias::Variant<A>`: names/ follows modules, a last segment behind an alias is a member of
// its union.
static TypeId resolve_path(Declarations *declarations, ModuleId module, NodeId node) {
  AstTable *ast = ast_of(declarations);
  NameTables *names = declarations->types->names;
  NodeRange segments = ast_node(ast, node)->path.segments;
  NodeId last = ast_listed(ast, segments, segments.count - 1);
  AstNode at = *ast_node(ast, last);
  Resolution found = names_resolution(names, last);
  if (found.kind == RESOLVED_SYMBOLS && pick_type(names, found.symbols)) {
    return apply_symbol(declarations, module, node, pick_type(names, found.symbols), at.name.type_arguments);
  }
  Resolution before = found;
  if (segments.count > 1) {
    NodeId head = ast_listed(ast, segments, segments.count - 2);
    before = names_resolution(names, head);
    SymbolId container = before.kind == RESOLVED_SYMBOLS ? pick_type(names, before.symbols) : 0;
    if (container && names_symbol(names, container)->kind == SYMBOL_ALIAS) {
      TypeId member =
          alias_member(declarations, module, node, container, ast_node(ast, head)->name.type_arguments,
                       at.name.name, at.name.type_arguments);
      if (member != TYPE_NONE) {
        return member;
      }
    }
  }
  if (found.kind != RESOLVED_ERROR && before.kind != RESOLVED_ERROR) {
    unknown_type(declarations, module, last, at.name.name);
  }
  return TYPE_UNKNOWN;
}

static TypeId resolve_record(Declarations *declarations, ModuleId module, const AstNode *at) {
  AstTable *ast = ast_of(declarations);
  NodeRange items = at->list.items;
  TypeField *fields = ARENA_ARRAY(&declarations->types->arena, TypeField, items.count);
  bool unknown = false;
  for (uint32_t i = 0; i < items.count; i++) {
    AstNode field = *ast_node(ast, ast_listed(ast, items, i));
    TypeId type = resolve(declarations, module, field.member.value);
    bool optional = field.flags & NODE_FLAG_OPTIONAL;
    type = optional && type != TYPE_UNKNOWN ? declarations_optional(declarations, type) : type;
    unknown |= type == TYPE_UNKNOWN;
    fields[i] = (TypeField){field.member.name, type, optional};
  }
  return unknown ? TYPE_UNKNOWN : types_record(declarations->types, fields, items.count);
}

static TypeId resolve_function(Declarations *declarations, ModuleId module, const AstNode *at) {
  AstTable *ast = ast_of(declarations);
  NodeRange parameters = at->function_type.parameters;
  NodeId row = at->function_type.row, result_node = at->function_type.result;
  TypeSlot *slots = ARENA_ARRAY(&declarations->types->arena, TypeSlot, parameters.count);
  bool unknown = false;
  for (uint32_t i = 0; i < parameters.count; i++) {
    AstNode slot = *ast_node(ast, ast_listed(ast, parameters, i));
    TypeId type = resolve(declarations, module, slot.slot.type);
    bool optional = slot.flags & NODE_FLAG_OPTIONAL;
    type = optional && type != TYPE_UNKNOWN ? declarations_optional(declarations, type) : type;
    unknown |= type == TYPE_UNKNOWN;
    slots[i] = (TypeSlot){type, NAME_EMPTY,
                          (slot.flags & NODE_FLAG_MUTABLE ? (uint32_t)SLOT_MUTABLE : 0) |
                              (optional ? (uint32_t)SLOT_OPTIONAL : 0)};
  }
  TypeId result = resolve(declarations, module, result_node);
  RowId effects = declarations_row(declarations, module, row, ROW_OPEN);
  return unknown || result == TYPE_UNKNOWN
             ? TYPE_UNKNOWN
             : types_function(declarations->types, slots, parameters.count, result, effects);
}

static bool is_object_part(const TypeTable *types, TypeId type) {
  TypeKind kind = type_kind(types, type);
  return kind == KIND_NOMINAL || kind == KIND_RECORD || kind == KIND_OBJECT || kind == KIND_INTERSECTION;
}

// 04 §10: traits are collected, nominal parts must be on one chain, records merge.
static TypeId resolve_intersection(Declarations *declarations, ModuleId module, NodeId node) {
  TypeTable *types = declarations->types;
  NodeRange items = ast_node(ast_of(declarations), node)->list.items;
  TypeId *members = resolve_arguments(declarations, module, items);
  if (any_unknown(members, items.count)) {
    return TYPE_UNKNOWN;
  }
  VECTOR(TypeId) traits = {0};
  VECTOR(TypeField) fields = {0};
  TypeId nominal = TYPE_NONE;
  Arena *arena = &types->arena;
  for (uint32_t i = 0; i < items.count; i++) {
    TypeId body = types_unfold(types, members[i]);
    if (body == TYPE_UNKNOWN) { // an alias that is not resolved yet: an intersection guards nothing
      report_unguarded(declarations, type_get(types, members[i])->symbol);
      return TYPE_UNKNOWN;
    }
    members[i] = body;
    Type member = *type_get(types, members[i]);
    if (member.kind == KIND_TRAIT) {
      VECTOR_PUSH(arena, &traits, members[i]);
      continue;
    }
    if (!is_object_part(types, members[i])) {
      report(declarations, DIAGNOSTIC_TY0027, node, "expected an object or trait type, found '%.*s'",
             types_text(types, arena, members[i]));
      return TYPE_UNKNOWN;
    }
    for (uint32_t t = 0; member.kind == KIND_INTERSECTION && t < member.count; t++) {
      VECTOR_PUSH(arena, &traits, types->ids.items[member.first + t]);
    }
    TypeId part = types_nominal_part(types, members[i]);
    if (part != TYPE_NONE && part != TYPE_OBJECT) {
      if (nominal == TYPE_NONE || types_nominal_satisfies(declarations, part, nominal)) {
        nominal = part;
      } else if (!types_nominal_satisfies(declarations, nominal, part)) {
        Str a = types_text(types, arena, nominal), b = types_text(types, arena, part);
        diagnostic_add(&context_of(declarations)->diagnostics, DIAGNOSTIC_TY0028,
                       ast_node(ast_of(declarations), node)->span,
                       "'%.*s' and '%.*s' are unrelated: no value is both", STR_ARGS(a), STR_ARGS(b));
        return TYPE_UNKNOWN;
      }
    }
    TypeId record = member.kind == KIND_RECORD         ? members[i]
                    : member.kind == KIND_INTERSECTION ? member.b
                                                       : TYPE_NONE;
    const Type *shape = record != TYPE_NONE ? type_get(types, record) : NULL;
    for (uint32_t f = 0; shape && f < shape->count; f++) {
      VECTOR_PUSH(arena, &fields, type_fields(types, shape)[f]);
    }
  }
  for (uint32_t i = 0; i < fields.count; i++) {
    TypeField other;
    bool in_nominal =
        nominal != TYPE_NONE && types_find_field(declarations, nominal, fields.items[i].name, &other);
    for (uint32_t j = 0; j < i && !in_nominal; j++) {
      if (fields.items[j].name == fields.items[i].name) {
        other = fields.items[j];
        in_nominal = true;
      }
    }
    if (in_nominal && !types_unify(declarations, other.type, fields.items[i].type, false)) {
      Str name = context_name(context_of(declarations), fields.items[i].name);
      Str a = types_text(types, arena, other.type), b = types_text(types, arena, fields.items[i].type);
      diagnostic_add(&context_of(declarations)->diagnostics, DIAGNOSTIC_TY0029,
                     ast_node(ast_of(declarations), node)->span, "field '%.*s' is both '%.*s' and '%.*s'",
                     STR_ARGS(name), STR_ARGS(a), STR_ARGS(b));
      return TYPE_UNKNOWN;
    }
  }
  TypeId record = fields.count > 0 ? types_record(types, fields.items, fields.count) : TYPE_NONE;
  return types_intersection(types, nominal, record, traits.items, traits.count);
}

static TypeId resolve_union(Declarations *declarations, ModuleId module, NodeId node) {
  TypeTable *types = declarations->types;
  NodeRange items = ast_node(ast_of(declarations), node)->list.items;
  TypeId *members = resolve_arguments(declarations, module, items);
  if (any_unknown(members, items.count)) {
    return TYPE_UNKNOWN;
  }
  TypeId result = types_union(types, members, items.count);
  const Type *type = type_get(types, result);
  if (type->kind == KIND_UNION) {
    TypeId value = TYPE_NONE, other = TYPE_NONE;
    for (uint32_t i = 0; i < type->count; i++) {
      TypeId member = type_argument(types, type, i);
      if (types_is_value(types, member)) {
        value = member;
      } else if (type_kind(types, member) != KIND_PARAMETER && type_kind(types, member) != KIND_RECURSIVE) {
        other = member;
      }
    }
    if (value != TYPE_NONE && other != TYPE_NONE) { // 04 §8
      Str a = types_text(types, &types->arena, value), b = types_text(types, &types->arena, other);
      Diagnostic *diagnostic =
          diagnostic_add(&context_of(declarations)->diagnostics, DIAGNOSTIC_TY0046,
                         ast_node(ast_of(declarations), node)->span,
                         "a union is of value types or of objects: '%.*s' is a value type, '%.*s' is not",
                         STR_ARGS(a), STR_ARGS(b));
      diagnostic_hint(&context_of(declarations)->diagnostics, diagnostic,
                      "declare '%.*s' as `obj`, or wrap it in an object", STR_ARGS(a));
      return TYPE_UNKNOWN;
    }
  }
  return result;
}

static TypeId resolve_kind(Declarations *declarations, ModuleId module, NodeId node) {
  AstNode at = *ast_node(ast_of(declarations), node);
  switch ((NodeKind)at.kind) {
  case NODE_NAME:
    return resolve_name(declarations, module, node);
  case NODE_PATH:
    return resolve_path(declarations, module, node);
  case NODE_TYPE_RECORD:
    return resolve_record(declarations, module, &at);
  case NODE_TYPE_TUPLE: {
    TypeId *elements = resolve_arguments(declarations, module, at.list.items);
    return any_unknown(elements, at.list.items.count)
               ? TYPE_UNKNOWN
               : types_tuple(declarations->types, elements, at.list.items.count);
  }
  case NODE_TYPE_UNION:
    return resolve_union(declarations, module, node);
  case NODE_TYPE_INTERSECTION:
    return resolve_intersection(declarations, module, node);
  case NODE_TYPE_FUNCTION:
    return resolve_function(declarations, module, &at);
  default:
    diagnostic_add(&context_of(declarations)->diagnostics, DIAGNOSTIC_TY9999, at.span,
                   "unsupported type expression");
    return TYPE_UNKNOWN;
  }
}

enum { RESOLVE_DEPTH = 3 * LIMIT_NESTING }; // the reader bounds one expression, not a chain of aliases

static TypeId resolve(Declarations *declarations, ModuleId module, NodeId node) {
  AstTable *ast = ast_of(declarations);
  if (declarations->node_types.count < ast->nodes.count) {
    VECTOR_EXTEND(&declarations->types->arena, &declarations->node_types,
                  ast->nodes.count - declarations->node_types.count);
  }
  if (declarations->node_types.items[node] != TYPE_NONE) {
    return declarations->node_types.items[node];
  }
  if (declarations->depth >= RESOLVE_DEPTH) {
    report(declarations, DIAGNOSTIC_TY9999, node, "too many types are aliases of one another%.*s", STR(""));
    return TYPE_UNKNOWN;
  }
  declarations->depth++;
  const DiagnosticSink *sink = &context_of(declarations)->diagnostics;
  uint32_t muted_errors = sink->muted_errors;
  TypeId type = resolve_kind(declarations, module, node);
  declarations->depth--;
  if (type_get(declarations->types, type)->depth > LIMIT_TYPE_DEPTH) {
    report(declarations, DIAGNOSTIC_TY9999, node, "type is nested too deeply%.*s", STR(""));
    type = TYPE_UNKNOWN;
  }
  if (sink->muted_errors == muted_errors) { // else the error is still to be reported, unmuted
    declarations->node_types.items[node] = type;
  }
  return type;
}

TypeId declarations_type(Declarations *declarations, ModuleId module, NodeId node) {
  return resolve(declarations, module, node);
}

RowId declarations_row(Declarations *declarations, ModuleId module, NodeId node, RowId missing) {
  if (!node) {
    return missing;
  }
  AstTable *ast = ast_of(declarations);
  NameTables *names = declarations->types->names;
  AstNode row = *ast_node(ast, node);
  VECTOR(RowEntry) entries = {0};
  for (uint32_t i = 0; i < row.list.items.count; i++) {
    NodeId item = ast_listed(ast, row.list.items, i);
    NodeId last = item;
    if (ast_kind(ast, item) == NODE_PATH) {
      NodeRange segments = ast_node(ast, item)->path.segments;
      last = ast_listed(ast, segments, segments.count - 1);
    }
    Resolution found = names_resolution(names, last);
    SymbolSet operations = {0, 0};
    for (uint32_t s = 0; found.kind == RESOLVED_SYMBOLS && s < found.symbols.count; s++) {
      SymbolId id = names_listed(names, found.symbols, s);
      if (names_symbol(names, id)->kind == SYMBOL_EFFECT) {
        operations = names_operations(names, id); // an effect contributes all its operations (06 §4.2)
      } else if (names_symbol(names, id)->kind == SYMBOL_OPERATION) {
        operations = found.symbols;
      }
    }
    if (operations.count == 0 && found.kind != RESOLVED_ERROR) {
      unknown_type(declarations, module, last, ast_node(ast, last)->name.name);
    }
    for (uint32_t s = 0; s < operations.count; s++) {
      VECTOR_PUSH(&declarations->types->arena, &entries,
                  (RowEntry){names_listed(names, operations, s), TYPE_NONE});
    }
  }
  return types_row(declarations->types, entries.items, entries.count, row.flags & NODE_FLAG_OPEN);
}
