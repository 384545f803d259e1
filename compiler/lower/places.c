// Owns slots: variables of a body, places, assignment, and names of slots (07 §1.4).
//
// A place is opened once (the object that owns it is evaluated then) and may be read and written after. A
// part of a `val` is the same place with fewer lanes. `let ~d = place` keeps the node of the place: every use
// of `d` opens it anew.
#include "lower/lowering.h"

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

// A variable that a closure shares with its function (05 §5.15.3). One that is never assigned after its
// declaration is copied instead.
bool variable_is_cell(const Program *program, const Instance *instance, LocalId local) {
  const Local *declared = names_local(program->names, local);
  if (declared->kind == LOCAL_MUTABLE || declared->kind == LOCAL_MUTABLE_PARAMETER) {
    // A `val` that clauses and body share (06 §7.4).
    return declared->captured && types_is_value(&program->types, local_type(instance, local));
  }
  return declared->captured && declared->assigned && declared->kind == LOCAL_VAR;
}

IrHeapId variable_cell(Lowering *lowering, TypeId type) {
  uint32_t known = id_map_get(&lowering->cells, type);
  if (known != ID_MAP_NONE) {
    return known;
  }
  const Layout *layout = layout_of(lowering, type);
  IrHeapId heap = ir_heap_declare(lowering->module, NAME_EMPTY);
  IrField *fields = ARENA_ARRAY(&lowering->arena, IrField, layout->lane_count);
  for (uint32_t i = 0; i < layout->lane_count; i++) {
    fields[i] = (IrField){.type = layout->lanes[i], .mutable_ = true};
  }
  ir_struct_define(lowering->module, heap, 0, false, fields, layout->lane_count);
  id_map_put(&lowering->arena, &lowering->cells, type, heap);
  return heap;
}

void variable_declare(Body *body, LocalId local, TypeId type) {
  Variable *variable = variable_of(body, local);
  if (variable->kind != VARIABLE_UNSEEN) {
    return;
  }
  if (variable_is_cell(body->program, body->instance, local)) {
    IrType cell = ir_ref_null(variable_cell(body->lowering, type));
    *variable = (Variable){.kind = VARIABLE_CELL, .type = type, .first = ir_var_new(&body->ir, cell)};
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

void variable_init(Body *body, LocalId local, Value value) {
  const Variable *variable = variable_of(body, local);
  if (variable->kind == VARIABLE_CELL) {
    IrHeapId heap = variable_cell(body->lowering, variable->type);
    ir_var_write(&body->ir, variable->first, ir_struct_new(&body->ir, heap, value.lanes, value.count));
  } else {
    write_lanes(body, variable->first, value);
  }
}

// ------------------------------------------------------------------------------------------------ places

static Place variable_place(Body *body, LocalId local) {
  TypeId type = local_type(body->instance, local);
  variable_declare(body, local, type);
  const Variable *variable = variable_of(body, local);
  if (variable->kind == VARIABLE_LANES) {
    return (Place){.kind = PLACE_VARIABLE, .type = type, .first = variable->first};
  }
  const Layout *layout = layout_of(body->lowering, type);
  return (Place){.kind = PLACE_FIELD,
                 .type = type,
                 .object = ir_var_read(&body->ir, variable->first),
                 .heap = variable_cell(body->lowering, type),
                 .slot = {false, 0, layout->lane_count, layout->lanes}};
}

Value variable_read(Body *body, LocalId local) {
  Place place = variable_place(body, local);
  return place_read(body, &place);
}

static Place open_local(Body *body, LocalId local) {
  NodeId named = body->aliases[local - body->instance->first_local];
  return named != 0 ? place_open(body, named) : variable_place(body, local);
}

// The lanes `first .. first + count` of the value in `owner`, a value of type `type` by itself.
static Place part_of(Body *body, Place owner, uint32_t first, uint32_t count, TypeId type) {
  bool in_lanes = owner.kind == PLACE_TEMPORARY || owner.kind == PLACE_VARIABLE ||
                  (owner.kind == PLACE_FIELD && !owner.slot.uniform) || owner.kind == PLACE_PART;
  if (!in_lanes) {
    Place *kept = ARENA_NEW(&body->lowering->scratch, Place);
    *kept = owner;
    return (Place){.kind = PLACE_PART, .type = type, .slot = {false, first, count, NULL}, .owner = kept};
  }
  owner.type = type;
  if (owner.kind == PLACE_TEMPORARY) {
    owner.value = value_slice(owner.value, first, count);
  } else if (owner.kind == PLACE_VARIABLE) {
    owner.first += first;
  } else {
    owner.slot.first += first;
    owner.slot.count = count;
  }
  return owner;
}

// `value` of what was an Optional when it was stored: a `Some` that is only narrowed, never made (04 §13.2).
static bool is_narrowed_payload(Body *body, NodeId receiver, TypeId narrowed, Place *owner) {
  Lowering *lowering = body->lowering;
  const TypedNode *typed = body_typed(body, receiver);
  const Type *type = type_get(&lowering->program->types, narrowed);
  if (!is_local(typed) || type->kind != KIND_NOMINAL ||
      type->symbol != lowering->program->declarations.some_object) {
    return false;
  }
  *owner = place_open(body, receiver);
  return layout_of(lowering, owner->type)->kind == LAYOUT_OPTIONAL;
}

static Place object_field(Body *body, IrValue object, TypeId type, Name name) {
  Lowering *lowering = body->lowering;
  const Class *class = layout_class(lowering, layout_class_of(lowering, type));
  const FieldLayout *field = layout_field(class->fields, class->field_count, name);
  return (Place){.kind = PLACE_FIELD,
                 .type = type_field(lowering, type, name),
                 .object = object,
                 .heap = class->heap,
                 .slot = field->slot};
}

// A field of an evaluated object.
static Place reference_field(Body *body, IrValue object, TypeId type, Name name) {
  Lowering *lowering = body->lowering;
  if (layout_of(lowering, type)->kind == LAYOUT_OBJECT) {
    return object_field(body, object, type, name);
  }
  TypeId nominal = types_nominal_part(&lowering->program->types, type);
  TypeField unused;
  if (nominal != TYPE_NONE && nominal != TYPE_OBJECT &&
      types_find_field(&lowering->program->declarations, nominal, name, &unused)) {
    const IrType *lane = layout_of(lowering, nominal)->lanes;
    return object_field(body, ir_ref_cast(&body->ir, *lane, object), nominal, name);
  }
  return (Place){.kind = PLACE_RECORD_FIELD,
                 .type = type_field(lowering, type, name),
                 .object = object,
                 .record = type,
                 .name = name};
}

Value value_field(Body *body, Value value, TypeId type, Name name) {
  const Layout *layout = layout_of(body->lowering, type);
  if (layout->kind == LAYOUT_VALUE) {
    const FieldLayout *field = layout_field(layout->fields, layout->field_count, name);
    return value_slice(value, field->slot.first, field->slot.count);
  }
  Place place = reference_field(body, value.lanes[0], type_plain(body->lowering, type), name);
  return place_read(body, &place);
}

static Place open_field(Body *body, NodeId node) {
  Lowering *lowering = body->lowering;
  NodeId receiver = place_strip(body->program->ast, body_node(body, node)->field.receiver);
  TypeId type = type_plain(lowering, body_typed(body, receiver)->target);
  Name name = body_typed(body, node)->detail;
  Place owner;
  if (is_narrowed_payload(body, receiver, type, &owner)) {
    const Layout *layout = layout_of(lowering, owner.type);
    return part_of(body, owner, layout->tagged, layout->lane_count - layout->tagged, layout->payload);
  }
  const Layout *layout = layout_of(lowering, type);
  if (layout->kind == LAYOUT_VALUE) {
    const FieldLayout *field = layout_field(layout->fields, layout->field_count, name);
    owner = place_open(body, receiver);
    if (type_plain(lowering, owner.type) != type) { // narrowed: the slot holds something else
      owner = (Place){.kind = PLACE_TEMPORARY, .type = type, .value = lower_value(body, receiver)};
    }
    return part_of(body, owner, field->slot.first, field->slot.count, field->type);
  }
  return reference_field(body, lower_value(body, receiver).lanes[0], type, name);
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
  return (Place){.kind = PLACE_TEMPORARY, .type = typed->target, .value = lower_value(body, stripped)};
}

Value place_read(Body *body, const Place *place) {
  IrBuilder *ir = &body->ir;
  if (place->kind == PLACE_TEMPORARY) {
    return place->value;
  }
  if (place->kind == PLACE_PART) {
    return value_slice(place_read(body, place->owner), place->slot.first, place->slot.count);
  }
  uint32_t count = layout_of(body->lowering, place->type)->lane_count;
  if (place->kind == PLACE_RECORD_FIELD) {
    IrFunctionId accessor = class_accessor(body->lowering, place->record, place->name, false);
    return value_run(body, ir_call(ir, accessor, &place->object, 1), count);
  }
  count = place->kind == PLACE_FIELD ? place->slot.count : count;
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, count);
  for (uint32_t i = 0; i < count; i++) {
    lanes[i] = place->kind == PLACE_VARIABLE
                   ? ir_var_read(ir, place->first + i)
                   : ir_struct_get(ir, place->heap, place->slot.first + i, place->object);
  }
  Value stored = {lanes, count};
  return place->kind == PLACE_FIELD ? slot_content(body, &place->slot, stored, place->type) : stored;
}

void place_write(Body *body, const Place *place, Value value) {
  IrBuilder *ir = &body->ir;
  switch (place->kind) {
  case PLACE_TEMPORARY:
    return;
  case PLACE_VARIABLE:
    write_lanes(body, place->first, value);
    return;
  case PLACE_FIELD: {
    Value stored = slot_value(body, &place->slot, value, place->type);
    for (uint32_t i = 0; i < stored.count; i++) {
      ir_struct_set(ir, place->heap, place->slot.first + i, place->object, stored.lanes[i]);
    }
    return;
  }
  case PLACE_RECORD_FIELD: {
    IrFunctionId accessor = class_accessor(body->lowering, place->record, place->name, true);
    Value arguments = value_joined(body, &place->object, 1, value);
    (void)ir_call(ir, accessor, arguments.lanes, arguments.count);
    return;
  }
  case PLACE_PART: {
    Value whole = place_read(body, place->owner);
    IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, whole.count);
    for (uint32_t i = 0; i < whole.count; i++) {
      bool inside = i >= place->slot.first && i < place->slot.first + value.count;
      lanes[i] = inside ? value.lanes[i - place->slot.first] : whole.lanes[i];
    }
    place_write(body, place->owner, (Value){lanes, whole.count});
    return;
  }
  }
}

Value lower_field(Body *body, NodeId node) {
  Place place = open_field(body, node);
  return convert(body, place_read(body, &place), place.type, body_typed(body, node)->type);
}

// -------------------------------------------------------------------------------------------- assignment

// An assignment to a `~`-bound value that clauses share gives the name new storage: clauses go on with that
// of the `try`'s entry, which `~self` methods change in place (06 §7.4). Assignments of clauses go to it too.
static void assign(Body *body, NodeId target, Place *place, Value value) {
  LocalId root = place_root(body->program, body->instance, body->aliases, target);
  Variable *variable = root ? variable_of(body, root) : NULL;
  if (variable && variable->kind == VARIABLE_CELL && !variable->captured &&
      names_local(body->program->names, root)->kind != LOCAL_VAR) {
    Value all = variable_read(body, root);
    place->object = ir_struct_new(&body->ir, place->heap, all.lanes, all.count);
    ir_var_write(&body->ir, variable->first, place->object);
  }
  place_write(body, place, value);
}

// One element of the right side into its target; a nested tuple goes element by element.
static void assign_value(Body *body, NodeId target, Value value, TypeId type) {
  const AstNode *node = body_node(body, target);
  if (node->kind != NODE_TUPLE) {
    Place place = place_open(body, target);
    assign(body, target, &place, convert(body, value, type, place.type));
    return;
  }
  NodeRange items = node->list.items;
  Value *parts = ARENA_ARRAY(&body->lowering->scratch, Value, items.count);
  TypeId *types = ARENA_ARRAY(&body->lowering->scratch, TypeId, items.count);
  for (uint32_t i = 0; i < items.count; i++) {
    Name name = types_tuple_field(&body->program->types, i);
    types[i] = type_field(body->lowering, type, name);
    parts[i] = value_field(body, value, type, name);
  }
  for (uint32_t i = 0; i < items.count; i++) {
    assign_value(body, ast_listed(body->program->ast, items, i), parts[i], types[i]);
  }
}

// `(a, b) = (x, y)`: the whole right side, then the stores from left to right (05 §5.20 rule 5). Writing a
// tuple literal makes no tuple.
static void assign_elements(Body *body, NodeRange targets, NodeRange sources) {
  const AstTable *ast = body->program->ast;
  Value *values = ARENA_ARRAY(&body->lowering->scratch, Value, targets.count);
  for (uint32_t i = 0; i < targets.count; i++) {
    values[i] = lower_value(body, ast_listed(ast, sources, i));
  }
  for (uint32_t i = 0; i < targets.count; i++) {
    TypeId type = body_typed(body, ast_listed(ast, sources, i))->target;
    assign_value(body, ast_listed(ast, targets, i), values[i], type);
  }
}

void lower_assign(Body *body, NodeId id) {
  const AstNode *node = body_node(body, id);
  NodeId target = node->pair.first, source = node->pair.second;
  const AstNode *target_node = body_node(body, target);
  const AstNode *source_node = body_node(body, source);
  TypeId type = body_typed(body, source)->target;
  if (target_node->kind == NODE_TUPLE) {
    bool is_literal = source_node->kind == NODE_TUPLE && body_typed(body, source)->coercion == COERCE_NONE;
    if (is_literal) {
      assign_elements(body, target_node->list.items, source_node->list.items);
    } else {
      assign_value(body, target, lower_value(body, source), type);
    }
    return;
  }
  // The owner objects, the value, then the store into what the owners hold by then (05 §5.20 rule 5).
  Place place = place_open(body, target);
  Value value = lower_value(body, source);
  assign(body, target, &place, convert(body, value, type, place.type));
}
