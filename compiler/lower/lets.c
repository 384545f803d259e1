// Owns module-level lets (04 §6.7): evaluated at their first read, once.
//
// A let whose initialiser is a constant costs nothing. Any other one is a getter: a function that evaluates
// on its first call and keeps the lanes in globals. A single reference lane is its own mark: null until
// evaluated. Else a state global is: 0 not evaluated, -1 evaluated. Where an initialiser can reach itself the
// state also holds the number of the export call during which it started, so that a read meanwhile traps, and
// a mark that a trap left behind is not mistaken for one.
#include "lower/lowering.h"

#include "base/failure.h"

enum { STATE_EVALUATED = -1, CONSTANT_DEPTH = 64 };

static bool constant_of(Lowering *lowering, const Instance *instance, NodeId id, uint32_t depth,
                        Constant *out) {
  const TypedNode *typed = typed_node(instance, id);
  const AstNode *node = ast_node(lowering->program->ast, id);
  if (depth == 0 || typed->coercion != COERCE_NONE) {
    return false;
  }
  if (typed->role == ROLE_LET) {
    const LoweredLet *other = &lowering->lets[typed->detail];
    *out = other->constant;
    return other->kind == LET_CONSTANT;
  }
  if (typed->role != ROLE_CALL) {
    return literal_constant(lowering, node, out);
  }
  const CallPlan *plan = &lowering->program->calls.items[typed->detail];
  Constant operands[2] = {{0}, {0}};
  if (plan->kind != CALL_BUILTIN || plan->count > 2) {
    return false;
  }
  for (uint32_t i = 0; i < plan->count; i++) {
    NodeId operand = lowering->program->arguments.items[plan->first + i].node;
    if (!constant_of(lowering, instance, operand, depth - 1, &operands[i])) {
      return false;
    }
  }
  return builtin_fold((Builtin)plan->target, operands[0], operands[1], out);
}

static NodeId initializer(const Lowering *lowering, uint32_t let) {
  return lowering->program->ast->lets.items[let].value;
}

void lets_prepare(Lowering *lowering) {
  lowering->lets = ARENA_ARRAY(&lowering->arena, LoweredLet, lowering->program->ast->lets.count);
}

static LoweredLet *let_of(Lowering *lowering, uint32_t let) {
  LoweredLet *lowered = &lowering->lets[let];
  if (lowered->kind != LET_UNSEEN) {
    return lowered;
  }
  lowered->instance = program_let(lowering->program, let);
  const Instance *instance = program_instance(lowering->program, lowered->instance);
  if (constant_of(lowering, instance, initializer(lowering, let), CONSTANT_DEPTH, &lowered->constant)) {
    lowered->kind = LET_CONSTANT;
    return lowered;
  }
  const AstModuleLet *declared = &lowering->program->ast->lets.items[let];
  const Layout *layout = layout_of(lowering, instance->result);
  IrHeapId type = ir_function_type(lowering->module, NULL, 0, layout->lanes, layout->lane_count);
  Position position = ast_node(lowering->program->ast, declared->value)->span.start;
  lowered->kind = LET_LAZY;
  lowered->getter =
      ir_function_new(lowering->module, declared->name, type, (IrOrigin){position, lowered->instance});
  VECTOR_PUSH(&lowering->arena, &lowering->lazy_lets, let);
  return lowered;
}

Value let_read(Body *body, uint32_t let) {
  const LoweredLet *lowered = let_of(body->lowering, let);
  if (lowered->kind == LET_CONSTANT) {
    return value_of(body, ir_bits(&body->ir, lowered->constant.opcode, lowered->constant.bits));
  }
  TypeId type = program_instance(body->program, lowered->instance)->result;
  return value_run(body, ir_call(&body->ir, lowered->getter, NULL, 0),
                   layout_of(body->lowering, type)->lane_count);
}

static IrGlobalId new_global(Lowering *lowering, Name name, IrType type) {
  return ir_global_new(lowering->module, name, type, true, ir_constant_zero(lowering->module, type));
}

// Traps while the initialiser runs, else marks it as running.
static void mark_running(Body *body, IrGlobalId state, IrValue held) {
  Lowering *lowering = body->lowering;
  IrBuilder *ir = &body->ir;
  if (lowering->activation == 0) {
    lowering->activation = new_global(lowering, NAME_EMPTY, IR_I32);
  }
  IrValue now = ir_global_get(ir, lowering->activation);
  IrBlockId running = ir_block_new(ir), start = ir_block_new(ir);
  ir_br_if(ir, ir_binary(ir, IR_I32_EQ, held, now), running, start);
  ir_seal(ir, running);
  ir_enter(ir, running);
  ir_trap(ir);
  ir_seal(ir, start);
  ir_enter(ir, start);
  ir_global_set(ir, state, now);
}

void lets_activate(Lowering *lowering, IrBuilder *ir) {
  IrValue number = ir_binary(ir, IR_I32_ADD, ir_global_get(ir, lowering->activation), ir_i32(ir, 1));
  ir_global_set(ir, lowering->activation, number);
}

void let_build(Lowering *lowering, uint32_t let) {
  const LoweredLet *lowered = &lowering->lets[let];
  Name name = lowering->program->ast->lets.items[let].name;
  Body body;
  body_start(&body, lowering, lowered->instance, lowered->getter);
  IrBuilder *ir = &body.ir;
  const Layout *layout = layout_of(lowering, body.result);
  IrGlobalId first = 0, state = 0;
  for (uint32_t i = 0; i < layout->lane_count; i++) {
    IrGlobalId global = new_global(lowering, name, layout->lanes[i]);
    first = i == 0 ? global : first;
  }
  bool cyclic = lowering->cyclic[lowered->instance];
  bool is_reference = layout->lane_count == 1 && ir_type_is_reference(layout->lanes[0]);
  bool own_mark = is_reference && layout->kind != LAYOUT_OPTIONAL && !cyclic;
  IrBlockId evaluate = ir_block_new(ir), done = ir_block_new(ir);
  IrValue held;
  if (own_mark) {
    held = ir_global_get(ir, first);
    ir_br_if(ir, ir_is_null(ir, held), evaluate, done);
  } else {
    state = new_global(lowering, name, IR_I32);
    held = ir_global_get(ir, state);
    ir_br_if(ir, ir_binary(ir, IR_I32_EQ, held, ir_i32(ir, STATE_EVALUATED)), done, evaluate);
  }
  ir_seal(ir, evaluate);
  ir_enter(ir, evaluate);
  if (cyclic) {
    mark_running(&body, state, held);
  }
  Value value = lower_value(&body, initializer(lowering, let));
  if (!ir_is_dead(ir)) {
    for (uint32_t i = 0; i < layout->lane_count; i++) {
      ir_global_set(ir, first + i, value.lanes[i]);
    }
    if (state != 0) {
      ir_global_set(ir, state, ir_i32(ir, STATE_EVALUATED));
    }
    ir_return(ir, value.lanes, layout->lane_count);
  }
  ir_seal(ir, done);
  ir_enter(ir, done);
  IrValue *lanes = ARENA_ARRAY(&lowering->scratch, IrValue, layout->lane_count);
  for (uint32_t i = 0; i < layout->lane_count; i++) {
    lanes[i] = own_mark ? held : ir_global_get(ir, first + i);
  }
  ir_return(ir, lanes, layout->lane_count);
  body_end(&body);
}
