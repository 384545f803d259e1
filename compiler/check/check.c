// The order of checking: declarations, impls, the user's own bodies, then what they reach (check/check.h).
#include "check/state.h"

void program_init(Program *program, Context *context, ModuleGraph *graph, AstTable *ast, NameTables *names) {
  *program = (Program){.context = context, .graph = graph, .ast = ast, .names = names};
  arena_init(&program->arena);
  types_init(&program->types, context, names);
  declarations_init(&program->declarations, &program->types);
  program->types.relaxed = true;
  program->state = ARENA_NEW(&program->arena, CheckState);
  arena_init(&program->state->scratch);
  VECTOR_EXTEND(&program->arena, &program->instances, 1);
}

void program_free(Program *program) {
  arena_free(&program->state->scratch);
  types_free(&program->types);
  arena_free(&program->arena);
}

uint64_t check_steps(const Program *program) {
  return program->state->effort;
}

const TypeField *program_fields(Program *program, TypeId nominal, uint32_t *count) {
  return declarations_fields(&program->declarations, nominal, count);
}

ObjectInfo *program_object(Program *program, SymbolId object) {
  return declarations_object(&program->declarations, object);
}

bool check_is_user_module(const Program *program, ModuleId module) {
  return graph_module(program->graph, module)->path.space != NAMESPACE_STD ||
         graph_module(program->graph, program->graph->entry)->path.space == NAMESPACE_STD;
}

// --- declared types

// A derived object redeclares every field of its base with an identical type (04 §6.1).
static void check_base(Program *program, const AstObject *object, SymbolId symbol) {
  ObjectInfo info = *declarations_object(&program->declarations, symbol);
  DiagnosticSink *sink = &program->context->diagnostics;
  Str name = context_name(program->context, object->name);
  const Symbol *declared = names_symbol(program->names, symbol);
  if (object->base && info.is_value) {
    diagnostic_add(sink, DIAGNOSTIC_TY9999, declared->span, "value type '%.*s' cannot have a base",
                   STR_ARGS(name));
    return;
  }
  if (info.base == TYPE_NONE || info.base == TYPE_OBJECT || info.base == TYPE_UNKNOWN) {
    TypeId base = object->base ? declarations_type(&program->declarations, declared->module, object->base)
                               : TYPE_OBJECT;
    bool circle = type_kind(&program->types, base) == KIND_NOMINAL && !types_is_value(&program->types, base);
    if (base != TYPE_OBJECT && base != TYPE_UNKNOWN && !circle) { // a circle was reported as such
      diagnostic_add(sink, DIAGNOSTIC_TY9999, ast_node(program->ast, object->base)->span,
                     "the base of an object is an object");
    }
    return;
  }
  uint32_t count;
  const TypeField *inherited = declarations_fields(&program->declarations, info.base, &count);
  for (uint32_t i = 0; i < count; i++) {
    const TypeField *own = NULL;
    for (uint32_t f = 0; f < info.field_count; f++) {
      own = info.fields[f].name == inherited[i].name ? &info.fields[f] : own;
    }
    if (!own || own->optional != inherited[i].optional ||
        !types_unify(&program->declarations, own->type, inherited[i].type, false)) {
      Str type = types_text(&program->types, &program->arena, inherited[i].type);
      Diagnostic *diagnostic = diagnostic_add(
          sink, DIAGNOSTIC_TY9999, declared->span, "'%.*s' must declare the inherited field '%.*s' %s",
          STR_ARGS(name), STR_ARGS(context_name(program->context, inherited[i].name)),
          own ? "with the same type" : "again");
      diagnostic_hint(sink, diagnostic, "add `%.*s: %.*s`",
                      STR_ARGS(context_name(program->context, inherited[i].name)), STR_ARGS(type));
    }
  }
}

// Walks from a `val` through everything that would be stored inside it (04 §6.2); gives the dotted path of a
// cycle.
static bool contains_itself(Program *program, TypeId type, SymbolId self, uint32_t depth, Text *path,
                            bool inside_argument) {
  Declarations *declarations = &program->declarations;
  const Type at = *type_get(&program->types, type);
  if (depth > 32) {
    return false;
  }
  if (at.kind == KIND_NOMINAL && at.symbol == self && depth > 0) {
    return true;
  }
  if (at.kind == KIND_UNION || at.kind == KIND_NOMINAL) {
    for (uint32_t i = 0; i < at.count; i++) {
      if (contains_itself(program, program->types.ids.items[at.first + i], self, depth + 1, path,
                          at.kind == KIND_NOMINAL)) {
        return true;
      }
    }
  }
  if (at.kind == KIND_FIXED_ARRAY) {
    return contains_itself(program, at.a, self, depth + 1, path, true);
  }
  bool record = at.kind == KIND_RECORD;
  if (!record && !(at.kind == KIND_NOMINAL && types_is_value(&program->types, type))) {
    return false;
  }
  uint32_t count = at.count;
  const TypeField *fields = record ? type_fields(&program->types, type_get(&program->types, type))
                                   : declarations_fields(declarations, type, &count);
  for (uint32_t i = 0; i < count; i++) {
    TypeField field = fields[i];
    uint32_t length = path->count;
    text_add(path, length > 0 ? STR(".") : STR(""));
    text_add(path, context_name(program->context, field.name));
    if (contains_itself(program, field.type, self, depth + 1, path, inside_argument)) {
      return true;
    }
    path->count = length;
    fields = record ? type_fields(&program->types, type_get(&program->types, type))
                    : declarations_fields(declarations, type, &count);
  }
  return false;
}

static void check_value_type(Program *program, SymbolId symbol, IdMap *reported) {
  ObjectInfo info = *declarations_object(&program->declarations, symbol);
  if (!info.is_value || id_map_get(reported, symbol) != ID_MAP_NONE) {
    return;
  }
  Text path = text_new(&program->arena);
  if (!contains_itself(program, info.self, symbol, 0, &path, false)) {
    return;
  }
  Str name = context_name(program->context, names_symbol(program->names, symbol)->name);
  Diagnostic *diagnostic = diagnostic_add(
      &program->context->diagnostics, DIAGNOSTIC_TY0045, names_symbol(program->names, symbol)->span,
      "%.*s contains itself via %.*s", STR_ARGS(name), STR_ARGS(text_str(&path)));
  diagnostic_hint(&program->context->diagnostics, diagnostic,
                  "put an object in between: declare one of the types with `obj`");
  for (uint32_t f = 0; f < info.field_count; f++) { // the other members of the cycle are not reported again
    TypeId nominal = types_nominal_part(&program->types, info.fields[f].type);
    if (nominal != TYPE_NONE && types_is_value(&program->types, nominal)) {
      id_map_put(&program->arena, reported, type_get(&program->types, nominal)->symbol, 1);
    }
  }
}

void check_declarations(Program *program) {
  IdMap reported = {0};
  for (SymbolId id = 1; id < program->names->symbols.count; id++) {
    const Symbol symbol = *names_symbol(program->names, id);
    if (!check_is_user_module(program, symbol.module)) {
      continue;
    }
    if (symbol.kind == SYMBOL_OBJECT) {
      check_base(program, &program->ast->objects.items[symbol.declaration], id);
      check_value_type(program, id, &reported);
    } else if (symbol.kind == SYMBOL_ALIAS) {
      AstRange parameters = declarations_type_parameters(&program->declarations, id);
      TypeId *own = ARENA_ARRAY(&program->arena, TypeId, parameters.count);
      for (uint32_t i = 0; i < parameters.count; i++) {
        own[i] = types_parameter(&program->types, parameters.first + i);
      }
      declarations_alias(&program->declarations, id, own, parameters.count);
    }
    check_budget(program, symbol.span);
  }
  check_expansion(program);
}

// --- reachability

static void request(Program *program, InstanceId id) {
  Instance *instance = &program->instances.items[id];
  if (id && !instance->reachable) {
    instance->reachable = true;
    VECTOR_PUSH(&program->arena, &program->lowered, id);
  }
}

// Instances that a checked body calls or mentions.
static void request_mentioned(Program *program, InstanceId id) {
  const Instance instance = program->instances.items[id];
  for (NodeId node = instance.first_node; instance.nodes && node < instance.end_node; node++) {
    const TypedNode typed = instance.nodes[node - instance.first_node];
    if (typed.type == TYPE_NONE) {
      continue;
    }
    if (typed.role == ROLE_FUNCTION) {
      request(program, typed.detail);
    } else if (typed.role == ROLE_LET) {
      request(program, program_let(program, typed.detail));
    } else if (typed.role == ROLE_CALL && program->calls.items[typed.detail].kind == CALL_DIRECT) {
      request(program, program->calls.items[typed.detail].target);
    }
  }
}

// Bodies reached from the ones in the list, checked as they come; the list grows.
static void check_reachable(Program *program) {
  for (uint32_t i = 0; i < program->lowered.count; i++) {
    InstanceId id = program->lowered.items[i];
    check_instance_body(program, id);
    request_mentioned(program, id);
  }
}

void program_reach(Program *program, InstanceId id) {
  uint32_t first = program->lowered.count;
  request(program, id);
  for (uint32_t i = first; i < program->lowered.count; i++) {
    InstanceId reached = program->lowered.items[i];
    check_instance_body(program, reached);
    request_mentioned(program, reached);
  }
}

// Operations declare their result (06 §2).
static void check_effect(Program *program, const AstItem *item) {
  AstRange operations = program->ast->effects.items[item->index].operations;
  for (uint32_t i = 0; i < operations.count; i++) {
    FunctionId id = program->ast->member_functions.items[operations.first + i];
    const AstFunction *operation = ast_function(program->ast, id);
    check_function_info(program, id);
    if (!operation->result) {
      Diagnostic *diagnostic = diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0034,
                                              operation->name_span, "operation '%.*s' has no result type",
                                              STR_ARGS(context_name(program->context, operation->name)));
      diagnostic_hint(&program->context->diagnostics, diagnostic, "write it: `-> void` for none");
    }
  }
}

static void report_generic_without_result(Program *program, FunctionId id) {
  const AstFunction *function = ast_function(program->ast, id);
  Str name = context_name(program->context, function->name);
  Diagnostic *diagnostic =
      diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0034, function->name_span,
                     "the result type of '%.*s' cannot be inferred: it is generic", STR_ARGS(name));
  diagnostic_hint(&program->context->diagnostics, diagnostic, "write the result type: `-> T`");
}

// A constructor's written result satisfies the type that it constructs (04 §5.2).
static void check_init_result(Program *program, FunctionId id) {
  const FunctionInfo info = *check_function_info(program, id);
  const AstFunction *function = ast_function(program->ast, id);
  if (function->name != NAME_INIT || !info.is_static || !function->result ||
      types_satisfies(&program->declarations, info.result, info.self)) {
    return;
  }
  Str want = types_text(&program->types, &program->arena, info.self);
  Str have = types_text(&program->types, &program->arena, info.result);
  diagnostic_add(
      &program->context->diagnostics, DIAGNOSTIC_TY0027, ast_node(program->ast, function->result)->span,
      "expected '%.*s', found '%.*s': `init` gives the type it constructs", STR_ARGS(want), STR_ARGS(have));
}

// What can be said of a function or method before it is called; its body, unless it is generic (04 §5.1): of
// generic functions only the body of an `init` is validated, with its parameters as themselves, and a result
// can be inferred for others only once it is known for all instances (05 §5.2.2).
static void check_own_function(Program *program, FunctionId id, bool generic_impl) {
  const Substitution none = {0};
  bool is_static = check_function_info(program, id)->is_static;
  check_init_result(program, id);
  const AstFunction *function = ast_function(program->ast, id);
  if (!generic_impl && function->type_parameters.count == 0) {
    request(program, check_instance(program, (InstanceKey){id, 0, TYPE_NONE, &none}, 0, function->name_span));
  } else if (function->name == NAME_INIT && is_static) {
    check_instance_body(program, check_symbolic_instance(program, id));
  } else if (check_function_info(program, id)->result == TYPE_NONE && function->body) {
    report_generic_without_result(program, id);
  }
}

static void check_item(Program *program, const AstItem *item) {
  if (item->kind == ITEM_EFFECT) {
    check_effect(program, item);
    return;
  }
  if (item->kind == ITEM_TRAIT) {
    check_trait(program, item->index);
    return;
  }
  if (item->kind == ITEM_LET) {
    request(program, program_let(program, item->index));
    return;
  }
  if (item->kind == ITEM_FUNCTION) {
    check_own_function(program, item->index, false);
  }
  AstRange methods =
      item->kind == ITEM_IMPL ? program->ast->impls.items[item->index].methods : (AstRange){0, 0};
  for (uint32_t i = 0; i < methods.count; i++) {
    check_own_function(program, program->ast->member_functions.items[methods.first + i],
                       program->ast->impls.items[item->index].type_parameters.count > 0);
  }
}

// The first instance of a generic function that the user's code calls, 0 if none does (06 §16.2).
static InstanceId called_instance(const Program *program, FunctionId function) {
  for (uint32_t i = 0; i < program->lowered.count; i++) {
    if (program_instance(program, program->lowered.items[i])->function == function) {
      return program->lowered.items[i];
    }
  }
  return 0;
}

static void add_export(Program *program, Name name, InstanceId instance) {
  program->exports[program->export_count].name = name;
  program->exports[program->export_count++].instance = instance;
}

static void export_functions(Program *program) {
  ProgramExports exports = {0};
  names_program_exports(program->names, program->graph->entry, &exports);
  program->exports = ARENA_ARRAY(&program->arena, struct ProgramExportInstance, exports.count);
  Substitution none = {0};
  for (uint32_t i = 0; i < exports.count; i++) {
    const Symbol *symbol = names_symbol(program->names, exports.items[i].symbol);
    if (symbol->kind != SYMBOL_FUNCTION) {
      continue;
    }
    FunctionId function = symbol->declaration;
    if (check_function_info(program, function)->intrinsic != NAME_EMPTY) {
      continue;
    }
    if (ast_function(program->ast, function)->type_parameters.count > 0) {
      InstanceId made = 0; // any instance of it
      for (InstanceId id = 1; id < program->instances.count && !made; id++) {
        made = program->instances.items[id].function == function ? id : 0;
      }
      if (!made) {
        diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_CG0003,
                       ast_function(program->ast, function)->name_span,
                       "generic export %.*s needs an instantiation",
                       STR_ARGS(context_name(program->context, symbol->name)));
      }
      InstanceId called = called_instance(program, function);
      if (called) {
        add_export(program, exports.items[i].name, called);
      }
      continue;
    }
    add_export(program, exports.items[i].name,
               check_instance(program, (InstanceKey){function, 0, TYPE_NONE, &none}, 0, symbol->span));
  }
}

// A circle of initialisers may be too long for one of its looks to come around to where it began (04 §6.7).
static void check_lets_known(Program *program) {
  for (uint32_t i = 0; i < program->lowered.count; i++) {
    const Instance *instance = program_instance(program, program->lowered.items[i]);
    if (!instance->function && type_get(&program->types, instance->result)->unknown) {
      Str name = context_name(program->context, program->ast->lets.items[instance->let].name);
      diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY0031,
                     check_let_item(program, instance->let)->name_span,
                     "'%.*s' is used while being initialised", STR_ARGS(name));
    }
  }
}

bool check_program(Program *program) {
  uint32_t before = program->context->diagnostics.errors;
  declarations_collect(&program->declarations);
  if (!declarations_check_roles(&program->declarations)) {
    return false; // of a library of another form no literal and no optional slot can be spoken
  }
  check_impls(program);
  check_declarations(program);
  for (ModuleId module = 1; module < program->graph->modules.count; module++) {
    if (!check_is_user_module(program, module) || module >= program->ast->module_items.count) {
      continue;
    }
    check_overload_sets(program, module);
    AstRange items = program->ast->module_items.items[module];
    for (uint32_t i = 0; i < items.count; i++) {
      AstItem item = program->ast->items.items[items.first + i];
      check_item(program, &item);
      check_budget(program, item.span);
    }
  }
  check_reachable(program);
  check_count_errors(program);
  check_exported_rows(program);
  if (program->context->diagnostics.errors == before) {
    check_lets_known(program);
  }
  if (program->context->diagnostics.errors == before) {
    export_functions(program);
  }
  if (program->context->diagnostics.errors > before) {
    return false;
  }
  // Of all that is right, only what the exports reach is lowered.
  for (uint32_t i = 0; i < program->lowered.count; i++) {
    program->instances.items[program->lowered.items[i]].reachable = false;
    VECTOR_PUSH(&program->arena, &program->checked, program->lowered.items[i]);
  }
  program->lowered.count = 0;
  for (uint32_t i = 0; i < program->export_count; i++) {
    request(program, program->exports[i].instance);
  }
  check_reachable(program);
  return program->context->diagnostics.errors == before;
}
