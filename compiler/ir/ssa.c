// Owns SSA construction: variables to values and block parameters, as Braun, Buchwald, Hack, Leissa, Mallon
// and Zwinkau, "Simple and Efficient Construction of Static Single Assignment Form" (CC 2013).
//
// Unlike there, nothing recurses (a function may have any number of blocks) and trivial parameters are
// removed once, at the end, by ir_cleanup: for reducible graphs the result is the same minimal form.
#include "base/failure.h"
#include "ir/internal.h"

static Arena *arena_of(IrBuilder *builder) {
  return &builder->module->arena;
}

void ir_build(IrBuilder *builder, IrModule *module, IrFunctionId id) {
  *builder = (IrBuilder){.module = module, .function_id = id};
  IrFunction *function = ir_function(module, id);
  ENSURE(!ir_function_is_import(function) && function->blocks.count == 0);
  builder->origin = (IrInstOrigin){function->origin.position, 0};
  (void)VECTOR_EXTEND(&module->arena, &function->blocks, 1);
  (void)VECTOR_EXTEND(&module->arena, &function->insts, 1);
  (void)VECTOR_EXTEND(&module->arena, &function->values, 1);
  VECTOR_PUSH(&module->arena, &builder->vars, IR_VOID);
  IrBlockId entry = ir_block_new(builder);
  const IrHeapType *type = ir_heap(module, function->type);
  for (uint32_t i = 0; i < type->param_count; i++) {
    ir_block_param(builder, entry, type->params[i]);
  }
  ir_block(function, entry)->sealed = true;
  builder->block = entry;
}

void ir_build_end(IrBuilder *builder) {
  IrFunction *function = ir_built(builder);
  for (IrBlockId id = 1; id < function->blocks.count; id++) {
    ENSURE(ir_block(function, id)->sealed);
  }
  if (builder->block != 0) {
    // Falling off the end is only legal where nothing can reach.
    ENSURE(ir_is_dead(builder));
    ir_trap(builder);
  }
  ir_cleanup(builder->module, builder->function_id);
}

IrBlockId ir_block_new(IrBuilder *builder) {
  return VECTOR_EXTEND(arena_of(builder), &ir_built(builder)->blocks, 1);
}

IrValue ir_value_new(IrBuilder *builder, IrType type, IrInstId inst, IrBlockId block) {
  IrFunction *function = ir_built(builder);
  VECTOR_PUSH(arena_of(builder), &function->values,
              (IrValueInfo){.type = type, .inst = inst, .block = block});
  return function->values.count - 1;
}

IrValue ir_block_param(IrBuilder *builder, IrBlockId id, IrType type) {
  IrValue value = ir_value_new(builder, type, 0, id);
  IrBlock *block = ir_block(ir_built(builder), id);
  VECTOR_PUSH(arena_of(builder), &block->params, value);
  return value;
}

void ir_enter(IrBuilder *builder, IrBlockId block) {
  if (builder->block != 0) {
    // Leaving an open block without a terminator would lose control flow.
    ENSURE(ir_is_dead(builder));
    ir_trap(builder);
  }
  ENSURE(ir_block(ir_built(builder), block)->terminator == 0);
  builder->block = block;
}

bool ir_is_dead(const IrBuilder *builder) {
  if (builder->block == 0) {
    return true;
  }
  const IrBlock *block = ir_block(ir_built(builder), builder->block);
  return builder->block != 1 && block->sealed && block->pred.count == 0;
}

IrValue ir_param(const IrBuilder *builder, uint32_t index) {
  return ir_block(ir_built(builder), 1)->params.items[index];
}

IrValue ir_resolve(IrFunction *function, IrValue value) {
  IrValue target = value;
  while (function->values.items[target].forward != 0) {
    target = function->values.items[target].forward;
  }
  while (value != target) {
    IrValue next = function->values.items[value].forward;
    function->values.items[value].forward = target;
    value = next;
  }
  return target;
}

IrType ir_value_type(const IrBuilder *builder, IrValue value) {
  return ir_type_of(ir_built(builder), value);
}

// ---------------------------------------------------------------------------------------------- variables

IrVar ir_var_new(IrBuilder *builder, IrType type) {
  VECTOR_PUSH(arena_of(builder), &builder->vars, type);
  return builder->vars.count - 1;
}

static void define_var(IrBuilder *builder, IrBlockId block, IrVar var, IrValue value) {
  id_map_put(arena_of(builder), &builder->definitions, id_pair(block, var), value);
}

void ir_var_write(IrBuilder *builder, IrVar var, IrValue value) {
  define_var(builder, ir_current_block(builder), var, value);
}

// A new parameter of `block` for `var`; its arguments are still to be given.
static IrVarParam new_var_param(IrBuilder *builder, IrBlockId block, IrVar var) {
  IrValue value = ir_block_param(builder, block, builder->vars.items[var]);
  define_var(builder, block, var, value);
  return (IrVarParam){block, var, ir_block(ir_built(builder), block)->params.count - 1};
}

typedef VECTOR(IrVarParam) IrVarParams;

// The value of `var` at the end of `block`. Parameters made on the way are appended to `work`.
static IrValue read_at(IrBuilder *builder, IrBlockId block, IrVar var, IrVarParams *work) {
  IrFunction *function = ir_built(builder);
  IrBlockId at = block;
  IrValue value = 0;
  // Up through blocks with one predecessor. A cycle of such blocks cannot be reached; it gets undef.
  for (uint32_t steps = 0; value == 0; steps++) {
    uint32_t found = id_map_get(&builder->definitions, id_pair(at, var));
    const IrBlock *here = ir_block(function, at);
    if (found != ID_MAP_NONE) {
      value = found;
    } else if (!here->sealed) {
      IrVarParam param = new_var_param(builder, at, var);
      VECTOR_PUSH(arena_of(builder), &builder->incomplete, param);
      value = ir_block(function, at)->params.items[param.index];
    } else if (here->pred.count == 0 || steps > function->blocks.count) {
      value = ir_undef(builder, builder->vars.items[var]);
    } else if (here->pred.count == 1) {
      at = here->pred.items[0];
    } else {
      IrVarParam param = new_var_param(builder, at, var);
      VECTOR_PUSH(arena_of(builder), work, param);
      value = ir_block(function, at)->params.items[param.index];
    }
  }
  // Blocks passed on the way learn the value, so that the next read is short.
  for (IrBlockId passed = block; passed != at; passed = ir_block(function, passed)->pred.items[0]) {
    if (id_map_get(&builder->definitions, id_pair(passed, var)) != ID_MAP_NONE) {
      break;
    }
    define_var(builder, passed, var, value);
  }
  return value;
}

// Gives each parameter in `work` one argument per incoming edge; this may need more parameters further up.
static void fill_arguments(IrBuilder *builder, IrVarParams *work) {
  for (uint32_t i = 0; i < work->count; i++) {
    IrVarParam param = work->items[i];
    IrFunction *function = ir_built(builder);
    IrBlock *block = ir_block(function, param.block);
    for (uint32_t p = 0; p < block->pred.count; p++) {
      IrBlockId from = block->pred.items[p];
      if (p > 0 && block->pred.items[p - 1] == from) {
        continue; // several edges from one block stand side by side and are filled together
      }
      IrValue value = read_at(builder, from, param.var, work);
      IrBlock *source = ir_block(function, from);
      for (uint32_t e = 0; e < source->edges.count; e++) {
        IrEdge *edge = &source->edges.items[e];
        if (edge->target != param.block) {
          continue;
        }
        if (edge->args.count <= param.index) {
          (void)VECTOR_EXTEND(arena_of(builder), &edge->args, param.index + 1 - edge->args.count);
        }
        edge->args.items[param.index] = value;
      }
    }
  }
}

IrValue ir_var_read(IrBuilder *builder, IrVar var) {
  IrVarParams work = {0};
  IrValue value = read_at(builder, ir_current_block(builder), var, &work);
  fill_arguments(builder, &work);
  return value;
}

void ir_seal(IrBuilder *builder, IrBlockId id) {
  IrBlock *block = ir_block(ir_built(builder), id);
  if (block->sealed) {
    return;
  }
  block->sealed = true;
  IrVarParams work = {0};
  uint32_t kept = 0;
  for (uint32_t i = 0; i < builder->incomplete.count; i++) {
    IrVarParam param = builder->incomplete.items[i];
    if (param.block == id) {
      VECTOR_PUSH(arena_of(builder), &work, param);
    } else {
      builder->incomplete.items[kept++] = param;
    }
  }
  builder->incomplete.count = kept;
  fill_arguments(builder, &work);
}
