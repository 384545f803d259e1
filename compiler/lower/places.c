// Owns slots: variables of a body, places, assignment, and names of slots (07 §1.4).
//
// A place is opened once (the object that owns it is evaluated then) and may be read and written after. A
// part of a `val` is the same place with fewer lanes. `let ~d = place` keeps the node of the place: every use
// of `d` opens it anew.
#include "lower/lowering.h"

#include "base/failure.h"

NodeId place_strip(const AstTable *ast, NodeId node) {
  while (ast_kind(ast, node) == NODE_MUTABLE) {
    node = ast_node(ast, node)->unary.operand;
  }
  return node;
}

static bool is_local(const TypedNode *typed) {
  return typed->role == ROLE_LOCAL;
}

LocalId place_root(const Program *program, const Instance *instance, const NodeId *aliases, NodeId node) {
  for (;;) {
    node = place_strip(program->ast, node);
    const TypedNode *typed = typed_node(instance, node);
    if (is_local(typed)) {
      NodeId named = aliases[typed->detail - instance->first_local];
      if (named == 0) {
        return typed->detail;
      }
      node = named;
    } else if (typed->role == ROLE_FIELD) {
      NodeId receiver = ast_node(program->ast, node)->field.receiver;
      if (!types_is_value(&program->types, typed_node(instance, place_strip(program->ast, receiver))->type)) {
        return 0;
      }
      node = receiver;
    } else {
      return 0;
    }
  }
}

// 07 §1.4: does `let ~d = node` name a slot that exists already?
static bool names_slot(const Program *program, const Instance *instance, NodeId node) {
  node = place_strip(program->ast, node);
  bool through_field = false;
  while (typed_node(instance, node)->role == ROLE_FIELD) {
    through_field = true;
    node = place_strip(program->ast, ast_node(program->ast, node)->field.receiver);
  }
  const TypedNode *typed = typed_node(instance, node);
  if (!is_local(typed)) {
    return through_field && typed->role == ROLE_LET;
  }
  LocalKind kind = names_local(program->names, typed->detail)->kind;
  return through_field || kind == LOCAL_VAR || kind == LOCAL_MUTABLE || kind == LOCAL_MUTABLE_PARAMETER;
}

const NodeId *place_aliases(const Program *program, const Instance *instance, Arena *arena) {
  uint32_t count = instance->end_local - instance->first_local;
  NodeId *aliases = ARENA_ARRAY(arena, NodeId, count);
  for (NodeId id = instance->first_node; count > 0 && id < instance->end_node; id++) {
    const AstNode *node = ast_node(program->ast, id);
    if (node->kind != NODE_LET || typed_node(instance, id)->type == TYPE_NONE) {
      continue;
    }
    NodeId pattern = node->let.pattern;
    if (ast_kind(program->ast, pattern) == NODE_TYPED_PATTERN) {
      pattern = ast_node(program->ast, pattern)->pair.first;
    }
    const AstNode *bind = ast_node(program->ast, pattern);
    if (bind->kind == NODE_BIND && (bind->flags & NODE_FLAG_MUTABLE) &&
        names_slot(program, instance, node->let.value)) {
      aliases[program->names->bind_locals.items[pattern] - instance->first_local] = node->let.value;
    }
  }
  return aliases;
}

// -------------------------------------------------------------------------------------------- variables

Variable *variable_of(Body *body, LocalId local) {
  return &body->variables[local - body->instance->first_local];
}

void variable_declare(Body *body, LocalId local, TypeId type) {
  Variable *variable = variable_of(body, local);
  if (variable->kind != VARIABLE_UNSEEN) {
    return;
  }
  const Layout *layout = layout_of(body->lowering, type);
  *variable = (Variable){.kind = VARIABLE_LANES, .type = type};
  for (uint32_t i = 0; i < layout->lane_count; i++) {
    IrVar var = ir_var_new(&body->ir, layout->lanes[i]);
    variable->first = i == 0 ? var : variable->first;
  }
}

static void write_lanes(Body *body, IrVar first, Value value) {
  for (uint32_t i = 0; i < value.count; i++) {
    ir_var_write(&body->ir, first + i, value.lanes[i]);
  }
}

void variable_write(Body *body, LocalId local, Value value) {
  write_lanes(body, variable_of(body, local)->first, value);
}

// ------------------------------------------------------------------------------------------------ places

static Place open_local(Body *body, LocalId local) {
  NodeId named = body->aliases[local - body->instance->first_local];
  if (named != 0) {
    return place_open(body, named);
  }
  TypeId type = local_type(body->instance, local);
  variable_declare(body, local, type);
  return (Place){.kind = PLACE_VARIABLE,
                 .type = type,
                 .first = variable_of(body, local)->first,
                 .count = layout_of(body->lowering, type)->lane_count};
}

// The part of a value's place that a field takes.
static Place part_of(Place owner, const FieldLayout *field) {
  switch (owner.kind) {
  case PLACE_TEMPORARY:
    owner.value = value_slice(owner.value, field->first, field->count);
    break;
  case PLACE_VARIABLE:
    owner.first += field->first;
    break;
  case PLACE_FIELD:
    owner.field += field->first;
    break;
  }
  owner.type = field->type;
  owner.count = field->count;
  return owner;
}

static Place open_field(Body *body, NodeId node) {
  Lowering *lowering = body->lowering;
  NodeId receiver = body_node(body, node)->field.receiver;
  const TypedNode *typed = body_typed(body, receiver);
  Name name = body_typed(body, node)->detail;
  const Layout *layout = layout_of(lowering, typed->target);
  if (layout->kind == LAYOUT_VALUE) {
    Place owner = place_open(body, receiver);
    return part_of(owner, layout_field(layout->fields, layout->field_count, name));
  }
  ENSURE(layout->kind == LAYOUT_OBJECT);
  IrValue object = lower_value(body, receiver).lanes[0];
  const Class *class = layout_class(lowering, layout->class);
  const FieldLayout *field = layout_field(class->fields, class->field_count, name);
  return (Place){.kind = PLACE_FIELD,
                 .type = field->type,
                 .object = object,
                 .heap = class->heap,
                 .field = field->first,
                 .count = field->count};
}

Place place_open(Body *body, NodeId node) {
  NodeId stripped = place_strip(body->program->ast, node);
  const TypedNode *typed = body_typed(body, stripped);
  if (is_local(typed)) {
    return open_local(body, typed->detail);
  }
  if (typed->role == ROLE_FIELD) {
    return open_field(body, stripped);
  }
  Value value = lower_value(body, stripped);
  return (Place){.kind = PLACE_TEMPORARY, .type = typed->target, .value = value, .count = value.count};
}

Value place_read(Body *body, const Place *place) {
  if (place->kind == PLACE_TEMPORARY) {
    return place->value;
  }
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, place->count);
  for (uint32_t i = 0; i < place->count; i++) {
    lanes[i] = place->kind == PLACE_VARIABLE
                   ? ir_var_read(&body->ir, place->first + i)
                   : ir_struct_get(&body->ir, place->heap, place->field + i, place->object);
  }
  return (Value){lanes, place->count};
}

void place_write(Body *body, const Place *place, Value value) {
  if (place->kind == PLACE_VARIABLE) {
    write_lanes(body, place->first, value);
  } else if (place->kind == PLACE_FIELD) {
    for (uint32_t i = 0; i < value.count; i++) {
      ir_struct_set(&body->ir, place->heap, place->field + i, place->object, value.lanes[i]);
    }
  }
}

Value lower_field(Body *body, NodeId node) {
  Place place = open_field(body, node);
  return convert(body, place_read(body, &place), place.type, body_typed(body, node)->type);
}

// -------------------------------------------------------------------------------------------- assignment

// `(a, b) = (x, y)`: the whole right side, then the stores from left to right (05 §5.20 rule 5). Writing a
// tuple literal makes no tuple.
static void assign_elements(Body *body, NodeRange targets, NodeRange sources) {
  const AstTable *ast = body->program->ast;
  Value *values = ARENA_ARRAY(&body->lowering->scratch, Value, targets.count);
  for (uint32_t i = 0; i < targets.count; i++) {
    values[i] = lower_value(body, ast_listed(ast, sources, i));
  }
  for (uint32_t i = 0; i < targets.count; i++) {
    Place place = place_open(body, ast_listed(ast, targets, i));
    place_write(body, &place,
                convert(body, values[i], body_typed(body, ast_listed(ast, sources, i))->target, place.type));
  }
}

void lower_assign(Body *body, NodeId id) {
  const AstNode *node = body_node(body, id);
  NodeId target = node->pair.first, source = node->pair.second;
  const AstNode *target_node = body_node(body, target);
  const AstNode *source_node = body_node(body, source);
  if (target_node->kind == NODE_TUPLE && source_node->kind == NODE_TUPLE) {
    assign_elements(body, target_node->list.items, source_node->list.items);
    return;
  }
  // The owner objects, the value, then the store into what the owners hold by then (05 §5.20 rule 5).
  Place place = place_open(body, target);
  Value value = lower_value(body, source);
  place_write(body, &place, convert(body, value, body_typed(body, source)->target, place.type));
}
