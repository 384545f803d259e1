// Owns the scopes of inlined code (wasm/scopes.h).
#include "wasm/scopes.h"

enum { DEEPEST = 64 }; // calls within calls that are followed back

// --------------------------------------------------------------------------------------------------- calls

static void add_edge(ScopeTable *table, CallEdge edge) {
  for (uint32_t i = table->first_callee[edge.caller]; i != 0; i = table->edges.items[i].next_of_caller) {
    CallEdge *known = &table->edges.items[i];
    if (known->callee == edge.callee) {
      known->several |= known->position != edge.position || known->site != edge.site;
      return;
    }
  }
  edge.next_of_caller = table->first_callee[edge.caller];
  edge.next_of_callee = table->first_caller[edge.callee];
  VECTOR_PUSH(table->arena, &table->edges, edge);
  table->first_callee[edge.caller] = table->first_caller[edge.callee] = table->edges.count - 1;
}

static bool is_type(const ScopeTable *table, CallNode node) {
  return node >= table->module->functions.count;
}

// What a call means, or 0 for an instruction that is none.
static CallNode target_of(const ScopeTable *table, const IrInst *inst) {
  switch ((IrOpcode)inst->opcode) {
  case IR_CALL:
  case IR_TAIL_CALL:
    return inst->a;
  case IR_CALL_REF:
  case IR_TAIL_CALL_REF:
    return table->module->functions.count + inst->a;
  case IR_CALL_INDIRECT:
  case IR_TAIL_CALL_INDIRECT:
    return table->module->functions.count + inst->b;
  default:
    return 0;
  }
}

static void add_calls(ScopeTable *table, IrFunctionId caller) {
  const IrFunction *function = ir_function(table->module, caller);
  for (IrBlockId id = 1; id < function->blocks.count; id++) {
    const IrBlock *block = ir_block(function, id);
    for (uint32_t i = 0; block->terminator != 0 && i <= block->insts.count; i++) {
      const IrInst *inst =
          ir_inst(function, i < block->insts.count ? block->insts.items[i] : block->terminator);
      CallNode callee = target_of(table, inst);
      if (callee != 0) {
        add_edge(table, (CallEdge){.caller = caller,
                                   .callee = callee,
                                   .position = inst->origin.position,
                                   .site = inst->origin.site});
      }
    }
  }
}

ScopeTable scopes_new(const IrModule *module, Arena *arena) {
  ScopeTable table = {.module = module, .arena = arena};
  uint32_t functions = module->functions.count, nodes = functions + module->heap_types.count;
  table.first_callee = ARENA_ARRAY(arena, uint32_t, nodes);
  table.first_caller = ARENA_ARRAY(arena, uint32_t, nodes);
  table.reached = ARENA_ARRAY(arena, uint32_t, nodes);
  (void)VECTOR_EXTEND(arena, &table.scopes, 1);
  (void)VECTOR_EXTEND(arena, &table.edges, 1);
  for (IrFunctionId id = 1; id < functions; id++) {
    add_calls(&table, id);
    add_edge(&table, (CallEdge){.caller = functions + ir_function(module, id)->type, .callee = id});
  }
  return table;
}

// Marks what calls from `inside` on can reach.
static void look_inside(ScopeTable *table, IrFunctionId inside) {
  if (table->inside == inside) {
    return;
  }
  table->inside = inside;
  VECTOR(CallNode) open = {0};
  VECTOR_PUSH(table->arena, &open, inside);
  while (open.count > 0) {
    CallNode at = open.items[--open.count];
    for (uint32_t i = table->first_callee[at]; i != 0; i = table->edges.items[i].next_of_caller) {
      CallNode callee = table->edges.items[i].callee;
      if (table->reached[callee] != inside) {
        table->reached[callee] = inside;
        VECTOR_PUSH(table->arena, &open, callee);
      }
    }
  }
}

// -------------------------------------------------------------------------------------------------- scopes

typedef struct ScopeKey {
  const ScopeTable *table;
  Scope scope;
} ScopeKey;

static bool scope_equal(const void *context, uint32_t id) {
  const ScopeKey *key = context;
  const Scope *other = &key->table->scopes.items[id];
  return other->function == key->scope.function && other->call == key->scope.call &&
         other->outer == key->scope.outer;
}

static uint32_t intern(ScopeTable *table, IrFunctionId function, Position call, uint32_t outer) {
  ScopeKey key = {table, {function, call, outer}};
  uint32_t hash = hash_bytes(&key.scope, sizeof key.scope);
  uint32_t found = hash_index_find(&table->index, hash, scope_equal, &key);
  if (found != ID_MAP_NONE) {
    return found;
  }
  VECTOR_PUSH(table->arena, &table->scopes, key.scope);
  hash_index_add(table->arena, &table->index, hash, table->scopes.count - 1);
  return table->scopes.count - 1;
}

// The scope of code at `site` of a function whose own code has the scope `around`.
static uint32_t scope_of_site(ScopeTable *table, IrSiteId site, uint32_t around) {
  if (site == 0) {
    return around;
  }
  const IrSite *at = &table->module->sites.items[site];
  return intern(table, at->callee, at->position, scope_of_site(table, at->outer, around));
}

// The one call of a node that the function being asked about reaches; NULL if there are several.
static const CallEdge *only_call(const ScopeTable *table, CallNode node) {
  const CallEdge *only = NULL;
  for (uint32_t i = table->first_caller[node]; i != 0; i = table->edges.items[i].next_of_callee) {
    const CallEdge *edge = &table->edges.items[i];
    if (edge->caller != node &&
        (edge->caller == table->inside || table->reached[edge->caller] == table->inside)) {
      if (only) {
        return NULL;
      }
      only = edge;
    }
  }
  return only && is_type(table, only->caller) ? only_call(table, only->caller) : only;
}

// The scope of the own code of `function`, which Binaryen inlined into the function being asked about.
static uint32_t inlined_scope(ScopeTable *table, IrFunctionId function, int depth) {
  const CallEdge *call = depth < DEEPEST ? only_call(table, function) : NULL;
  if (!call) {
    return intern(table, function, 0, 0);
  }
  CallEdge edge = *call;
  uint32_t outer = edge.caller == table->inside ? 0 : inlined_scope(table, edge.caller, depth + 1);
  return edge.several ? intern(table, function, 0, outer)
                      : intern(table, function, edge.position, scope_of_site(table, edge.site, outer));
}

uint32_t scopes_mark(const IrModule *module, IrFunctionId function, IrSiteId site) {
  return site == 0 || site >= module->sites.count ? function : module->functions.count + site;
}

uint32_t scopes_of(ScopeTable *table, IrFunctionId inside, uint32_t mark) {
  uint32_t functions = table->module->functions.count;
  IrSiteId site = mark < functions || mark - functions >= table->module->sites.count ? 0 : mark - functions;
  IrFunctionId function = site != 0 ? table->module->sites.items[site].root : mark < functions ? mark : 0;
  if (function == 0) {
    return 0;
  }
  if (inside != 0) {
    look_inside(table, inside);
  }
  uint32_t around = function == inside ? 0
                    : inside == 0      ? intern(table, function, 0, 0)
                                       : inlined_scope(table, function, 0);
  return scope_of_site(table, site, around);
}
