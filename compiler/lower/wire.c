// Owns the wire: values as bytes in linear memory (runtime-wasm/host/README.md, "The wire"). One writer and
// one reader function per type that needs one, made only for types that exports and host operations use. Both
// walk one cursor, a global. Reading trusts the bytes: the host has checked them.
#include "lower/boundary.h"

enum {
  WIRE_PAGE = 65536,
  WIRE_DEPTH = 128 // 06 §15; also in runtime-wasm/host/wire.mjs
};

// ----------------------------------------------------------------------------------------------- the cursor

IrFunctionId wire_function(Lowering *lowering, IrBuilder *ir, Name name, const IrType *params,
                           uint32_t param_count, const IrType *results, uint32_t result_count) {
  IrHeapId type = ir_function_type(lowering->module, params, param_count, results, result_count);
  IrFunctionId function = ir_function_new(lowering->module, name, type, (IrOrigin){0, 0});
  ir_build(ir, lowering->module, function);
  return function;
}

static Name wire_name(Lowering *lowering) {
  return names_intern(&lowering->context->names, STR("voyd.wire"));
}

// `advance(n)`: the cursor before n more bytes, which memory then has.
static IrFunctionId build_advance(Lowering *lowering) {
  IrBuilder ir;
  IrType i32 = IR_I32;
  IrFunctionId function = wire_function(lowering, &ir, wire_name(lowering), &i32, 1, &i32, 1);
  IrValue start = ir_global_get(&ir, lowering->wire_cursor);
  IrValue end = ir_binary(&ir, IR_I32_ADD, start, ir_param(&ir, 0));
  ir_global_set(&ir, lowering->wire_cursor, end);
  IrValue size = ir_binary(&ir, IR_I32_MUL, ir_memory_size(&ir), ir_i32(&ir, WIRE_PAGE));
  IrBlockId grow = ir_block_new(&ir), fail = ir_block_new(&ir), done = ir_block_new(&ir);
  ir_br_if(&ir, ir_binary(&ir, IR_I32_GT_U, end, size), grow, done);
  ir_seal(&ir, grow);
  ir_enter(&ir, grow);
  // Half as much again, so that a long text does not grow memory for every piece.
  IrValue missing = ir_binary(&ir, IR_I32_SUB, end, size);
  IrValue wanted = ir_binary(&ir, IR_I32_ADD, missing, ir_binary(&ir, IR_I32_SHR_U, size, ir_i32(&ir, 1)));
  IrValue pages =
      ir_binary(&ir, IR_I32_ADD, ir_binary(&ir, IR_I32_SHR_U, wanted, ir_i32(&ir, 16)), ir_i32(&ir, 1));
  IrValue old = ir_memory_grow(&ir, pages);
  ir_br_if(&ir, ir_binary(&ir, IR_I32_EQ, old, ir_i32(&ir, -1)), fail, done);
  ir_seal(&ir, fail);
  ir_enter(&ir, fail);
  ir_trap(&ir);
  ir_seal(&ir, done);
  ir_enter(&ir, done);
  ir_return(&ir, &start, 1);
  ir_build_end(&ir);
  return function;
}

// `voyd.wire(n)`: rewinds and makes room for n bytes, from address 0.
static void build_rewind(Lowering *lowering) {
  IrBuilder ir;
  IrType i32 = IR_I32;
  IrFunctionId function = wire_function(lowering, &ir, wire_name(lowering), &i32, 1, NULL, 0);
  ir_global_set(&ir, lowering->wire_cursor, ir_i32(&ir, 0));
  IrValue size = ir_param(&ir, 0);
  (void)ir_call(&ir, lowering->wire_advance, &size, 1);
  ir_global_set(&ir, lowering->wire_cursor, ir_i32(&ir, 0));
  ir_return(&ir, NULL, 0);
  ir_build_end(&ir);
  ir_export(lowering->module, IR_EXPORT_FUNCTION, function, STR("voyd.wire"));
}

static void export_memory(Lowering *lowering) {
  if (!lowering->module->has_memory) {
    ir_memory(lowering->module, 1, 0);
  }
  if (!lowering->memory_exported) {
    lowering->memory_exported = true;
    ir_export(lowering->module, IR_EXPORT_MEMORY, 0, STR("voyd.memory"));
  }
}

static IrGlobalId exported_global(Lowering *lowering, Str name) {
  IrGlobalId global =
      ir_global_new(lowering->module, NAME_EMPTY, IR_I32, true, ir_constant_zero(lowering->module, IR_I32));
  ir_export(lowering->module, IR_EXPORT_GLOBAL, global, name);
  return global;
}

void boundary_publish_panic(Body *body, IrValue address, IrValue length) {
  Lowering *lowering = body->lowering;
  if (lowering->panic_address == 0) {
    export_memory(lowering);
    lowering->panic_address = exported_global(lowering, STR("voyd.panic.address"));
    lowering->panic_length = exported_global(lowering, STR("voyd.panic.length"));
  }
  ir_global_set(&body->ir, lowering->panic_address, address);
  ir_global_set(&body->ir, lowering->panic_length, length);
}

void wire_prepare(Lowering *lowering) {
  if (lowering->wire_cursor != 0) {
    return;
  }
  export_memory(lowering);
  IrConstantId zero = ir_constant_zero(lowering->module, IR_I32);
  lowering->wire_cursor = ir_global_new(lowering->module, NAME_EMPTY, IR_I32, true, zero);
  lowering->wire_advance = build_advance(lowering);
  build_rewind(lowering);
}

static IrValue advance(Body *body, IrValue size) {
  return ir_call(&body->ir, body->lowering->wire_advance, &size, 1);
}

static IrValue advance_by(Body *body, int32_t size) {
  return advance(body, ir_i32(&body->ir, size));
}

// -------------------------------------------------------------------------------------------------- scalars

typedef struct ScalarWire {
  int32_t size;
  IrOpcode load, store;
} ScalarWire;

static ScalarWire scalar_wire(TypeId type) {
  switch (type) {
  case TYPE_I64:
    return (ScalarWire){8, IR_I64_LOAD, IR_I64_STORE};
  case TYPE_F32:
    return (ScalarWire){4, IR_F32_LOAD, IR_F32_STORE};
  case TYPE_F64:
    return (ScalarWire){8, IR_F64_LOAD, IR_F64_STORE};
  case TYPE_BOOL:
    return (ScalarWire){1, IR_I32_LOAD8_U, IR_I32_STORE8};
  default:
    return (ScalarWire){4, IR_I32_LOAD, IR_I32_STORE};
  }
}

static void write_i32(Body *body, IrValue value) {
  ir_store(&body->ir, IR_I32_STORE, advance_by(body, 4), 0, value);
}

static IrValue read_i32(Body *body) {
  return ir_load(&body->ir, IR_I32_LOAD, advance_by(body, 4), 0);
}

// A loop over 0 .. count.
typedef struct Counting {
  IrVar index;
  IrBlockId head, done;
} Counting;

static Counting count_begin(Body *body, IrValue count) {
  IrBuilder *ir = &body->ir;
  Counting loop = {ir_var_new(ir, IR_I32), ir_block_new(ir), ir_block_new(ir)};
  IrBlockId inside = ir_block_new(ir);
  ir_var_write(ir, loop.index, ir_i32(ir, 0));
  ir_br(ir, loop.head);
  ir_enter(ir, loop.head);
  ir_br_if(ir, ir_binary(ir, IR_I32_LT_S, ir_var_read(ir, loop.index), count), inside, loop.done);
  ir_seal(ir, inside);
  ir_enter(ir, inside);
  return loop;
}

static void count_end(Body *body, const Counting *loop) {
  IrBuilder *ir = &body->ir;
  ir_var_write(ir, loop->index, ir_binary(ir, IR_I32_ADD, ir_var_read(ir, loop->index), ir_i32(ir, 1)));
  ir_br(ir, loop->head);
  ir_seal(ir, loop->head);
  ir_seal(ir, loop->done);
  ir_enter(ir, loop->done);
}

// --------------------------------------------------------------------------------------- strings and arrays

static Value member(Body *body, Value value, TypeId type, const char *name) {
  return value_field(body, value, type, names_intern(&body->lowering->context->names, str_from(name)));
}

static TypeId member_type(Body *body, TypeId type, const char *name) {
  return type_field(body->lowering, type, names_intern(&body->lowering->context->names, str_from(name)));
}

// A new object of a type of std, given its fields by name.
typedef struct NamedValue {
  const char *name;
  Value value;
} NamedValue;

static Value std_object(Body *body, TypeId type, const NamedValue *given, uint32_t count) {
  uint32_t field_count;
  const TypeField *fields = boundary_fields(body->lowering, type, &field_count);
  Value *values = ARENA_ARRAY(&body->lowering->scratch, Value, field_count);
  for (uint32_t i = 0; i < field_count; i++) {
    Str name = context_name(body->lowering->context, fields[i].name);
    for (uint32_t k = 0; k < count; k++) {
      if (str_equal(name, str_from(given[k].name))) {
        values[i] = given[k].value;
      }
    }
  }
  return value_of(body, object_new(body, type, values));
}

// Strings and Bytes are a stretch of a storage; its length has different names.
static const char *length_field(const Body *body, TypeId type) {
  return boundary_is_string(body->lowering, type) ? "byte_count" : "count";
}

static void write_bytes(Body *body, Value value, TypeId type) {
  IrBuilder *ir = &body->ir;
  Value bytes = member(body, value, type, "storage");
  IrValue start = member(body, value, type, "start").lanes[0];
  IrValue count = member(body, value, type, length_field(body, type)).lanes[0];
  TypeId storage = member_type(body, type, "storage");
  write_i32(body, count);
  IrValue to = advance(body, count);
  Counting loop = count_begin(body, count);
  IrValue index = ir_var_read(ir, loop.index);
  IrValue byte = array_read(body, bytes, storage, ir_binary(ir, IR_I32_ADD, start, index)).lanes[0];
  ir_store(ir, IR_I32_STORE8, ir_binary(ir, IR_I32_ADD, to, index), 0, byte);
  count_end(body, &loop);
}

static Value read_bytes(Body *body, TypeId type) {
  IrBuilder *ir = &body->ir;
  IrValue count = read_i32(body);
  IrValue from = advance(body, count);
  TypeId storage = member_type(body, type, "storage");
  Value bytes = array_made(body, storage, count);
  Counting loop = count_begin(body, count);
  IrValue index = ir_var_read(ir, loop.index);
  IrValue byte = ir_load(ir, IR_I32_LOAD8_U, ir_binary(ir, IR_I32_ADD, from, index), 0);
  array_write(body, bytes, storage, index, value_of(body, byte));
  count_end(body, &loop);
  NamedValue fields[] = {{"storage", bytes},
                         {"start", value_of(body, ir_i32(ir, 0))},
                         {length_field(body, type), value_of(body, count)}};
  return std_object(body, type, fields, 3);
}

static void write_array(Body *body, Value value, TypeId type) {
  Value elements = member(body, value, type, "storage");
  IrValue count = member(body, value, type, "count").lanes[0];
  TypeId storage = member_type(body, type, "storage");
  write_i32(body, count);
  Counting loop = count_begin(body, count);
  Value element = array_read(body, elements, storage, ir_var_read(&body->ir, loop.index));
  wire_write(body, element, boundary_argument(body->lowering, type));
  count_end(body, &loop);
}

static Value read_array(Body *body, TypeId type) {
  IrValue count = read_i32(body);
  TypeId storage = member_type(body, type, "storage");
  Value elements = array_made(body, storage, count);
  Counting loop = count_begin(body, count);
  IrValue index = ir_var_read(&body->ir, loop.index);
  array_write(body, elements, storage, index, wire_read(body, boundary_argument(body->lowering, type)));
  count_end(body, &loop);
  NamedValue fields[] = {{"storage", elements}, {"count", value_of(body, count)}};
  return std_object(body, type, fields, 2);
}

// ---------------------------------------------------------------------------------------- records and unions

static void write_optional(Body *body, Value value, TypeId type, TypeId payload) {
  IrBuilder *ir = &body->ir;
  IrValue some = optional_is_some(body, value, type);
  ir_store(ir, IR_I32_STORE8, advance_by(body, 1), 0, some);
  IrBlockId present = ir_block_new(ir), done = ir_block_new(ir);
  ir_br_if(ir, some, present, done);
  ir_seal(ir, present);
  ir_enter(ir, present);
  wire_write(body, optional_payload(body, value, type), payload);
  ir_br(ir, done);
  ir_seal(ir, done);
  ir_enter(ir, done);
}

static Value read_optional(Body *body, TypeId type, TypeId payload) {
  IrBuilder *ir = &body->ir;
  IrValue some = ir_load(ir, IR_I32_LOAD8_U, advance_by(body, 1), 0);
  Merge merge = merge_new(body, type);
  IrBlockId present = ir_block_new(ir), absent = ir_block_new(ir);
  ir_br_if(ir, some, present, absent);
  ir_seal(ir, present);
  ir_seal(ir, absent);
  ir_enter(ir, present);
  Value value = optional_some(body, wire_read(body, payload), type);
  ir_br_args(ir, merge.block, value.lanes, value.count);
  ir_enter(ir, absent);
  value = optional_none(body, type);
  ir_br_args(ir, merge.block, value.lanes, value.count);
  return merge_end(body, &merge);
}

static void write_fields(Body *body, Value value, TypeId type) {
  uint32_t count;
  (void)boundary_fields(body->lowering, type, &count);
  for (uint32_t i = 0; i < count; i++) {
    TypeField field = boundary_fields(body->lowering, type, &count)[i];
    TypeId payload = boundary_absent_payload(body->lowering, field);
    Value part = value_field(body, value, type, field.name);
    if (payload == TYPE_NONE) {
      wire_write(body, part, field.type);
    } else {
      write_optional(body, part, type_plain(body->lowering, field.type), payload);
    }
  }
}

static Value read_fields(Body *body, TypeId type) {
  uint32_t count;
  (void)boundary_fields(body->lowering, type, &count);
  Value *values = ARENA_ARRAY(&body->lowering->scratch, Value, count);
  for (uint32_t i = 0; i < count; i++) {
    TypeField field = boundary_fields(body->lowering, type, &count)[i];
    TypeId payload = boundary_absent_payload(body->lowering, field);
    values[i] = payload == TYPE_NONE ? wire_read(body, field.type)
                                     : read_optional(body, type_plain(body->lowering, field.type), payload);
  }
  if (layout_of(body->lowering, type)->kind == LAYOUT_VALUE) {
    return value_concat(body, values, count);
  }
  IrValue object = object_new(body, type, values);
  return value_of(body, object);
}

static bool is_some(const Lowering *lowering, TypeId type) {
  const Type *at = type_get(&lowering->program->types, type);
  return at->kind == KIND_NOMINAL && at->symbol == lowering->program->declarations.some_object;
}

static TypeId union_member(const Lowering *lowering, TypeId type, uint32_t index) {
  const TypeTable *types = &lowering->program->types;
  return type_plain(lowering, types->ids.items[type_get(types, type)->first + index]);
}

static void write_member(Body *body, Value value, TypeId type, uint32_t index) {
  Lowering *lowering = body->lowering;
  TypeId one = union_member(lowering, type, index);
  write_i32(body, ir_i32(&body->ir, (int32_t)index));
  if (layout_of(lowering, type)->kind == LAYOUT_OPTIONAL) { // no object for the wrapper
    if (is_some(lowering, one)) {
      wire_write(body, optional_payload(body, value, type), layout_of(lowering, type)->payload);
    }
    return;
  }
  write_fields(body, convert(body, value, type, one), one);
}

static void write_union(Body *body, Value value, TypeId type) {
  IrBuilder *ir = &body->ir;
  uint32_t count = type_get(&body->program->types, type)->count;
  IrBlockId done = ir_block_new(ir);
  for (uint32_t i = 0; i < count; i++) {
    IrBlockId next = 0;
    if (i + 1 < count) {
      IrBlockId hit = ir_block_new(ir);
      next = ir_block_new(ir);
      ir_br_if(ir, class_test(body, value, type, union_member(body->lowering, type, i)), hit, next);
      ir_seal(ir, hit);
      ir_seal(ir, next);
      ir_enter(ir, hit);
    }
    write_member(body, value, type, i);
    ir_br(ir, done);
    if (next != 0) {
      ir_enter(ir, next);
    }
  }
  ir_seal(ir, done);
  ir_enter(ir, done);
}

static Value read_member(Body *body, TypeId type, uint32_t index) {
  Lowering *lowering = body->lowering;
  TypeId one = union_member(lowering, type, index);
  if (layout_of(lowering, type)->kind != LAYOUT_OPTIONAL) {
    return convert(body, read_fields(body, one), one, type);
  }
  return is_some(lowering, one)
             ? optional_some(body, wire_read(body, layout_of(lowering, type)->payload), type)
             : optional_none(body, type);
}

static Value read_union(Body *body, TypeId type) {
  IrBuilder *ir = &body->ir;
  uint32_t count = type_get(&body->program->types, type)->count;
  IrValue tag = read_i32(body);
  Merge merge = merge_new(body, type);
  for (uint32_t i = 0; i < count; i++) {
    IrBlockId next = 0;
    if (i + 1 < count) {
      IrBlockId hit = ir_block_new(ir);
      next = ir_block_new(ir);
      ir_br_if(ir, ir_binary(ir, IR_I32_EQ, tag, ir_i32(ir, (int32_t)i)), hit, next);
      ir_seal(ir, hit);
      ir_seal(ir, next);
      ir_enter(ir, hit);
    }
    Value value = read_member(body, type, i);
    ir_br_args(ir, merge.block, value.lanes, value.count);
    if (next != 0) {
      ir_enter(ir, next);
    }
  }
  return merge_end(body, &merge);
}

// --------------------------------------------------------------------------------------------------- codecs

static IrFunctionId codec_of(Lowering *lowering, TypeId type, bool reads) {
  for (uint32_t i = 0; i < lowering->codecs.count; i++) {
    const Codec *codec = &lowering->codecs.items[i];
    if (codec->type == type && codec->reads == reads) {
      return codec->function;
    }
  }
  const Layout *layout = layout_of(lowering, type);
  uint32_t count = layout->lane_count;
  IrHeapId signature =
      ir_function_type(lowering->module, layout->lanes, reads ? 0 : count, layout->lanes, reads ? count : 0);
  IrFunctionId function =
      ir_function_new(lowering->module, type_name(lowering, type), signature, (IrOrigin){0, 0});
  VECTOR_PUSH(&lowering->arena, &lowering->codecs, (Codec){type, reads, function});
  return function;
}

void wire_write(Body *body, Value value, TypeId type) {
  type = type_plain(body->lowering, type);
  if (type_kind(&body->program->types, type) != KIND_PRIMITIVE) {
    (void)ir_call(&body->ir, codec_of(body->lowering, type, false), value.lanes, value.count);
  } else if (type != TYPE_VOID) {
    ScalarWire wire = scalar_wire(type);
    ir_store(&body->ir, wire.store, advance_by(body, wire.size), 0, value.lanes[0]);
  }
}

Value wire_read(Body *body, TypeId type) {
  type = type_plain(body->lowering, type);
  if (type_kind(&body->program->types, type) != KIND_PRIMITIVE) {
    IrValue first = ir_call(&body->ir, codec_of(body->lowering, type, true), NULL, 0);
    return value_run(body, first, layout_of(body->lowering, type)->lane_count);
  }
  if (type == TYPE_VOID) {
    return (Value){NULL, 0};
  }
  ScalarWire wire = scalar_wire(type);
  return value_of(body, ir_load(&body->ir, wire.load, advance_by(body, wire.size), 0));
}

// A recursive type counts how deep its writers stand: what is deeper than the limit, or holds itself, is
// refused. The host knows by the count that this is why the call trapped.
static IrValue depth_begin(Body *body) {
  Lowering *lowering = body->lowering;
  IrBuilder *ir = &body->ir;
  if (lowering->wire_depth == 0) {
    lowering->wire_depth = exported_global(lowering, STR("voyd.wire.depth"));
  }
  IrValue before = ir_global_get(ir, lowering->wire_depth);
  IrValue depth = ir_binary(ir, IR_I32_ADD, before, ir_i32(ir, 1));
  ir_global_set(ir, lowering->wire_depth, depth);
  IrBlockId fail = ir_block_new(ir), go = ir_block_new(ir);
  ir_br_if(ir, ir_binary(ir, IR_I32_GT_U, depth, ir_i32(ir, WIRE_DEPTH)), fail, go);
  ir_seal(ir, fail);
  ir_enter(ir, fail);
  ir_trap(ir);
  ir_seal(ir, go);
  ir_enter(ir, go);
  return before;
}

static Value read_whole(Body *body, TypeId type) {
  const Lowering *lowering = body->lowering;
  if (boundary_is_string(lowering, type) || boundary_is_bytes(lowering, type)) {
    return read_bytes(body, type);
  }
  if (boundary_is_array(lowering, type)) {
    return read_array(body, type);
  }
  if (type_kind(&lowering->program->types, type) == KIND_UNION) {
    return read_union(body, type);
  }
  if (boundary_is_variant(lowering, type)) {
    (void)read_i32(body); // the only one of its schema
  }
  return read_fields(body, type);
}

static void write_whole(Body *body, Value value, TypeId type) {
  const Lowering *lowering = body->lowering;
  if (boundary_is_string(lowering, type) || boundary_is_bytes(lowering, type)) {
    write_bytes(body, value, type);
  } else if (boundary_is_array(lowering, type)) {
    write_array(body, value, type);
  } else if (type_kind(&lowering->program->types, type) == KIND_UNION) {
    write_union(body, value, type);
  } else {
    if (boundary_is_variant(lowering, type)) {
      write_i32(body, ir_i32(&body->ir, 0));
    }
    write_fields(body, value, type);
  }
}

void codec_build(Lowering *lowering, uint32_t index) {
  Codec codec = lowering->codecs.items[index];
  Body body = {.lowering = lowering, .program = lowering->program};
  ir_build(&body.ir, lowering->module, codec.function);
  Value value = {NULL, 0};
  if (codec.reads) {
    value = read_whole(&body, codec.type);
  } else {
    uint32_t count = layout_of(lowering, codec.type)->lane_count;
    IrValue *lanes = ARENA_ARRAY(&lowering->scratch, IrValue, count + 1);
    for (uint32_t i = 0; i < count; i++) {
      lanes[i] = ir_param(&body.ir, i);
    }
    bool recursive = boundary_is_recursive(lowering, codec.type);
    IrValue depth = recursive ? depth_begin(&body) : 0;
    write_whole(&body, (Value){lanes, count}, codec.type);
    if (recursive) {
      ir_global_set(&body.ir, lowering->wire_depth, depth);
    }
  }
  ir_return(&body.ir, value.lanes, value.count);
  ir_build_end(&body.ir);
}
