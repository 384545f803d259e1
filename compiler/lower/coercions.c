// Owns the coercion graph: what flows where in the whole program, and which types must share a
// representation.
//
// At its surface a coercion may convert the value. Below the surface nothing can be converted, because the
// object stays the same and its fields are mutable: `Box<L>` seen as `Box<L | R>` must read and write the
// same slot. So every pair of types that meets there is joined (union-find over nominal instances, fixed
// arrays and function types), and joining two types relates their fields, elements, parameters and results in
// turn. A slot keeps its precise lanes if all members of a joined set agree on them; otherwise it is a
// uniform reference (layout.c). The graph also knows which types are constructed, which need a class id, and
// which record types receive anything but their own literals. It is complete before the first layout is made.
#include "lower/lowering.h"

#include "base/failure.h"
#include "base/limits.h"

typedef struct Meeting {
  TypeId actual, expected;
  bool below; // below the surface of the value that is coerced
} Meeting;

typedef struct DispatchSite {
  uint32_t call;
  uint32_t classes; // of the constructed ones, how many were looked at
} DispatchSite;

typedef struct Graph {
  Lowering *lowering;
  TypeTable *types;
  Declarations *declarations;
  IdMap met[2]; // by `below`: pairs already related
  VECTOR(Meeting) work;
  VECTOR(DispatchSite) dispatches; // calls on trait objects
  IdMap dispatched;                // (trait, method) that has a site
  VECTOR(TypeId) visiting;         // types seen whose parts are still to be looked at
} Graph;

TypeFacts *type_facts(Lowering *lowering, TypeId type) {
  if (type >= lowering->facts.count) {
    (void)VECTOR_EXTEND(&lowering->arena, &lowering->facts, type + 1 - lowering->facts.count);
  }
  return &lowering->facts.items[type];
}

TypeId coercions_find(Lowering *lowering, TypeId type) {
  TypeId root = type;
  while (type_facts(lowering, root)->parent != TYPE_NONE) {
    root = type_facts(lowering, root)->parent;
  }
  while (type != root) {
    TypeFacts *facts = type_facts(lowering, type);
    type = facts->parent;
    facts->parent = root;
  }
  return root;
}

TypeId coercions_next(Lowering *lowering, TypeId type) {
  TypeId next = type_facts(lowering, type)->next;
  return next == TYPE_NONE ? type : next;
}

TypeId type_plain(const Lowering *lowering, TypeId type) {
  const TypeTable *types = &lowering->program->types;
  type = types_unfold(types, type);
  while (type_kind(types, type) == KIND_BORROW) {
    type = types_unfold(types, type_get(types, type)->a);
  }
  return type;
}

// ------------------------------------------------------------------------------------------- relating types

static void meet(Graph *graph, TypeId actual, TypeId expected, bool below) {
  actual = type_plain(graph->lowering, actual);
  expected = type_plain(graph->lowering, expected);
  uint64_t pair = id_pair(actual, expected);
  if (actual == expected || id_map_get(&graph->met[below], pair) != ID_MAP_NONE) {
    return;
  }
  id_map_put(&graph->lowering->scratch, &graph->met[below], pair, 1);
  VECTOR_PUSH(&graph->lowering->scratch, &graph->work, (Meeting){actual, expected, below});
}

static void join(Graph *graph, TypeId first, TypeId second);

// Types that stand in one slot: what is written as either is read as the other.
static void share_slot(Graph *graph, TypeId first, TypeId second) {
  meet(graph, first, second, true);
  meet(graph, second, first, true);
}

static void join_fields(Graph *graph, TypeId first, TypeId second) {
  uint32_t count, other;
  const TypeField *fields = declarations_fields(graph->declarations, first, &count);
  const TypeField *others = declarations_fields(graph->declarations, second, &other);
  ENSURE(count == other);
  for (uint32_t i = 0; i < count; i++) {
    share_slot(graph, fields[i].type, others[i].type);
  }
  TypeId base = declarations_base(graph->declarations, first);
  TypeId other_base = declarations_base(graph->declarations, second);
  if (base != TYPE_NONE && base != TYPE_OBJECT && other_base != TYPE_NONE) {
    join(graph, base, other_base);
  }
}

// One representation for both from now on.
static void join(Graph *graph, TypeId first, TypeId second) {
  Lowering *lowering = graph->lowering;
  TypeId a = coercions_find(lowering, first), b = coercions_find(lowering, second);
  if (a == b) {
    return;
  }
  TypeId next = coercions_next(lowering, a), other_next = coercions_next(lowering, b);
  type_facts(lowering, b)->parent = a;
  type_facts(lowering, a)->next = other_next;
  type_facts(lowering, b)->next = next;
  Type x = *type_get(graph->types, first), y = *type_get(graph->types, second);
  if (x.kind == KIND_NOMINAL) {
    join_fields(graph, first, second);
  } else if (x.kind == KIND_FIXED_ARRAY) {
    share_slot(graph, x.a, y.a);
  } else if (x.kind == KIND_FUNCTION) {
    for (uint32_t i = 0; i < x.count && i < y.count; i++) {
      share_slot(graph, graph->types->slots.items[x.first + i].type,
                 graph->types->slots.items[y.first + i].type);
    }
    share_slot(graph, x.a, y.a);
  }
}

static bool is_some(const Graph *graph, const Type *type) {
  return type->kind == KIND_NOMINAL && type->symbol == graph->declarations->some_object;
}

static bool accepts(Graph *graph, TypeId member, TypeId type) {
  return types_unify(graph->declarations, type, member, true) ||
         types_satisfies(graph->declarations, type, member);
}

// The value is seen as something that does not say its class.
static void hide_class(Graph *graph, TypeId type) {
  type_facts(graph->lowering, type)->rooted = true;
}

static void meet_nominals(Graph *graph, TypeId actual, TypeId expected, bool below) {
  TypeId at = actual;
  uint32_t symbol = type_get(graph->types, expected)->symbol;
  while (at != TYPE_NONE && at != TYPE_OBJECT && type_get(graph->types, at)->symbol != symbol) {
    at = declarations_base(graph->declarations, at);
  }
  if (at == TYPE_NONE || at == TYPE_OBJECT || at == expected) {
    return;
  }
  if (!types_is_value(graph->types, expected)) {
    join(graph, at, expected);
    return;
  }
  uint32_t count, other;
  const TypeField *fields = declarations_fields(graph->declarations, at, &count);
  const TypeField *others = declarations_fields(graph->declarations, expected, &other);
  for (uint32_t i = 0; i < count && i < other; i++) {
    meet(graph, fields[i].type, others[i].type, below);
  }
}

// Do the types differ in their rows alone?
static bool same_signature(const TypeTable *types, const Type *a, const Type *b) {
  bool same = a->count == b->count && a->a == b->a;
  for (uint32_t i = 0; same && i < a->count; i++) {
    TypeSlot x = types->slots.items[a->first + i], y = types->slots.items[b->first + i];
    same = x.type == y.type && x.flags == y.flags;
  }
  return same;
}

static void meet_functions(Graph *graph, TypeId actual, TypeId expected, bool below) {
  // An adapter for a row would do nothing but call.
  if (below ||
      same_signature(graph->types, type_get(graph->types, actual), type_get(graph->types, expected))) {
    join(graph, actual, expected);
    return;
  }
  // An adapter is put around the function: parameters go in the other direction, in-out ones both ways.
  Type a = *type_get(graph->types, actual), e = *type_get(graph->types, expected);
  for (uint32_t i = 0; i < a.count && i < e.count; i++) {
    TypeSlot own = graph->types->slots.items[a.first + i], wanted = graph->types->slots.items[e.first + i];
    meet(graph, wanted.type, own.type, false);
    if (own.flags & SLOT_MUTABLE) {
      meet(graph, own.type, wanted.type, false);
    }
  }
  meet(graph, a.a, e.a, false);
}

// The value is an object of unknown class whose fields are found through the class id.
static void meet_record(Graph *graph, TypeId actual, TypeId expected) {
  hide_class(graph, actual);
  type_facts(graph->lowering, expected)->widened = true;
  if (types_is_value(graph->types, actual) && type_kind(graph->types, expected) == KIND_RECORD) {
    coercions_construct(graph->lowering, expected); // a fresh record
  }
  TypeId record = types_record_part(graph->declarations, expected);
  if (record == TYPE_NONE) {
    return;
  }
  uint32_t count = type_get(graph->types, record)->count;
  for (uint32_t i = 0; i < count; i++) {
    TypeField wanted = type_fields(graph->types, type_get(graph->types, record))[i], own;
    if (types_find_field(graph->declarations, actual, wanted.name, &own)) {
      meet(graph, own.type, wanted.type, false);
      meet(graph, wanted.type, own.type, false);
    }
  }
}

static void relate(Graph *graph, Meeting meeting) {
  TypeTable *types = graph->types;
  TypeId actual = meeting.actual, expected = meeting.expected;
  Type a = *type_get(types, actual), e = *type_get(types, expected);
  TypeId payload = declarations_payload(graph->declarations, expected);
  if (!meeting.below && payload != TYPE_NONE) {
    TypeId own = declarations_payload(graph->declarations, actual);
    if (own != TYPE_NONE) {
      bool wrapped = !types_unify(graph->declarations, actual, expected, true);
      meet(graph, wrapped ? actual : own, payload, false);
      return;
    }
    if (a.kind != KIND_UNION && !(a.kind == KIND_NOMINAL && a.symbol == graph->declarations->none_object)) {
      meet(graph, is_some(graph, &a) ? types->ids.items[a.first] : actual, payload, false);
      return;
    }
  }
  if (a.kind == KIND_UNION) {
    for (uint32_t i = 0; i < a.count; i++) {
      meet(graph, types->ids.items[a.first + i], expected, meeting.below);
    }
    return;
  }
  if (e.kind == KIND_UNION) {
    hide_class(graph, actual);
    for (uint32_t i = 0; i < e.count; i++) {
      TypeId member = type_plain(graph->lowering, types->ids.items[e.first + i]);
      if (accepts(graph, member, actual)) {
        meet(graph, actual, member, meeting.below);
      }
    }
    return;
  }
  if (a.kind == KIND_NOMINAL && e.kind == KIND_NOMINAL) {
    meet_nominals(graph, actual, expected, meeting.below);
  } else if (a.kind == KIND_FIXED_ARRAY && e.kind == KIND_FIXED_ARRAY) {
    join(graph, actual, expected);
  } else if (a.kind == KIND_FUNCTION && e.kind == KIND_FUNCTION) {
    meet_functions(graph, actual, expected, meeting.below);
  } else if (e.kind == KIND_RECORD || e.kind == KIND_OBJECT || e.kind == KIND_INTERSECTION ||
             e.kind == KIND_TRAIT) {
    meet_record(graph, actual, expected);
  }
}

// ----------------------------------------------------------------------------------------- seeing the
// program

static void see(Graph *graph, TypeId type) {
  if (type == TYPE_NONE || type == TYPE_UNKNOWN) {
    return;
  }
  TypeFacts *facts = type_facts(graph->lowering, type);
  if (!facts->seen) {
    facts->seen = true;
    VECTOR_PUSH(&graph->lowering->scratch, &graph->visiting, type);
  }
}

void coercions_construct(Lowering *lowering, TypeId type) {
  TypeFacts *facts = type_facts(lowering, type);
  if (!facts->constructed) {
    facts->constructed = true;
    VECTOR_PUSH(&lowering->arena, &lowering->constructed, type);
  }
}

// The types a value of this type is made of. Wrappers and boxes are made by conversions anywhere.
static void visit(Graph *graph, TypeId id) {
  Lowering *lowering = graph->lowering;
  id = type_plain(lowering, id);
  Type type = *type_get(graph->types, id);
  if (type.kind == KIND_PRIMITIVE || types_is_value(graph->types, id)) {
    coercions_construct(lowering, id);
    type_facts(lowering, id)->rooted = true;
  }
  if (declarations_payload(graph->declarations, id) != TYPE_NONE) {
    for (uint32_t i = 0; i < type.count; i++) {
      coercions_construct(lowering, graph->types->ids.items[type.first + i]);
      hide_class(graph, graph->types->ids.items[type.first + i]);
    }
  }
  switch ((TypeKind)type.kind) {
  case KIND_NOMINAL: {
    uint32_t count;
    const TypeField *fields = declarations_fields(graph->declarations, id, &count);
    for (uint32_t i = 0; i < count; i++) {
      // check/ has refused objects that need ever larger instances of themselves
      ENSURE(type_get(graph->types, fields[i].type)->depth < 64 * LIMIT_TYPE_DEPTH);
      see(graph, fields[i].type);
    }
    break;
  }
  case KIND_UNION:
  case KIND_INTERSECTION:
    for (uint32_t i = 0; i < type.count; i++) {
      see(graph, graph->types->ids.items[type.first + i]);
    }
    see(graph, type.kind == KIND_INTERSECTION ? type.a : TYPE_NONE);
    see(graph, type.kind == KIND_INTERSECTION ? type.b : TYPE_NONE);
    break;
  case KIND_RECORD:
    for (uint32_t i = 0; i < type.count; i++) {
      see(graph, graph->types->fields.items[type.first + i].type);
    }
    break;
  case KIND_FUNCTION:
    for (uint32_t i = 0; i < type.count; i++) {
      see(graph, graph->types->slots.items[type.first + i].type);
    }
    see(graph, type.a);
    break;
  case KIND_FIXED_ARRAY:
    see(graph, type.a);
    break;
  default:
    break;
  }
}

// One site stands for all calls of a method on a trait; the types of the call are the same.
static bool is_known_dispatch(Graph *graph, const CallPlan *plan) {
  uint64_t key = id_pair(plan->trait, plan->target);
  bool known = id_map_get(&graph->dispatched, key) != ID_MAP_NONE;
  id_map_put(&graph->lowering->scratch, &graph->dispatched, key, 1);
  return known;
}

static bool see_received(void *context, TypeId type);

static void scan_call(Graph *graph, uint32_t call) {
  const Program *program = graph->lowering->program;
  const CallPlan *plan = &program->calls.items[call];
  if (plan->kind == CALL_DISPATCH && !is_known_dispatch(graph, plan)) {
    VECTOR_PUSH(&graph->lowering->scratch, &graph->dispatches, (DispatchSite){call, 0});
  }
  for (uint32_t i = 0; i < plan->count; i++) {
    ArgumentPlan argument = program->arguments.items[plan->first + i];
    see(graph, argument.to);
    if (argument.from != TYPE_NONE && argument.to != TYPE_NONE) {
      meet(graph, argument.from, argument.to, false);
    }
  }
  see(graph, plan->result);
  if (plan->kind == CALL_OPERATION && check_host_operation(program, plan->target).length > 0) {
    boundary_see(graph->lowering, plan->result, see_received, graph);
  }
  if (plan->curried) {
    scan_call(graph, plan->curried - 1);
  }
}

static void scan_construction(Graph *graph, const ConstructionPlan *plan) {
  const Program *program = graph->lowering->program;
  coercions_construct(graph->lowering, type_plain(graph->lowering, plan->type));
  see(graph, plan->type);
  for (uint32_t i = 0; i < plan->count; i++) {
    FieldPlan field = program->field_plans.items[plan->first + i];
    if (field.from != TYPE_NONE && field.to != TYPE_NONE) {
      meet(graph, field.from, field.to, false);
    }
  }
}

static void scan_node(Graph *graph, const Instance *instance, NodeId id) {
  const Program *program = graph->lowering->program;
  TypedNode typed = *typed_node(instance, id);
  if (typed.type == TYPE_NONE || typed.type == TYPE_UNKNOWN) {
    return;
  }
  see(graph, typed.type);
  if (typed.target != typed.type && typed.target != TYPE_NONE && typed.target != TYPE_UNKNOWN) {
    see(graph, typed.target);
    meet(graph, typed.type, typed.target, false);
  }
  NodeKind kind = ast_kind(program->ast, id);
  if (typed.role == ROLE_CALL) {
    scan_call(graph, typed.detail);
  } else if (typed.role == ROLE_CONSTRUCT) {
    scan_construction(graph, &program->constructions.items[typed.detail]);
  } else if (kind == NODE_TUPLE || kind == NODE_RECORD) {
    coercions_construct(graph->lowering, typed.type);
  }
}

static void scan_instance(Graph *graph, InstanceId id) {
  const Instance instance = *program_instance(graph->lowering->program, id);
  for (NodeId node = instance.first_node; node < instance.end_node; node++) {
    scan_node(graph, &instance, node);
  }
  for (LocalId local = instance.first_local; local < instance.end_local; local++) {
    see(graph, local_type(&instance, local));
  }
  for (uint32_t i = 0; instance.function &&
                       i < ast_function(graph->lowering->program->ast, instance.function)->parameters.count;
       i++) {
    see(graph, instance.parameter_types[i]);
  }
  see(graph, instance.result);
}

static void settle_all(Graph *graph) {
  while (!graph->lowering->failed && (graph->visiting.count > 0 || graph->work.count > 0)) {
    if (graph->visiting.count > 0) {
      visit(graph, graph->visiting.items[--graph->visiting.count]);
    } else {
      relate(graph, graph->work.items[--graph->work.count]);
    }
  }
}

// The methods that a trait call may run are part of the program once their class is constructed.
static void reach_implementations(Graph *graph, DispatchSite *site) {
  Lowering *lowering = graph->lowering;
  Program *program = lowering->program;
  CallPlan plan = program->calls.items[site->call];
  for (; site->classes < lowering->constructed.count; site->classes++) {
    TypeId exact = lowering->constructed.items[site->classes];
    InstanceId instance = dispatch_implementation(lowering, exact, plan.trait, plan.target);
    if (instance == 0) {
      continue;
    }
    program_reach(program, instance);
    const Instance implementation = *program_instance(program, instance);
    for (uint32_t k = 0; k < plan.count; k++) {
      ArgumentPlan argument = program->arguments.items[plan.first + k];
      meet(graph, argument.to, implementation.parameter_types[k], false);
      if (argument.mutable) {
        meet(graph, implementation.parameter_types[k], argument.to, false);
      }
    }
    meet(graph, implementation.result, plan.result, false);
  }
}

// What the host sends is made by the readers of boundary.c.
static bool see_received(void *context, TypeId type) {
  Graph *graph = context;
  Lowering *lowering = graph->lowering;
  Type at = *type_get(graph->types, type);
  if (type_facts(lowering, type)->received) {
    return false;
  }
  type_facts(lowering, type)->received = true;
  if (at.kind == KIND_NOMINAL || at.kind == KIND_RECORD) {
    coercions_construct(lowering, type);
  }
  for (uint32_t i = 0; at.kind == KIND_UNION && i < at.count; i++) {
    meet(graph, graph->types->ids.items[at.first + i], type, false);
  }
  return true;
}

static void see_exports(Graph *graph) {
  Lowering *lowering = graph->lowering;
  Program *program = lowering->program;
  for (uint32_t i = 0; i < program->export_count; i++) {
    const Instance instance = *program_instance(program, program->exports[i].instance);
    uint32_t count = ast_function(program->ast, instance.function)->parameters.count;
    for (uint32_t k = 0; k < count; k++) {
      if (boundary_crosses(lowering, instance.parameter_types[k])) {
        boundary_see(lowering, instance.parameter_types[k], see_received, graph);
      }
    }
  }
}

void coercions_collect(Lowering *lowering) {
  Program *program = lowering->program;
  Graph graph = {.lowering = lowering, .types = &program->types, .declarations = &program->declarations};
  uint32_t scanned = 0, constructed = 0;
  see_exports(&graph);
  while (!lowering->failed &&
         (scanned < program->lowered.count || constructed < lowering->constructed.count)) {
    while (scanned < program->lowered.count) {
      scan_instance(&graph, program->lowered.items[scanned++]);
    }
    settle_all(&graph);
    constructed = lowering->constructed.count;
    for (uint32_t i = 0; i < graph.dispatches.count; i++) {
      reach_implementations(&graph, &graph.dispatches.items[i]);
    }
    settle_all(&graph);
  }
  // A class id stands in the first field of the outermost base, for the whole family of classes.
  for (TypeId type = TYPE_FIRST_FREE; type < lowering->facts.count; type++) {
    if (type_facts(lowering, type)->rooted) {
      type_facts(lowering, coercions_find(lowering, type_outermost(lowering, type)))->family_rooted = true;
    }
  }
}

TypeId type_outermost(Lowering *lowering, TypeId type) {
  Declarations *declarations = &lowering->program->declarations;
  if (type_kind(&lowering->program->types, type) != KIND_NOMINAL ||
      types_is_value(&lowering->program->types, type)) {
    return type;
  }
  for (TypeId base; (base = declarations_base(declarations, type)) != TYPE_NONE && base != TYPE_OBJECT;) {
    type = base;
  }
  return type;
}
