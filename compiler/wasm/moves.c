// Owns the parallel move along an edge: every argument is read before any parameter is written.
//
// Moves are ordered so that a local is written after all reads of its old value; a cycle is broken by saving
// one old value in a temporary local (May, "The Parallel Assignment Problem Redefined", 1989).
#include "base/failure.h"
#include "wasm/internal.h"

typedef struct Move {
  uint32_t to; // local
  IrValue from;
  bool done;
} Move;

typedef VECTOR(Move) MoveList;

// Does the tree of `value` read the old value of `local`?
static bool reads_local(const Emitter *emitter, IrValue value, uint32_t local) {
  switch (emitter->plan.placement[value]) {
  case PLACE_LOCAL:
    if (emitter->plan.local[value] != local) {
      return false;
    }
    for (uint32_t i = 0; i < emitter->swaps.count; i++) {
      if (emitter->swaps.items[i].local == local) {
        return false; // reads the saved copy
      }
    }
    return true;
  case PLACE_FOLDED: {
    const IrInst *inst = ir_inst(emitter->function, emitter->function->values.items[value].inst);
    for (uint32_t i = 0; i < inst->operand_count; i++) {
      if (reads_local(emitter, ir_operands(emitter->function, inst)[i], local)) {
        return true;
      }
    }
    return false;
  }
  default:
    return false;
  }
}

static bool is_read_by_others(const Emitter *emitter, const MoveList *moves, uint32_t at) {
  for (uint32_t i = 0; i < moves->count; i++) {
    if (i != at && !moves->items[i].done && reads_local(emitter, moves->items[i].from, moves->items[at].to)) {
      return true;
    }
  }
  return false;
}

static void emit_move(Emitter *emitter, Move *move, Expressions *out) {
  push_expression(emitter, out, BinaryenLocalSet(emitter->target, move->to, emit_value(emitter, move->from)));
  move->done = true;
}

// Every remaining local is still read by another move: save the old value of the first.
static void break_cycle(Emitter *emitter, const MoveList *moves, Expressions *out) {
  uint32_t at = 0;
  while (moves->items[at].done) {
    at++;
  }
  uint32_t local = moves->items[at].to;
  BinaryenType type = emit_type(emitter, emitter->plan.locals.items[local]);
  LocalSwap swap = {local, new_local(emitter, type)};
  push_expression(
      emitter, out,
      BinaryenLocalSet(emitter->target, swap.saved, BinaryenLocalGet(emitter->target, local, type)));
  VECTOR_PUSH(&emitter->body, &emitter->swaps, swap);
}

// A reference that nothing looks at: its local keeps what it has.
static bool is_nothing(const Emitter *emitter, IrValue value) {
  const IrValueInfo *info = &emitter->function->values.items[value];
  return info->inst != 0 && ir_inst(emitter->function, info->inst)->opcode == IR_UNDEF &&
         ir_type_is_reference(info->type) && !ir_type_is_nullable(info->type);
}

void emit_moves(Emitter *emitter, const IrEdge *edge, Expressions *out) {
  const IrBlock *target = ir_block(emitter->function, edge->target);
  MoveList moves = {0};
  for (uint32_t i = 0; i < edge->args.count; i++) {
    Move move = {emitter->plan.local[target->params.items[i]], edge->args.items[i], false};
    bool stays =
        emitter->plan.placement[move.from] == PLACE_LOCAL && emitter->plan.local[move.from] == move.to;
    if (!stays && !is_nothing(emitter, move.from)) {
      VECTOR_PUSH(&emitter->body, &moves, move);
    }
  }
  for (uint32_t left = moves.count; left > 0;) {
    bool progress = false;
    for (uint32_t i = 0; i < moves.count; i++) {
      if (!moves.items[i].done && !is_read_by_others(emitter, &moves, i)) {
        emit_move(emitter, &moves.items[i], out);
        progress = true;
        left--;
      }
    }
    if (!progress) {
      break_cycle(emitter, &moves, out);
    }
  }
  emitter->swaps.count = 0;
}
