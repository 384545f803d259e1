// Local scopes of the body being walked: two stacks, of value names and of type parameters, with the
// innermost binding of each (context, name) at hand (spec 03 §6.2, 05 §5.4.1).
#include "names/state.h"

static uint32_t top_of(const NameStack *stack, uint64_t key) {
  uint32_t top = id_map_get(&stack->top, key);
  return top == ID_MAP_NONE ? 0 : top;
}

static void push(NameTables *tables, NameStack *stack, uint64_t key, uint32_t id) {
  VECTOR_PUSH(&tables->arena, &stack->names, (ScopedName){key, id, top_of(stack, key)});
  id_map_put(&tables->arena, &stack->top, key, stack->names.count);
}

static void pop_to(NameTables *tables, NameStack *stack, uint32_t count) {
  while (stack->names.count > count) {
    ScopedName name = stack->names.items[--stack->names.count];
    id_map_put(&tables->arena, &stack->top, name.key, name.previous);
  }
}

ScopeMark walk_open(BodyWalk *walk) {
  NamesState *state = walk->tables->state;
  ScopeMark mark = {state->locals.names.count, state->types.names.count, walk->scope_start,
                    walk->type_scope_start};
  walk->scope_start = mark.locals;
  walk->type_scope_start = mark.types;
  return mark;
}

void walk_close(BodyWalk *walk, ScopeMark mark) {
  NamesState *state = walk->tables->state;
  pop_to(walk->tables, &state->locals, mark.locals);
  pop_to(walk->tables, &state->types, mark.types);
  walk->scope_start = mark.scope_start;
  walk->type_scope_start = mark.type_scope_start;
}

static void report_redefinition(NameTables *tables, Name name, Span span, Span earlier) {
  DiagnosticSink *sink = &tables->context->diagnostics;
  Diagnostic *diagnostic =
      diagnostic_add(sink, DIAGNOSTIC_BD0006, span, "'%.*s' is already defined in this scope",
                     STR_ARGS(context_name(tables->context, name)));
  diagnostic_related(sink, diagnostic, earlier, "first defined here");
}

LocalId walk_declare(BodyWalk *walk, Local local, uint32_t context) {
  NameTables *tables = walk->tables;
  NameStack *stack = &tables->state->locals;
  if (local.name == NAME_EMPTY) {
    return 0;
  }
  local.owner = walk->current;
  local.body = walk->outermost;
  LocalId id = tables->locals.count;
  VECTOR_PUSH(&tables->arena, &tables->locals, local);
  if (local.name == NAME_UNDERSCORE) {
    return id; // a slot that no name reaches (03 §6.5)
  }
  names_check_reserved(tables, local.name, false, local.span);
  uint64_t key = id_pair(context, local.name);
  uint32_t earlier = top_of(stack, key);
  if (earlier > walk->scope_start) {
    report_redefinition(tables, local.name, local.span,
                        names_local(tables, stack->names.items[earlier - 1].id)->span);
  }
  push(tables, stack, key, id);
  return id;
}

void walk_declare_type_parameters(BodyWalk *walk, AstRange parameters) {
  NameTables *tables = walk->tables;
  NameStack *stack = &tables->state->types;
  for (uint32_t i = 0; i < parameters.count; i++) {
    uint32_t index = parameters.first + i;
    const AstTypeParameter *parameter = &tables->ast->type_parameters.items[index];
    uint64_t key = id_pair(parameter->context, parameter->name);
    uint32_t earlier = top_of(stack, key);
    if (earlier > walk->type_scope_start) {
      report_redefinition(tables, parameter->name, parameter->span,
                          tables->ast->type_parameters.items[stack->names.items[earlier - 1].id].span);
    }
    push(tables, stack, key, index);
  }
}

LocalId walk_find_local(const BodyWalk *walk, Name name, uint32_t context) {
  const NameStack *stack = &walk->tables->state->locals;
  uint32_t top = top_of(stack, id_pair(context, name));
  return top == 0 ? 0 : stack->names.items[top - 1].id;
}

uint32_t walk_find_type_parameter(const BodyWalk *walk, Name name, uint32_t context) {
  const NameStack *stack = &walk->tables->state->types;
  uint32_t top = top_of(stack, id_pair(context, name));
  return top == 0 ? UINT32_MAX : stack->names.items[top - 1].id;
}
