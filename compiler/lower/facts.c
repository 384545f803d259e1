// Owns what must be known of all functions before the first body is built: which `~` parameters come back.
//
// A `~` parameter comes back if its slot may be written: by an assignment to it or to a part that lies in its
// own lanes, through a name of the slot (07 §1.4), or by a call that hands the slot on to a parameter that
// comes back. Writing a field of the object that it refers to is none of these. The last rule makes it a
// fixpoint over the call graph: parameters are nodes, handing on is an edge, and being written flows along
// the edges backwards.
#include "lower/lowering.h"

typedef struct HandedOn { // the slot of parameter `from` goes to a parameter
  uint32_t from;
  uint32_t next; // other edges to the same parameter, 0 ends
} HandedOn;

typedef struct Facts {
  Lowering *lowering;
  VECTOR(HandedOn) edges; // [0] unused
  uint32_t *first_edge;   // by parameter node: edges that lead to it
  VECTOR(uint32_t) work;  // parameters found written, their callers not told yet
} Facts;

static void mark_written(Facts *facts, uint32_t parameter) {
  if (!facts->lowering->written[parameter]) {
    facts->lowering->written[parameter] = true;
    VECTOR_PUSH(&facts->lowering->scratch, &facts->work, parameter);
  }
}

// The parameter node whose slot `node` writes or hands on, or UINT32_MAX.
static uint32_t slot_parameter(const Facts *facts, InstanceId id, const NodeId *aliases, NodeId node) {
  const Program *program = facts->lowering->program;
  const Instance *instance = program_instance(program, id);
  LocalId local = place_root(program, instance, aliases, node);
  if (local == 0) {
    return UINT32_MAX;
  }
  const Local *declared = names_local(program->names, local);
  if (declared->kind != LOCAL_MUTABLE_PARAMETER || declared->owner != instance->function) {
    return UINT32_MAX;
  }
  return facts->lowering->first_parameter[id] + declared->parameter;
}

static void scan_call(Facts *facts, InstanceId id, const NodeId *aliases, const CallPlan *plan) {
  const Program *program = facts->lowering->program;
  for (uint32_t i = 0; i < plan->count; i++) {
    const ArgumentPlan *argument = &program->arguments.items[plan->first + i];
    if (!argument->mutable || argument->node == 0) {
      continue;
    }
    uint32_t slot = slot_parameter(facts, id, aliases, argument->node);
    if (slot == UINT32_MAX) {
      continue;
    }
    if (plan->kind != CALL_DIRECT) {
      mark_written(facts, slot);
      continue;
    }
    uint32_t callee = facts->lowering->first_parameter[plan->target] + i;
    VECTOR_PUSH(&facts->lowering->scratch, &facts->edges, (HandedOn){slot, facts->first_edge[callee]});
    facts->first_edge[callee] = facts->edges.count - 1;
  }
}

static void scan_targets(Facts *facts, InstanceId id, const NodeId *aliases, NodeId target) {
  const AstTable *ast = facts->lowering->program->ast;
  const AstNode *node = ast_node(ast, target);
  if (node->kind == NODE_TUPLE) {
    for (uint32_t i = 0; i < node->list.items.count; i++) {
      scan_targets(facts, id, aliases, ast_listed(ast, node->list.items, i));
    }
    return;
  }
  uint32_t slot = slot_parameter(facts, id, aliases, target);
  if (slot != UINT32_MAX) {
    mark_written(facts, slot);
  }
}

static void scan_instance(Facts *facts, InstanceId id) {
  Program *program = facts->lowering->program;
  const Instance *instance = program_instance(program, id);
  ArenaMark mark = arena_mark(&facts->lowering->arena);
  const NodeId *aliases = place_aliases(program, instance, &facts->lowering->arena);
  for (NodeId node = instance->first_node; node < instance->end_node; node++) {
    const TypedNode *typed = typed_node(instance, node);
    if (typed->type == TYPE_NONE) {
      continue;
    }
    if (typed->role == ROLE_CALL) {
      scan_call(facts, id, aliases, &program->calls.items[typed->detail]);
    } else if (ast_kind(program->ast, node) == NODE_ASSIGN) {
      scan_targets(facts, id, aliases, ast_node(program->ast, node)->pair.first);
    }
  }
  arena_rewind(&facts->lowering->arena, mark);
}

static uint32_t parameter_count(const Program *program, const Instance *instance) {
  return instance->function ? ast_function(program->ast, instance->function)->parameters.count : 0;
}

void facts_collect(Lowering *lowering) {
  const Program *program = lowering->program;
  Facts facts = {.lowering = lowering};
  uint32_t total = 0;
  lowering->first_parameter = ARENA_ARRAY(&lowering->arena, uint32_t, program->instances.count);
  for (InstanceId id = 1; id < program->instances.count; id++) {
    lowering->first_parameter[id] = total;
    total += parameter_count(program, program_instance(program, id));
  }
  lowering->written = ARENA_ARRAY(&lowering->arena, bool, total);
  facts.first_edge = ARENA_ARRAY(&lowering->scratch, uint32_t, total);
  (void)VECTOR_EXTEND(&lowering->scratch, &facts.edges, 1);
  for (InstanceId id = 1; id < program->instances.count; id++) {
    if (program_instance(program, id)->nodes && program_instance(program, id)->reachable) {
      scan_instance(&facts, id);
    }
  }
  while (facts.work.count > 0) {
    uint32_t parameter = facts.work.items[--facts.work.count];
    for (uint32_t edge = facts.first_edge[parameter]; edge != 0; edge = facts.edges.items[edge].next) {
      mark_written(&facts, facts.edges.items[edge].from);
    }
  }
}

// -------------------------------------------------------------------------------------------------- cycles

typedef struct CycleFrame {
  InstanceId instance;
  NodeId node; // next to look at
} CycleFrame;

// Tarjan's strongly connected components, without recursion. An instance's edges are read off its nodes.
typedef struct Cycles {
  Lowering *lowering;
  uint32_t *number; // by InstanceId: order of visit, 0 = not visited
  uint32_t *low;
  bool *open; // on `stack`
  uint32_t next;
  VECTOR(InstanceId) stack;
  VECTOR(CycleFrame) frames;
} Cycles;

static void enter_instance(Cycles *cycles, InstanceId id) {
  Arena *scratch = &cycles->lowering->scratch;
  cycles->number[id] = cycles->low[id] = ++cycles->next;
  cycles->open[id] = true;
  VECTOR_PUSH(scratch, &cycles->stack, id);
  VECTOR_PUSH(scratch, &cycles->frames,
              (CycleFrame){id, program_instance(cycles->lowering->program, id)->first_node});
}

// The instance that a node can start, or 0.
static InstanceId started_by(Program *program, const Instance *instance, NodeId node) {
  const TypedNode *typed = typed_node(instance, node);
  if (typed->type == TYPE_NONE) {
    return 0;
  }
  switch ((NodeRole)typed->role) {
  case ROLE_CALL: {
    const CallPlan *plan = &program->calls.items[typed->detail];
    return plan->kind == CALL_DIRECT ? plan->target : 0;
  }
  case ROLE_FUNCTION:
    return typed->detail;
  case ROLE_LET:
    return program_let(program, typed->detail);
  default:
    return 0;
  }
}

static void leave_instance(Cycles *cycles, InstanceId id) {
  cycles->frames.count--;
  if (cycles->frames.count > 0) {
    InstanceId outer = cycles->frames.items[cycles->frames.count - 1].instance;
    cycles->low[outer] = cycles->low[id] < cycles->low[outer] ? cycles->low[id] : cycles->low[outer];
  }
  if (cycles->low[id] != cycles->number[id]) {
    return;
  }
  InstanceId member;
  do {
    member = cycles->stack.items[--cycles->stack.count];
    cycles->open[member] = false;
    if (member != id) {
      cycles->lowering->cyclic[member] = cycles->lowering->cyclic[id] = true;
    }
  } while (member != id);
}

static void visit_from(Cycles *cycles, InstanceId root) {
  Program *program = cycles->lowering->program;
  enter_instance(cycles, root);
  while (cycles->frames.count > 0) {
    CycleFrame *frame = &cycles->frames.items[cycles->frames.count - 1];
    InstanceId id = frame->instance;
    const Instance *instance = program_instance(program, id);
    InstanceId target = 0;
    while (target == 0 && frame->node < instance->end_node) {
      target = started_by(program, instance, frame->node++);
    }
    if (target == 0) {
      leave_instance(cycles, id);
    } else if (target == id) {
      cycles->lowering->cyclic[id] = true;
    } else if (cycles->number[target] == 0 && program_instance(program, target)->nodes) {
      enter_instance(cycles, target);
    } else if (cycles->open[target] && cycles->number[target] < cycles->low[id]) {
      cycles->low[id] = cycles->number[target];
    }
  }
}

void facts_find_cycles(Lowering *lowering) {
  uint32_t count = lowering->program->instances.count;
  Cycles cycles = {.lowering = lowering,
                   .number = ARENA_ARRAY(&lowering->scratch, uint32_t, count),
                   .low = ARENA_ARRAY(&lowering->scratch, uint32_t, count),
                   .open = ARENA_ARRAY(&lowering->scratch, bool, count)};
  lowering->cyclic = ARENA_ARRAY(&lowering->arena, bool, count);
  for (InstanceId id = 1; id < count; id++) {
    const Instance *instance = program_instance(lowering->program, id);
    if (cycles.number[id] == 0 && instance->nodes && instance->reachable) {
      visit_from(&cycles, id);
    }
  }
}

bool facts_written(const Lowering *lowering, InstanceId instance, uint32_t parameter) {
  return lowering->written[lowering->first_parameter[instance] + parameter];
}
