// Owns the flow analysis of objects: constraints between nodes (values, fields, elements, globals, results),
// and their solution by a worklist. Calls through references go through two nodes per parameter and result of
// a function type, so that the constraints are known beforehand and the solution is linear in them.
#include "passes/objects.h"

#include "base/map.h"

typedef uint32_t Node; // 0: not a reference, or never looked at

// What flows along: everything, what a cast lets through, or the code in the first field of each object.
typedef enum { FLOW_ALL, FLOW_CAST, FLOW_CODE } FlowKind;

typedef struct FlowEdge {
  Node to;
  FlowKind kind;
  IrType type;   // FLOW_CAST
  uint32_t next; // edge of the same source, or 0
} FlowEdge;

struct Objects {
  const IrModule *module;
  Arena *arena;
  VECTOR(ObjectKind) kinds;
  IdMap kind_index;
  Node *values;  // by IrFunctionId: node of value 0
  Node *results; // by IrFunctionId: node of result 0
  Node *heaps;   // by IrHeapId: node of field, element or parameter 0; results follow parameters
  Node *globals; // by IrGlobalId
  uint32_t node_count;
  ObjectSet *sets;    // by Node
  uint32_t *edges_of; // by Node: its first edge
  VECTOR(FlowEdge) edges;
  VECTOR(Node) work;
  bool *waiting; // by Node: in `work`
};

// --------------------------------------------------------------------------------------------------- sets

static uint32_t kind_of(Objects *objects, ObjectKind kind) {
  uint64_t key = (uint64_t)kind.heap << 34 | (uint64_t)kind.tag << 32 | kind.value;
  uint32_t known = id_map_get(&objects->kind_index, key);
  if (known == ID_MAP_NONE) {
    known = objects->kinds.count;
    id_map_put(objects->arena, &objects->kind_index, key, known);
    VECTOR_PUSH(objects->arena, &objects->kinds, kind);
  }
  return known;
}

static bool set_contains(const ObjectSet *set, uint32_t kind) {
  for (uint32_t i = 0; i < set->count; i++) {
    if (set->kinds[i] == kind) {
      return true;
    }
  }
  return false;
}

static void set_add(ObjectSet *set, uint32_t kind) {
  if (set->any || set_contains(set, kind)) {
    return;
  }
  if (set->count == OBJECT_KINDS_MAX) {
    *set = (ObjectSet){.any = true, .null = set->null};
    return;
  }
  uint32_t at = set->count++;
  for (; at > 0 && set->kinds[at - 1] > kind; at--) {
    set->kinds[at] = set->kinds[at - 1];
  }
  set->kinds[at] = kind;
}

static bool set_equal(const ObjectSet *first, const ObjectSet *second) {
  return first->count == second->count && first->any == second->any && first->null == second->null &&
         memcmp(first->kinds, second->kinds, sizeof(uint32_t) * first->count) == 0;
}

static bool kind_fits(const Objects *objects, uint32_t kind, IrType type) {
  IrHeapId heap = objects->kinds.items[kind].heap;
  IrType own = heap == 0 ? ir_type_non_null(IR_I31REF) : ir_ref(heap);
  return ir_is_subtype(objects->module, own, ir_type_non_null(type));
}

// -------------------------------------------------------------------------------------------- constraints

static Node value_node(const Objects *objects, IrFunctionId function, IrValue value) {
  return ir_type_is_reference(ir_type_of(ir_function(objects->module, function), value))
             ? objects->values[function] + value
             : 0;
}

// The node of a field or element: that of the outermost supertype that has it.
static Node field_node(const Objects *objects, IrHeapId heap, uint32_t field) {
  const IrHeapType *type = ir_heap(objects->module, heap);
  if (!ir_type_is_reference(type->fields[field].type)) {
    return 0;
  }
  while (type->super != 0 && field < ir_heap(objects->module, type->super)->field_count) {
    heap = type->super;
    type = ir_heap(objects->module, heap);
  }
  return objects->heaps[heap] + field;
}

// The node of a parameter (results follow) of all functions of a type that are called by reference.
static Node signature_node(const Objects *objects, IrHeapId heap, uint32_t index) {
  while (ir_heap(objects->module, heap)->super != 0) {
    heap = ir_heap(objects->module, heap)->super;
  }
  const IrHeapType *type = ir_heap(objects->module, heap);
  IrType lane = index < type->param_count ? type->params[index] : type->results[index - type->param_count];
  return ir_type_is_reference(lane) ? objects->heaps[heap] + index : 0;
}

static Node result_node(const Objects *objects, IrFunctionId function, uint32_t index) {
  const IrHeapType *type = ir_heap(objects->module, ir_function(objects->module, function)->type);
  return ir_type_is_reference(type->results[index]) ? objects->results[function] + index : 0;
}

static void wait_for(Objects *objects, Node node) {
  if (!objects->waiting[node]) {
    objects->waiting[node] = true;
    VECTOR_PUSH(objects->arena, &objects->work, node);
  }
}

static void holds(Objects *objects, Node node, ObjectKind kind) {
  if (node != 0) {
    set_add(&objects->sets[node], kind_of(objects, kind));
    wait_for(objects, node);
  }
}

static void holds_null(Objects *objects, Node node) {
  if (node != 0) {
    objects->sets[node].null = true;
    wait_for(objects, node);
  }
}

static void holds_any(Objects *objects, Node node) {
  if (node != 0) {
    objects->sets[node] = (ObjectSet){.any = true, .null = true};
    wait_for(objects, node);
  }
}

static void flow(Objects *objects, Node from, Node to, FlowKind kind, IrType type) {
  if (from != 0 && to != 0 && from != to) {
    VECTOR_PUSH(objects->arena, &objects->edges, (FlowEdge){to, kind, type, objects->edges_of[from]});
    objects->edges_of[from] = objects->edges.count - 1;
  }
}

static void move(Objects *objects, Node from, Node to) {
  flow(objects, from, to, FLOW_ALL, IR_VOID);
}

// The tag of an object whose first field gets the given constant (opcode and immediate).
static ObjectKind kind_with(const IrModule *module, IrHeapId heap, IrOpcode opcode, uint32_t value) {
  const IrHeapType *type = ir_heap(module, heap);
  if (type->kind == IR_HEAP_STRUCT && type->field_count > 0 && !type->fields[0].mutable_) {
    if (opcode == IR_I32_CONST && type->fields[0].packing == IR_PACK_NONE) {
      return (ObjectKind){heap, OBJECT_TAG_I32, value};
    }
    if (opcode == IR_REF_FUNC) {
      return (ObjectKind){heap, OBJECT_TAG_CODE, value};
    }
  }
  return (ObjectKind){heap, OBJECT_TAG_NONE, 0};
}

static ObjectKind function_kind(const IrModule *module, IrFunctionId function) {
  return (ObjectKind){ir_function(module, function)->type, OBJECT_TAG_CODE, function};
}

// ------------------------------------------------------------------------------- constraints: constants

static void add_constant(Objects *objects, IrConstantId id, Node to) {
  const IrModule *module = objects->module;
  const IrConstant *constant = &module->constants.items[id];
  switch (constant->opcode) {
  case IR_REF_NULL:
    holds_null(objects, to);
    break;
  case IR_REF_FUNC:
    holds(objects, to, function_kind(module, constant->a));
    break;
  case IR_REF_I31:
    holds(objects, to, (ObjectKind){0});
    break;
  case IR_GLOBAL_GET:
    move(objects, objects->globals[constant->a], to);
    break;
  case IR_STRUCT_NEW:
  case IR_STRUCT_NEW_DEFAULT: {
    const IrConstant *first =
        constant->operand_count > 0 ? &module->constants.items[constant->operands[0]] : NULL;
    holds(objects, to,
          first == NULL ? kind_with(module, constant->a, IR_UNDEF, 0)
                        : kind_with(module, constant->a, first->opcode,
                                    first->opcode == IR_I32_CONST ? (uint32_t)first->bits : first->a));
    for (uint32_t i = 0; i < ir_heap(module, constant->a)->field_count; i++) {
      Node field = field_node(objects, constant->a, i);
      if (constant->opcode == IR_STRUCT_NEW) {
        add_constant(objects, constant->operands[i], field);
      } else {
        holds_null(objects, field);
      }
    }
    break;
  }
  case IR_ARRAY_NEW_FIXED:
    holds(objects, to, kind_with(module, constant->a, IR_UNDEF, 0));
    for (uint32_t i = 0; i < constant->operand_count; i++) {
      add_constant(objects, constant->operands[i], field_node(objects, constant->a, 0));
    }
    break;
  default:
    break;
  }
}

// ---------------------------------------------------------------------------- constraints: instructions

typedef struct Walk {
  Objects *objects;
  IrFunctionId id;
  const IrFunction *function;
} Walk;

static Node operand(const Walk *walk, const IrInst *inst, uint32_t index) {
  return value_node(walk->objects, walk->id, ir_operands(walk->function, inst)[index]);
}

static Node result(const Walk *walk, const IrInst *inst, uint32_t index) {
  return value_node(walk->objects, walk->id, inst->result + index);
}

static const IrInst *definition(const IrFunction *function, IrValue value) {
  IrInstId inst = function->values.items[value].inst;
  return inst == 0 ? NULL : ir_inst(function, inst);
}

static void add_struct_new(const Walk *walk, const IrInst *inst) {
  Objects *objects = walk->objects;
  const IrInst *first =
      inst->operand_count > 0 ? definition(walk->function, ir_operands(walk->function, inst)[0]) : NULL;
  holds(objects, result(walk, inst, 0),
        first == NULL ? kind_with(objects->module, inst->a, IR_UNDEF, 0)
                      : kind_with(objects->module, inst->a, (IrOpcode)first->opcode,
                                  first->opcode == IR_I32_CONST ? (uint32_t)first->bits : first->a));
  for (uint32_t i = 0; i < inst->operand_count; i++) {
    move(objects, operand(walk, inst, i), field_node(objects, inst->a, i));
  }
}

static void add_defaults(const Walk *walk, const IrInst *inst) {
  Objects *objects = walk->objects;
  holds(objects, result(walk, inst, 0), kind_with(objects->module, inst->a, IR_UNDEF, 0));
  for (uint32_t i = 0; i < ir_heap(objects->module, inst->a)->field_count; i++) {
    holds_null(objects, field_node(objects, inst->a, i));
  }
}

static void add_array_new(const Walk *walk, const IrInst *inst, uint32_t elements) {
  Objects *objects = walk->objects;
  holds(objects, result(walk, inst, 0), kind_with(objects->module, inst->a, IR_UNDEF, 0));
  for (uint32_t i = 0; i < elements; i++) {
    move(objects, operand(walk, inst, i), field_node(objects, inst->a, 0));
  }
}

// Results of a call come back as its own, those of a tail call as the function's.
static Node call_result(const Walk *walk, const IrInst *inst, uint32_t index) {
  return ir_opcode_info((IrOpcode)inst->opcode)->effects & IR_TERMINATES
             ? result_node(walk->objects, walk->id, index)
             : result(walk, inst, index);
}

static void add_call(const Walk *walk, const IrInst *inst) {
  Objects *objects = walk->objects;
  const IrFunction *callee = ir_function(objects->module, inst->a);
  const IrHeapType *type = ir_heap(objects->module, callee->type);
  for (uint32_t i = 0; callee->blocks.count > 1 && i < type->param_count; i++) {
    move(objects, operand(walk, inst, i), value_node(objects, inst->a, ir_block(callee, 1)->params.items[i]));
  }
  for (uint32_t i = 0; i < type->result_count; i++) {
    move(objects, result_node(objects, inst->a, i), call_result(walk, inst, i));
  }
}

static void add_call_by_reference(const Walk *walk, const IrInst *inst, IrHeapId signature) {
  Objects *objects = walk->objects;
  const IrHeapType *type = ir_heap(objects->module, signature);
  for (uint32_t i = 0; i < type->param_count; i++) {
    move(objects, operand(walk, inst, i), signature_node(objects, signature, i));
  }
  for (uint32_t i = 0; i < type->result_count; i++) {
    move(objects, signature_node(objects, signature, type->param_count + i), call_result(walk, inst, i));
  }
}

static void add_field_get(const Walk *walk, const IrInst *inst) {
  Objects *objects = walk->objects;
  const IrField *field = &ir_heap(objects->module, inst->a)->fields[inst->b];
  Node to = result(walk, inst, 0);
  if (inst->b == 0 && !field->mutable_ && ir_is_subtype(objects->module, field->type, IR_FUNCREF)) {
    flow(objects, operand(walk, inst, 0), to, FLOW_CODE, IR_VOID);
  } else {
    move(objects, field_node(objects, inst->a, inst->b), to);
  }
}

static void add_inst(const Walk *walk, const IrInst *inst) {
  Objects *objects = walk->objects;
  const IrModule *module = objects->module;
  switch ((IrOpcode)inst->opcode) {
  case IR_UNDEF:
    if (ir_type_is_nullable(inst->a)) {
      holds_null(objects, result(walk, inst, 0));
    }
    break;
  case IR_REF_NULL:
    holds_null(objects, result(walk, inst, 0));
    break;
  case IR_SELECT:
    move(objects, operand(walk, inst, 0), result(walk, inst, 0));
    move(objects, operand(walk, inst, 1), result(walk, inst, 0));
    break;
  case IR_CALL:
  case IR_TAIL_CALL:
    add_call(walk, inst);
    break;
  case IR_CALL_REF:
  case IR_TAIL_CALL_REF:
    add_call_by_reference(walk, inst, inst->a);
    break;
  case IR_CALL_INDIRECT:
  case IR_TAIL_CALL_INDIRECT:
    add_call_by_reference(walk, inst, inst->b);
    break;
  case IR_GLOBAL_GET:
    move(objects, objects->globals[inst->a], result(walk, inst, 0));
    break;
  case IR_GLOBAL_SET:
    move(objects, operand(walk, inst, 0), objects->globals[inst->a]);
    break;
  case IR_STRUCT_NEW:
    add_struct_new(walk, inst);
    break;
  case IR_STRUCT_NEW_DEFAULT:
  case IR_ARRAY_NEW_DEFAULT:
    add_defaults(walk, inst);
    break;
  case IR_STRUCT_GET:
    add_field_get(walk, inst);
    break;
  case IR_STRUCT_SET:
    move(objects, operand(walk, inst, 1), field_node(objects, inst->a, inst->b));
    break;
  case IR_ARRAY_NEW:
    add_array_new(walk, inst, 1);
    break;
  case IR_ARRAY_NEW_FIXED:
    add_array_new(walk, inst, inst->operand_count);
    break;
  case IR_ARRAY_NEW_DATA:
    add_array_new(walk, inst, 0);
    break;
  case IR_ARRAY_GET:
    move(objects, field_node(objects, inst->a, 0), result(walk, inst, 0));
    break;
  case IR_ARRAY_SET:
  case IR_ARRAY_FILL:
    move(objects, operand(walk, inst, 2), field_node(objects, inst->a, 0));
    break;
  case IR_ARRAY_COPY:
    move(objects, field_node(objects, inst->b, 0), field_node(objects, inst->a, 0));
    break;
  case IR_REF_FUNC:
    holds(objects, result(walk, inst, 0), function_kind(module, inst->a));
    break;
  case IR_REF_AS_NON_NULL:
    flow(objects, operand(walk, inst, 0), result(walk, inst, 0), FLOW_CAST,
         ir_type_of(walk->function, inst->result));
    break;
  case IR_REF_CAST:
    flow(objects, operand(walk, inst, 0), result(walk, inst, 0), FLOW_CAST, inst->a);
    break;
  case IR_REF_I31:
    holds(objects, result(walk, inst, 0), (ObjectKind){0});
    break;
  case IR_RETURN:
    for (uint32_t i = 0; i < inst->operand_count; i++) {
      move(objects, operand(walk, inst, i), result_node(objects, walk->id, i));
    }
    break;
  default: // what is left and gives references gets them from the host
    for (uint32_t i = 0; i < inst->result_count; i++) {
      holds_any(objects, result(walk, inst, i));
    }
    break;
  }
}

static void add_body(Objects *objects, IrFunctionId id) {
  Walk walk = {objects, id, ir_function(objects->module, id)};
  for (IrBlockId block_id = 1; block_id < walk.function->blocks.count; block_id++) {
    const IrBlock *block = ir_block(walk.function, block_id);
    if (block->terminator == 0) {
      continue;
    }
    for (uint32_t i = 0; i < block->insts.count; i++) {
      add_inst(&walk, ir_inst(walk.function, block->insts.items[i]));
    }
    add_inst(&walk, ir_inst(walk.function, block->terminator));
    for (uint32_t e = 0; e < block->edges.count; e++) {
      const IrEdge *edge = &block->edges.items[e];
      const IrBlock *target = ir_block(walk.function, edge->target);
      for (uint32_t a = 0; a < edge->args.count; a++) {
        move(objects, value_node(objects, id, edge->args.items[a]),
             value_node(objects, id, target->params.items[a]));
      }
    }
  }
}

// ------------------------------------------------------------------------------ constraints: the outside

// Whoever holds a reference to a function may call it.
static void add_referred(Objects *objects, IrFunctionId id) {
  const IrFunction *function = ir_function(objects->module, id);
  const IrHeapType *type = ir_heap(objects->module, function->type);
  for (uint32_t i = 0; function->blocks.count > 1 && i < type->param_count; i++) {
    move(objects, signature_node(objects, function->type, i),
         value_node(objects, id, ir_block(function, 1)->params.items[i]));
  }
  for (uint32_t i = 0; i < type->result_count; i++) {
    move(objects, result_node(objects, id, i),
         signature_node(objects, function->type, type->param_count + i));
  }
}

static void add_all_referred(Objects *objects) {
  const IrModule *module = objects->module;
  bool *referred = ARENA_ARRAY(objects->arena, bool, module->functions.count);
  for (IrFunctionId id = 1; id < module->functions.count; id++) {
    const IrFunction *function = ir_function(module, id);
    for (IrBlockId block_id = 1; block_id < function->blocks.count; block_id++) {
      const IrBlock *block = ir_block(function, block_id);
      for (uint32_t i = 0; block->terminator != 0 && i < block->insts.count; i++) {
        const IrInst *inst = ir_inst(function, block->insts.items[i]);
        if (inst->opcode == IR_REF_FUNC) {
          referred[inst->a] = true;
        }
      }
    }
  }
  for (IrConstantId id = 1; id < module->constants.count; id++) {
    if (module->constants.items[id].opcode == IR_REF_FUNC) {
      referred[module->constants.items[id].a] = true;
    }
  }
  for (IrTableId table = 1; table < module->tables.count; table++) {
    for (uint32_t i = 0; i < module->tables.items[table].entries.count; i++) {
      referred[module->tables.items[table].entries.items[i]] = true;
    }
  }
  for (IrFunctionId id = 1; id < module->functions.count; id++) {
    if (referred[id]) {
      add_referred(objects, id);
    }
  }
}

static void add_host(Objects *objects) {
  const IrModule *module = objects->module;
  for (uint32_t i = 0; i < module->exports.count; i++) {
    const IrExport *export = &module->exports.items[i];
    if (export->kind == IR_EXPORT_FUNCTION && ir_function(module, export->id)->blocks.count > 1) {
      const IrValues *params = &ir_block(ir_function(module, export->id), 1)->params;
      for (uint32_t k = 0; k < params->count; k++) {
        holds_any(objects, value_node(objects, export->id, params->items[k]));
      }
    } else if (export->kind == IR_EXPORT_GLOBAL) {
      holds_any(objects, objects->globals[export->id]);
    }
  }
  for (IrFunctionId id = 1; id < module->functions.count; id++) {
    const IrHeapType *type = ir_heap(module, ir_function(module, id)->type);
    for (uint32_t i = 0; ir_function_is_import(ir_function(module, id)) && i < type->result_count; i++) {
      holds_any(objects, result_node(objects, id, i));
    }
  }
  for (IrGlobalId id = 1; id < module->globals.count; id++) {
    if (module->globals.items[id].import_module.length > 0) {
      holds_any(objects, objects->globals[id]);
    } else {
      add_constant(objects, module->globals.items[id].init, objects->globals[id]);
    }
  }
}

// ------------------------------------------------------------------------------------------------ solving

static void number_nodes(Objects *objects) {
  const IrModule *module = objects->module;
  uint32_t next = 1;
  objects->values = ARENA_ARRAY(objects->arena, Node, module->functions.count);
  objects->results = ARENA_ARRAY(objects->arena, Node, module->functions.count);
  for (IrFunctionId id = 1; id < module->functions.count; id++) {
    objects->values[id] = next;
    next += ir_function(module, id)->values.count;
    objects->results[id] = next;
    next += ir_heap(module, ir_function(module, id)->type)->result_count;
  }
  objects->heaps = ARENA_ARRAY(objects->arena, Node, module->heap_types.count);
  for (IrHeapId id = 1; id < module->heap_types.count; id++) {
    const IrHeapType *type = ir_heap(module, id);
    objects->heaps[id] = next;
    next += type->field_count + type->param_count + type->result_count;
  }
  objects->globals = ARENA_ARRAY(objects->arena, Node, module->globals.count);
  for (IrGlobalId id = 1; id < module->globals.count; id++) {
    objects->globals[id] = ir_type_is_reference(module->globals.items[id].type) ? next++ : 0;
  }
  objects->node_count = next;
}

// Adds what arrives along an edge; does the target's set grow?
static bool arrive(Objects *objects, const FlowEdge *edge, const ObjectSet *from) {
  ObjectSet *to = &objects->sets[edge->to];
  ObjectSet before = *to;
  bool code = edge->kind == FLOW_CODE;
  to->null |= !code && from->null && (edge->kind == FLOW_ALL || ir_type_is_nullable(edge->type));
  if (from->any && !to->any) {
    *to = (ObjectSet){.any = true, .null = to->null};
  }
  for (uint32_t i = 0; i < from->count; i++) {
    ObjectKind kind = objects->kinds.items[from->kinds[i]];
    if (!code && (edge->kind == FLOW_ALL || kind_fits(objects, from->kinds[i], edge->type))) {
      set_add(to, from->kinds[i]);
    } else if (code && kind.tag == OBJECT_TAG_CODE) {
      set_add(to, kind_of(objects, function_kind(objects->module, kind.value)));
    } else if (code) {
      *to = (ObjectSet){.any = true, .null = true};
    }
  }
  return !set_equal(&before, to);
}

static void solve(Objects *objects) {
  while (objects->work.count > 0) {
    Node node = objects->work.items[--objects->work.count];
    objects->waiting[node] = false;
    ObjectSet from = objects->sets[node];
    for (uint32_t e = objects->edges_of[node]; e != 0; e = objects->edges.items[e].next) {
      if (arrive(objects, &objects->edges.items[e], &from)) {
        wait_for(objects, objects->edges.items[e].to);
      }
    }
  }
}

Objects *objects_find(const IrModule *module, Arena *arena) {
  Objects *objects = ARENA_NEW(arena, Objects);
  *objects = (Objects){.module = module, .arena = arena};
  number_nodes(objects);
  objects->sets = ARENA_ARRAY(arena, ObjectSet, objects->node_count);
  objects->edges_of = ARENA_ARRAY(arena, uint32_t, objects->node_count);
  objects->waiting = ARENA_ARRAY(arena, bool, objects->node_count);
  VECTOR_PUSH(arena, &objects->edges, (FlowEdge){0});
  for (IrFunctionId id = 1; id < module->functions.count; id++) {
    add_body(objects, id);
  }
  add_all_referred(objects);
  add_host(objects);
  solve(objects);
  return objects;
}

// ---------------------------------------------------------------------------------------------- questions

const ObjectSet *objects_of(const Objects *objects, IrFunctionId function, IrValue value) {
  return &objects->sets[objects->values[function] + value];
}

ObjectKind objects_kind(const Objects *objects, uint32_t kind) {
  return objects->kinds.items[kind];
}

bool objects_common_tag(const Objects *objects, const ObjectSet *set, ObjectKind *common) {
  for (uint32_t i = 0; i < set->count; i++) {
    ObjectKind kind = objects->kinds.items[set->kinds[i]];
    if (kind.tag == OBJECT_TAG_NONE || (i > 0 && (kind.tag != common->tag || kind.value != common->value))) {
      return false;
    }
    *common = kind;
  }
  return set->count > 0;
}

// --------------------------------------------------------------------------------------------- conditions

// What a condition gives while its reference is an object of one kind, or null.
typedef struct Evaluation {
  const Objects *objects;
  const IrFunction *function;
  IrValue tested;
  const ObjectKind *kind; // NULL: null
  uint32_t steps;         // left: conditions are small, and shared parts are looked at again
} Evaluation;

typedef struct Outcome {
  enum { OUTCOME_UNKNOWN, OUTCOME_KNOWN, OUTCOME_TRAP } is;
  uint32_t value;
} Outcome;

static IrValue without_casts(const IrFunction *function, IrValue value) {
  const IrInst *inst = definition(function, value);
  while (inst != NULL && (inst->opcode == IR_REF_CAST || inst->opcode == IR_REF_AS_NON_NULL)) {
    value = ir_operands(function, inst)[0];
    inst = definition(function, value);
  }
  return value;
}

static Outcome known(uint32_t value) {
  return (Outcome){OUTCOME_KNOWN, value};
}

static Outcome compute(IrOpcode opcode, uint32_t a, uint32_t b) {
  switch (opcode) {
  case IR_I32_EQZ:
    return known(a == 0);
  case IR_I32_ADD:
    return known(a + b);
  case IR_I32_SUB:
    return known(a - b);
  case IR_I32_AND:
    return known(a & b);
  case IR_I32_OR:
    return known(a | b);
  case IR_I32_EQ:
    return known(a == b);
  case IR_I32_NE:
    return known(a != b);
  case IR_I32_LT_U:
    return known(a < b);
  case IR_I32_LE_U:
    return known(a <= b);
  case IR_I32_GT_U:
    return known(a > b);
  case IR_I32_GE_U:
    return known(a >= b);
  default:
    return (Outcome){0};
  }
}

static Outcome evaluate(Evaluation *evaluation, IrValue value);

static Outcome evaluate_test(const Evaluation *evaluation, const IrInst *inst) {
  const IrModule *module = evaluation->objects->module;
  const ObjectKind *kind = evaluation->kind;
  switch ((IrOpcode)inst->opcode) {
  case IR_REF_IS_NULL:
    return known(kind == NULL);
  case IR_REF_TEST:
    if (kind == NULL) {
      return known(ir_type_is_nullable(inst->a));
    }
    return known(ir_is_subtype(module, kind->heap == 0 ? ir_type_non_null(IR_I31REF) : ir_ref(kind->heap),
                               ir_type_non_null(inst->a)));
  case IR_STRUCT_GET:
    if (kind == NULL) {
      return (Outcome){.is = OUTCOME_TRAP};
    }
    return inst->b == 0 && kind->tag == OBJECT_TAG_I32 ? known(kind->value) : (Outcome){0};
  default:
    return (Outcome){0};
  }
}

static bool is_test(const IrInst *inst) {
  return inst->opcode == IR_REF_IS_NULL || inst->opcode == IR_REF_TEST || inst->opcode == IR_STRUCT_GET;
}

static Outcome evaluate(Evaluation *evaluation, IrValue value) {
  const IrInst *inst = definition(evaluation->function, value);
  if (inst == NULL || evaluation->steps == 0) {
    return (Outcome){0};
  }
  evaluation->steps--;
  if (inst->opcode == IR_I32_CONST) {
    return known((uint32_t)inst->bits);
  }
  const IrValue *operands = ir_operands(evaluation->function, inst);
  if (is_test(inst)) {
    return without_casts(evaluation->function, operands[0]) == evaluation->tested
               ? evaluate_test(evaluation, inst)
               : (Outcome){0};
  }
  if (!ir_opcode_info((IrOpcode)inst->opcode)->numeric || inst->operand_count > 2) {
    return (Outcome){0};
  }
  Outcome a = evaluate(evaluation, operands[0]);
  Outcome b = inst->operand_count > 1 && a.is == OUTCOME_KNOWN ? evaluate(evaluation, operands[1]) : a;
  return a.is != OUTCOME_KNOWN   ? a
         : b.is != OUTCOME_KNOWN ? b
                                 : compute((IrOpcode)inst->opcode, a.value, b.value);
}

// The first tested reference among the operands of an i32.
static IrValue find_tested(const IrFunction *function, IrValue value, uint32_t *steps) {
  const IrInst *inst = definition(function, value);
  if (inst == NULL || *steps == 0) {
    return 0;
  }
  --*steps;
  const IrValue *operands = ir_operands(function, inst);
  if (is_test(inst)) {
    return without_casts(function, operands[0]);
  }
  IrValue tested = 0;
  bool numeric = ir_opcode_info((IrOpcode)inst->opcode)->numeric;
  for (uint32_t i = 0; numeric && i < inst->operand_count && tested == 0; i++) {
    tested = find_tested(function, operands[i], steps);
  }
  return tested;
}

enum { CONDITION_STEPS = 32 };

IrValue objects_tested(const Objects *objects, IrFunctionId function, IrValue condition) {
  uint32_t steps = CONDITION_STEPS;
  return find_tested(ir_function(objects->module, function), condition, &steps);
}

bool objects_decide(const Objects *objects, IrFunctionId function, IrValue condition,
                    ObjectAssumption assumed, uint32_t *result) {
  IrValue tested = objects_tested(objects, function, condition);
  if (tested == 0) {
    return false;
  }
  const ObjectSet *set = tested == assumed.value ? assumed.set : objects_of(objects, function, tested);
  bool decided = false;
  for (uint32_t i = 0; !set->any && i < set->count + set->null; i++) {
    Evaluation evaluation = {objects, ir_function(objects->module, function), tested, NULL, CONDITION_STEPS};
    evaluation.kind = i < set->count ? &objects->kinds.items[set->kinds[i]] : NULL;
    Outcome outcome = evaluate(&evaluation, condition);
    if (outcome.is == OUTCOME_UNKNOWN ||
        (outcome.is == OUTCOME_KNOWN && decided && outcome.value != *result)) {
      return false;
    }
    if (outcome.is == OUTCOME_KNOWN) {
      *result = outcome.value;
      decided = true;
    }
  }
  return decided;
}
