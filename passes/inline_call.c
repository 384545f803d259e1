// Owns the copying of a body into a caller. A return becomes a jump behind the call, a tail call a call and a
// jump; behind a call in tail position the callee's own ends stay.
#include "passes/inline_call.h"

// A copy of the callee's body inside the caller.
typedef struct Copy {
  IrModule *module;
  Arena *arena; // the module's
  IrFunction *caller;
  const IrFunction *callee;
  IrValue *values;   // by the callee's value
  IrBlockId *blocks; // by the callee's block
  IrBlockId after;   // where its returns go; 0: they stay returns
  IrSiteId site;     // of the call that the copy replaces, 0 if sites are not kept
  IrSiteId *sites;   // by site of the module: what it became in the copy, 0 if not yet asked for
} Copy;

// The site in the copy of code that stood at `site` of the callee: as deep, inside the call that is replaced.
static IrSiteId moved_site(Copy *copy, IrSiteId site) {
  if (site == 0 || copy->site == 0) {
    return copy->site;
  }
  if (copy->sites[site] == 0) {
    IrModule *module = copy->module;
    IrSite moved = module->sites.items[site];
    moved.outer = moved_site(copy, moved.outer);
    moved.root = module->sites.items[copy->site].root;
    VECTOR_PUSH(&module->arena, &module->sites, moved);
    copy->sites[site] = module->sites.count - 1;
  }
  return copy->sites[site];
}

// Records the call that is replaced, if anybody wants to know.
static void keep_site(Copy *copy, Arena *scratch, IrFunctionId root, const IrInst *call) {
  IrModule *module = copy->module;
  if (module->keeps_sites) {
    copy->sites = ARENA_ARRAY(scratch, IrSiteId, module->sites.count);
    IrSite site = {call->a, call->origin.position, call->origin.site, root};
    VECTOR_PUSH(&module->arena, &module->sites, site);
    copy->site = module->sites.count - 1;
  }
}

static IrValue new_value(const Copy *copy, IrType type, IrInstId inst, IrBlockId block) {
  VECTOR_PUSH(copy->arena, &copy->caller->values, (IrValueInfo){.type = type, .inst = inst, .block = block});
  return copy->caller->values.count - 1;
}

static IrBlockId new_block(const Copy *copy) {
  IrBlockId id = VECTOR_EXTEND(copy->arena, &copy->caller->blocks, 1);
  ir_block(copy->caller, id)->sealed = true;
  return id;
}

// Blocks and values first: a use may stand in a block that is copied before its definition's.
static void declare(Copy *copy) {
  const IrFunction *callee = copy->callee;
  for (IrBlockId id = 1; id < callee->blocks.count; id++) {
    const IrBlock *from = ir_block(callee, id);
    if (from->terminator == 0) {
      continue;
    }
    IrBlockId to = copy->blocks[id] = new_block(copy);
    for (uint32_t i = 0; i < from->params.count; i++) {
      IrValue param = new_value(copy, ir_type_of(callee, from->params.items[i]), 0, to);
      copy->values[from->params.items[i]] = param;
      VECTOR_PUSH(copy->arena, &ir_block(copy->caller, to)->params, param);
    }
  }
}

static IrInstId copy_inst(Copy *copy, IrInstId id, IrBlockId to) {
  IrInst inst = *ir_inst(copy->callee, id);
  inst.origin.site = moved_site(copy, inst.origin.site);
  VECTOR_PUSH(copy->arena, &copy->caller->insts, inst);
  IrInstId made = copy->caller->insts.count - 1;
  for (uint32_t i = 0; i < inst.result_count; i++) {
    IrValue value = new_value(copy, ir_type_of(copy->callee, inst.result + i), made, to);
    copy->values[inst.result + i] = value;
    if (i == 0) {
      ir_inst(copy->caller, made)->result = value;
    }
  }
  return made;
}

static void fill_operands(Copy *copy, IrInstId from, IrInstId to) {
  const IrInst *source = ir_inst(copy->callee, from);
  uint32_t first = copy->caller->operands.count;
  for (uint32_t i = 0; i < source->operand_count; i++) {
    VECTOR_PUSH(copy->arena, &copy->caller->operands, copy->values[ir_operands(copy->callee, source)[i]]);
  }
  ir_inst(copy->caller, to)->operands = first;
}

// A return becomes a jump; a tail call a call and a jump.
static void end_at_after(Copy *copy, IrBlockId to) {
  IrFunction *caller = copy->caller;
  IrInst end = *ir_inst(caller, ir_block(caller, to)->terminator);
  IrEdge edge = {.target = copy->after};
  if (end.opcode == IR_RETURN) {
    for (uint32_t i = 0; i < end.operand_count; i++) {
      VECTOR_PUSH(copy->arena, &edge.args, caller->operands.items[end.operands + i]);
    }
  } else {
    IrInst *call = ir_inst(caller, ir_block(caller, to)->terminator);
    call->opcode = end.opcode == IR_TAIL_CALL       ? IR_CALL
                   : end.opcode == IR_TAIL_CALL_REF ? IR_CALL_REF
                                                    : IR_CALL_INDIRECT;
    IrInstId made = ir_block(caller, to)->terminator;
    const IrBlock *after = ir_block(caller, copy->after);
    uint32_t count = after->params.count;
    for (uint32_t i = 0; i < count; i++) {
      IrType type = ir_type_of(caller, ir_block(caller, copy->after)->params.items[i]);
      IrValue value = new_value(copy, type, made, to);
      if (i == 0) {
        ir_inst(caller, made)->result = value;
      }
      VECTOR_PUSH(copy->arena, &edge.args, value);
    }
    ir_inst(caller, made)->result_count = (uint16_t)count;
    VECTOR_PUSH(copy->arena, &ir_block(caller, to)->insts, made);
  }
  VECTOR_PUSH(copy->arena, &caller->insts, (IrInst){.opcode = IR_BR, .origin = end.origin});
  ir_block(caller, to)->terminator = caller->insts.count - 1;
  VECTOR_PUSH(copy->arena, &ir_block(caller, to)->edges, edge);
}

static bool leaves_function(uint16_t opcode) {
  return opcode == IR_RETURN || opcode == IR_TAIL_CALL || opcode == IR_TAIL_CALL_REF ||
         opcode == IR_TAIL_CALL_INDIRECT;
}

static void copy_body(Copy *copy, Arena *scratch) {
  const IrFunction *callee = copy->callee;
  IrFunction *caller = copy->caller;
  declare(copy);
  IrInstId *made = ARENA_ARRAY(scratch, IrInstId, callee->insts.count);
  for (IrBlockId id = 1; id < callee->blocks.count; id++) {
    const IrBlock *from = ir_block(callee, id);
    for (uint32_t i = 0; from->terminator != 0 && i <= from->insts.count; i++) {
      bool last = i == from->insts.count;
      IrInstId inst = last ? from->terminator : from->insts.items[i];
      made[inst] = copy_inst(copy, inst, copy->blocks[id]);
      if (last) {
        ir_block(caller, copy->blocks[id])->terminator = made[inst];
      } else {
        VECTOR_PUSH(copy->arena, &ir_block(caller, copy->blocks[id])->insts, made[inst]);
      }
    }
  }
  for (IrBlockId id = 1; id < callee->blocks.count; id++) {
    const IrBlock *from = ir_block(callee, id);
    if (from->terminator == 0) {
      continue;
    }
    for (uint32_t i = 0; i <= from->insts.count; i++) {
      IrInstId inst = i < from->insts.count ? from->insts.items[i] : from->terminator;
      fill_operands(copy, inst, made[inst]);
    }
    for (uint32_t e = 0; e < from->edges.count; e++) {
      IrEdge edge = {.target = copy->blocks[from->edges.items[e].target]};
      for (uint32_t a = 0; a < from->edges.items[e].args.count; a++) {
        VECTOR_PUSH(copy->arena, &edge.args, copy->values[from->edges.items[e].args.items[a]]);
      }
      VECTOR_PUSH(copy->arena, &ir_block(caller, copy->blocks[id])->edges, edge);
    }
    if (copy->after != 0 && leaves_function(ir_inst(callee, from->terminator)->opcode)) {
      end_at_after(copy, copy->blocks[id]);
    }
  }
}

void ir_inline_call(IrModule *module, Arena *scratch, IrFunctionId caller_id, IrBlockId block, uint32_t at) {
  IrFunction *caller = ir_function(module, caller_id);
  bool tail = at == ir_block(caller, block)->insts.count;
  IrInst call =
      *ir_inst(caller, tail ? ir_block(caller, block)->terminator : ir_block(caller, block)->insts.items[at]);
  const IrFunction *callee = ir_function(module, call.a);
  ArenaMark mark = arena_mark(scratch);
  Copy copy = {.module = module, .arena = &module->arena, .caller = caller, .callee = callee};
  copy.values = ARENA_ARRAY(scratch, IrValue, callee->values.count);
  copy.blocks = ARENA_ARRAY(scratch, IrBlockId, callee->blocks.count);
  keep_site(&copy, scratch, caller_id, &call);
  if (!tail) {
    copy.after = new_block(&copy);
    for (uint32_t i = 0; i < call.result_count; i++) {
      IrValue param = new_value(&copy, ir_type_of(caller, call.result + i), 0, copy.after);
      VECTOR_PUSH(copy.arena, &ir_block(caller, copy.after)->params, param);
      ir_replace(caller, call.result + i, param);
    }
    IrBlock *before = ir_block(caller, block), *after = ir_block(caller, copy.after);
    for (uint32_t i = at + 1; i < before->insts.count; i++) {
      VECTOR_PUSH(copy.arena, &after->insts, before->insts.items[i]);
    }
    after->terminator = before->terminator;
    after->edges.items = before->edges.items;
    after->edges.count = before->edges.count;
    after->edges.capacity = before->edges.capacity;
    before->insts.count = at;
    memset(&before->edges, 0, sizeof before->edges);
  }
  copy_body(&copy, scratch);
  IrEdge edge = {.target = copy.blocks[1]};
  for (uint32_t i = 0; i < call.operand_count; i++) {
    VECTOR_PUSH(copy.arena, &edge.args, ir_operands(caller, &call)[i]);
  }
  VECTOR_PUSH(copy.arena, &caller->insts, (IrInst){.opcode = IR_BR, .origin = call.origin});
  ir_block(caller, block)->terminator = caller->insts.count - 1;
  VECTOR_PUSH(copy.arena, &ir_block(caller, block)->edges, edge);
  arena_rewind(scratch, mark);
}
