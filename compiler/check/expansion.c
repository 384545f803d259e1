// Objects whose fields would need ever larger instances of them (spec 04 §5.1, §11).
//
// Where a field of C<P> mentions D<A>, each parameter P that occurs in A flows to D's parameter; it grows on
// the way if A is more than P itself. Instances are without end exactly if a parameter can flow back to
// itself and grow on the way (ECMA-335, §II.9.2, "expanding" cycles; Kennedy, Pierce, "On Decidability of
// Nominal Subtyping with Variance", 2007).
#include "base/bits.h"
#include "check/state.h"

typedef struct Flow {
  uint32_t from, to; // type parameters
  bool grows;
} Flow;

typedef struct Expansion {
  Program *program;
  Arena arena;
  VECTOR(SymbolId) objects; // whose fields are to be looked at, each once
  IdMap noted;              // objects in there
  VECTOR(Flow) flows;
  IdMap visited; // types that this walk has been through: they are shared, and recursive ones have no end
} Expansion;

static void note_object(Expansion *x, SymbolId object) {
  if (id_map_get(&x->noted, object) == ID_MAP_NONE) {
    id_map_put(&x->arena, &x->noted, object, 1);
    VECTOR_PUSH(&x->arena, &x->objects, object);
  }
}

typedef void (*Visit)(Expansion *x, TypeId type, void *context);

// Calls `visit` for the types that a value of this type is made of, one level down.
static void each_part(Expansion *x, TypeId id, Visit visit, void *context) {
  TypeTable *types = &x->program->types;
  const Type type = *type_get(types, id);
  if (id_map_get(&x->visited, id) != ID_MAP_NONE) {
    return;
  }
  id_map_put(&x->arena, &x->visited, id, 1);
  if (type.kind == KIND_RECURSIVE) {
    visit(x, types_unfold(types, id), context);
    return;
  }
  for (uint32_t i = 0; i < type.count; i++) {
    switch ((TypeKind)type.kind) {
    case KIND_NOMINAL:
    case KIND_UNION:
      visit(x, types->ids.items[type.first + i], context);
      break;
    case KIND_RECORD:
      visit(x, types->fields.items[type.first + i].type, context);
      break;
    case KIND_FUNCTION:
      visit(x, types->slots.items[type.first + i].type, context);
      break;
    default:
      break;
    }
  }
  if (type.kind == KIND_FUNCTION || type.kind == KIND_FIXED_ARRAY || type.kind == KIND_INTERSECTION) {
    if (type.a != TYPE_NONE) {
      visit(x, type.a, context);
    }
    if (type.kind == KIND_INTERSECTION && type.b != TYPE_NONE) {
      visit(x, type.b, context);
    }
  }
}

// The parameters inside of a type argument flow to the parameter that it is for.
static void add_flows(Expansion *x, TypeId id, void *context) {
  Flow flow = *(const Flow *)context;
  const Type *type = type_get(&x->program->types, id);
  if (type->kind == KIND_PARAMETER) {
    flow.from = type->symbol;
    VECTOR_PUSH(&x->arena, &x->flows, flow);
  } else if (type->symbolic) {
    flow.grows = true;
    each_part(x, id, add_flows, &flow);
  }
}

static void walk(Expansion *x, TypeId id, void *context) {
  const Type type = *type_get(&x->program->types, id);
  bool again = id_map_get(&x->visited, id) != ID_MAP_NONE;
  if (type.kind == KIND_NOMINAL && type.count > 0 && !again) {
    AstRange parameters = declarations_type_parameters(&x->program->declarations, type.symbol);
    note_object(x, type.symbol);
    IdMap walked = x->visited;
    for (uint32_t i = 0; i < type.count && i < parameters.count; i++) {
      memset(&x->visited, 0, sizeof x->visited);
      add_flows(x, x->program->types.ids.items[type.first + i], &(Flow){.to = parameters.first + i});
    }
    x->visited = walked;
  }
  if (type.symbolic) {
    each_part(x, id, walk, context);
  }
}

// --- cycles

typedef struct Edges {
  uint32_t *first; // by parameter; [parameters] ends the last
  uint32_t *to;
} Edges;

static Edges edges_of(const Expansion *x, Arena *arena, uint32_t parameters, bool backwards) {
  Edges edges = {ARENA_ARRAY(arena, uint32_t, parameters + 2),
                 ARENA_ARRAY(arena, uint32_t, x->flows.count + 1)};
  for (uint32_t i = 0; i < x->flows.count; i++) {
    edges.first[(backwards ? x->flows.items[i].to : x->flows.items[i].from) + 2]++;
  }
  for (uint32_t p = 2; p < parameters + 2; p++) {
    edges.first[p] += edges.first[p - 1];
  }
  for (uint32_t i = 0; i < x->flows.count; i++) {
    const Flow flow = x->flows.items[i];
    edges.to[edges.first[(backwards ? flow.to : flow.from) + 1]++] = backwards ? flow.from : flow.to;
  }
  return edges;
}

// Parameters in the order in which a depth-first search leaves them, from `start`; `seen` is by parameter.
static uint32_t search(const Edges *edges, uint32_t start, bool *seen, uint32_t *at, uint32_t *stack,
                       uint32_t *order) {
  uint32_t depth = 0, found = 0;
  stack[depth++] = start;
  seen[start] = true;
  at[start] = edges->first[start];
  while (depth > 0) {
    uint32_t top = stack[depth - 1];
    if (at[top] == edges->first[top + 1]) {
      order[found++] = top;
      depth--;
      continue;
    }
    uint32_t next = edges->to[at[top]++];
    if (!seen[next]) {
      seen[next] = true;
      at[next] = edges->first[next];
      stack[depth++] = next;
    }
  }
  return found;
}

// By parameter: which can flow to each other and back have the same number, from 1 (Kosaraju).
static uint32_t *components(Expansion *x, uint32_t parameters) {
  Arena *arena = &x->arena;
  Edges forwards = edges_of(x, arena, parameters, false), backwards = edges_of(x, arena, parameters, true);
  uint32_t *at = ARENA_ARRAY(arena, uint32_t, parameters), *stack = ARENA_ARRAY(arena, uint32_t, parameters),
           *order = ARENA_ARRAY(arena, uint32_t, parameters),
           *members = ARENA_ARRAY(arena, uint32_t, parameters),
           *component = ARENA_ARRAY(arena, uint32_t, parameters);
  bool *seen = ARENA_ARRAY(arena, bool, parameters), *assigned = ARENA_ARRAY(arena, bool, parameters);
  uint32_t left = 0;
  for (uint32_t p = 0; p < parameters; p++) {
    left += seen[p] ? 0 : search(&forwards, p, seen, at, stack, order + left);
  }
  while (left-- > 0) {
    if (!assigned[order[left]]) {
      uint32_t count = search(&backwards, order[left], assigned, at, stack, members);
      for (uint32_t i = 0; i < count; i++) {
        component[members[i]] = left + 1;
      }
    }
  }
  return component;
}

// ---

static void report(Program *program, SymbolId object) {
  const Symbol *symbol = names_symbol(program->names, object);
  Diagnostic *diagnostic = diagnostic_add(&program->context->diagnostics, DIAGNOSTIC_TY9999, symbol->span,
                                          "the fields of '%.*s' need ever larger instances of it",
                                          STR_ARGS(context_name(program->context, symbol->name)));
  diagnostic_hint(&program->context->diagnostics, diagnostic,
                  "use its type parameters as they are where the fields lead back to it");
}

void check_expansion(Program *program) {
  Expansion x = {.program = program};
  arena_init(&x.arena);
  for (SymbolId id = 1; id < program->names->symbols.count; id++) {
    const Symbol *symbol = names_symbol(program->names, id);
    if (symbol->kind == SYMBOL_OBJECT && check_is_user_module(program, symbol->module) &&
        declarations_type_parameters(&program->declarations, id).count > 0) {
      note_object(&x, id);
    }
  }
  VECTOR(uint32_t) ends = {0}; // by object: the flows that its fields make end there
  for (uint32_t i = 0; i < x.objects.count; i++) {
    const ObjectInfo info = *declarations_object(&program->declarations, x.objects.items[i]);
    memset(&x.visited, 0, sizeof x.visited);
    for (uint32_t f = 0; f < info.field_count; f++) {
      walk(&x, info.fields[f].type, NULL);
    }
    VECTOR_PUSH(&x.arena, &ends, x.flows.count);
  }
  uint32_t *component = x.flows.count > 0 ? components(&x, program->ast->type_parameters.count) : NULL;
  uint64_t *reported = bits_new(&x.arena, program->ast->type_parameters.count + 1);
  for (uint32_t i = 0, flow = 0; i < x.objects.count; i++) {
    for (; flow < ends.items[i]; flow++) {
      const Flow at = x.flows.items[flow];
      if (at.grows && component[at.from] == component[at.to] && !bits_has(reported, component[at.from])) {
        bits_add(reported, component[at.from]);
        report(program, x.objects.items[i]);
      }
    }
  }
  arena_free(&x.arena);
}
