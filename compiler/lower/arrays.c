// Owns fixed arrays: literals and the intrinsics of 05 Appendix A.2.
//
// An array of elements with one lane is that Wasm array. Elements of several lanes lie in one array per lane,
// in a struct; elements without lanes are a length.
#include "lower/lowering.h"

#include "base/failure.h"
#include "base/limits.h"

typedef struct Array { // the Wasm arrays of one fixed array, loaded
  const ArrayLayout *layout;
  IrValue array;
} Array;

static Array open_array(Body *body, IrValue array, TypeId type) {
  return (Array){layout_array_defined(body->lowering, type_plain(body->lowering, type)), array};
}

static IrValue lane_array(Body *body, const Array *array, uint32_t lane) {
  return array->layout->element.count == 1
             ? array->array
             : ir_struct_get(&body->ir, array->layout->heap, lane, array->array);
}

// Packed bytes are read and written as i32.
static TypeId element_type(const Body *body, TypeId array) {
  TypeId element = type_get(&body->program->types, type_plain(body->lowering, array))->a;
  return element == TYPE_U8 ? TYPE_I32 : element;
}

static Value new_array(Body *body, const ArrayLayout *layout, const IrValue *arrays, IrValue length) {
  if (layout->element.count == 1) {
    return value_of(body, arrays[0]);
  }
  return value_of(body, layout->element.count == 0
                            ? ir_struct_new(&body->ir, layout->heap, &length, 1)
                            : ir_struct_new(&body->ir, layout->heap, arrays, layout->element.count));
}

Value array_of_elements(Body *body, const NodeId *nodes, uint32_t count, TypeId type) {
  Lowering *lowering = body->lowering;
  const ArrayLayout *layout = layout_array_defined(lowering, type_plain(lowering, type));
  TypeId element = element_type(body, type);
  uint32_t width = layout->element.count;
  IrValue *lanes = ARENA_ARRAY(&lowering->scratch, IrValue, (size_t)width * count + 1);
  for (uint32_t i = 0; i < count; i++) {
    Value value = convert(body, lower_value(body, nodes[i]), body_typed(body, nodes[i])->target, element);
    Value stored = slot_value(body, &layout->element, value, element);
    for (uint32_t k = 0; k < stored.count; k++) {
      lanes[k * count + i] = stored.lanes[k]; // one run per lane
    }
  }
  if (ir_is_dead(&body->ir)) {
    return lower_nothing(body, type);
  }
  IrValue *arrays = ARENA_ARRAY(&lowering->scratch, IrValue, width + 1);
  for (uint32_t k = 0; k < width; k++) {
    arrays[k] = ir_array_new_fixed(&body->ir, layout->arrays[k], lanes + (size_t)k * count, count);
  }
  return new_array(body, layout, arrays, ir_i32(&body->ir, (int32_t)count));
}

Value array_made(Body *body, TypeId type, IrValue length) {
  const ArrayLayout *layout = layout_array_defined(body->lowering, type_plain(body->lowering, type));
  IrValue *arrays = ARENA_ARRAY(&body->lowering->scratch, IrValue, layout->element.count + 1);
  for (uint32_t k = 0; k < layout->element.count; k++) {
    arrays[k] = ir_array_new_default(&body->ir, layout->arrays[k], length);
  }
  return new_array(body, layout, arrays, length);
}

static IrValue array_length(Body *body, const Array *array) {
  return array->layout->element.count == 0 ? ir_struct_get(&body->ir, array->layout->heap, 0, array->array)
                                           : ir_array_len(&body->ir, lane_array(body, array, 0));
}

// Elements without lanes still have bounds.
static void check_bounds(Body *body, const Array *array, IrValue index) {
  if (array->layout->element.count > 0) {
    return;
  }
  IrBuilder *ir = &body->ir;
  IrBlockId inside = ir_block_new(ir), outside = ir_block_new(ir);
  ir_br_if(ir, ir_binary(ir, IR_I32_LT_U, index, array_length(body, array)), inside, outside);
  ir_seal(ir, outside);
  ir_enter(ir, outside);
  ir_trap(ir);
  ir_seal(ir, inside);
  ir_enter(ir, inside);
}

static Value array_get(Body *body, const Array *array, IrValue index, TypeId element) {
  uint32_t width = array->layout->element.count;
  check_bounds(body, array, index);
  IrValue *lanes = ARENA_ARRAY(&body->lowering->scratch, IrValue, width + 1);
  for (uint32_t k = 0; k < width; k++) {
    lanes[k] = ir_array_get(&body->ir, array->layout->arrays[k], lane_array(body, array, k), index);
  }
  return slot_content(body, &array->layout->element, (Value){lanes, width}, element);
}

static void array_set(Body *body, const Array *array, IrValue index, Value value, TypeId element) {
  check_bounds(body, array, index);
  Value stored = slot_value(body, &array->layout->element, value, element);
  for (uint32_t k = 0; k < stored.count; k++) {
    ir_array_set(&body->ir, array->layout->arrays[k], lane_array(body, array, k), index, stored.lanes[k]);
  }
}

static void array_copy(Body *body, const Array *to, IrValue to_index, const Array *from, IrValue from_index,
                       IrValue count) {
  ENSURE(to->layout == from->layout);
  for (uint32_t k = 0; k < to->layout->element.count; k++) {
    ir_array_copy(&body->ir, to->layout->arrays[k], from->layout->arrays[k], lane_array(body, to, k),
                  to_index, lane_array(body, from, k), from_index, count);
  }
}

Value array_read(Body *body, Value array, TypeId type, IrValue index) {
  Array opened = open_array(body, array.lanes[0], type);
  return array_get(body, &opened, index, element_type(body, type));
}

void array_write(Body *body, Value array, TypeId type, IrValue index, Value value) {
  Array opened = open_array(body, array.lanes[0], type);
  array_set(body, &opened, index, value, element_type(body, type));
}

// Literals of more bytes than this lie in a data segment, one for the whole program.
enum { SHORT_TEXT = 3 };

static uint32_t text_offset(Lowering *lowering, Name name, Str text) {
  uint32_t known = id_map_get(&lowering->text_index, name);
  if (known == ID_MAP_NONE) {
    known = lowering->texts.count;
    text_add(&lowering->texts, text);
    id_map_put(&lowering->arena, &lowering->text_index, name, known);
  }
  return known;
}

Value array_of_text(Body *body, Name name, TypeId type) {
  Lowering *lowering = body->lowering;
  IrBuilder *ir = &body->ir;
  const ArrayLayout *layout = layout_array_defined(lowering, type_plain(lowering, type));
  Str text = context_name(lowering->context, name);
  if (text.length > SHORT_TEXT) {
    uint32_t offset = text_offset(lowering, name, text);
    if (lowering->text_data == 0) {
      lowering->text_data = ir_data_new(lowering->module, NAME_EMPTY, (Str){NULL, 0}); // filled at the end
    }
    IrValue length = ir_i32(ir, (int32_t)text.length);
    return value_of(
        body, ir_array_new_data(ir, layout->heap, lowering->text_data, ir_i32(ir, (int32_t)offset), length));
  }
  IrValue bytes[SHORT_TEXT];
  for (size_t i = 0; i < text.length; i++) {
    bytes[i] = ir_i32(ir, (uint8_t)text.ptr[i]);
  }
  return value_of(body, ir_array_new_fixed(ir, layout->heap, bytes, (uint32_t)text.length));
}

// `__array_copy(to, { from, to_index, from_index, count })`.
static IrValue copy_option(Body *body, Value options, TypeId type, const char *name) {
  Name field = names_intern(&body->lowering->context->names, str_from(name));
  return value_field(body, options, type, field).lanes[0];
}

// A reference slot that was never written holds null.
static IrValue is_unwritten(Body *body, Value value, TypeId type) {
  const Layout *layout = layout_of(body->lowering, type);
  bool reference = layout->lane_count == 1 && ir_type_is_reference(layout->lanes[0]);
  return reference ? ir_is_null(&body->ir, value.lanes[0]) : ir_i32(&body->ir, 0);
}

Value lower_array_builtin(Body *body, const CallPlan *plan) {
  IrBuilder *ir = &body->ir;
  const ArgumentPlan *arguments = &body->program->arguments.items[plan->first];
  if (plan->target == BUILTIN_FIXED_ARRAY_LITERAL || plan->target == BUILTIN_ARRAY_NEW_FIXED) {
    NodeId *nodes = ARENA_ARRAY(&body->lowering->scratch, NodeId, plan->count);
    for (uint32_t i = 0; i < plan->count; i++) {
      nodes[i] = arguments[i].node;
    }
    return array_of_elements(body, nodes, plan->count, plan->result);
  }
  Value values[5];
  TypeId types[5];
  ENSURE(plan->count <= 5);
  for (uint32_t i = 0; i < plan->count; i++) {
    NodeId node = place_strip(body->program->ast, arguments[i].node);
    values[i] = lower_value(body, node);
    types[i] = body_typed(body, node)->target;
  }
  if (ir_is_dead(ir)) {
    return lower_nothing(body, plan->result);
  }
  if (plan->target == BUILTIN_ARRAY_NEW) {
    return array_made(body, plan->result, values[0].lanes[0]);
  }
  if (plan->target == BUILTIN_REF_IS_NULL) {
    return value_of(body, is_unwritten(body, values[0], types[0]));
  }
  Array array = open_array(body, values[0].lanes[0], types[0]);
  TypeId element = element_type(body, types[0]);
  switch ((Builtin)plan->target) {
  case BUILTIN_ARRAY_GET:
    return array_get(body, &array, values[1].lanes[0], element);
  case BUILTIN_ARRAY_SET:
    array_set(body, &array, values[1].lanes[0], convert(body, values[2], types[2], element), element);
    return values[0];
  case BUILTIN_ARRAY_LEN:
    return value_of(body, array_length(body, &array));
  case BUILTIN_ARRAY_COPY: {
    bool record = plan->count == 2;
    Name from_name = names_intern(&body->lowering->context->names, STR("from"));
    Value source = record ? value_field(body, values[1], types[1], from_name) : values[2];
    TypeId source_type = record ? type_field(body->lowering, types[1], from_name) : types[2];
    Array from = open_array(body, source.lanes[0], source_type);
    IrValue to_index = record ? copy_option(body, values[1], types[1], "to_index") : values[1].lanes[0];
    IrValue from_index = record ? copy_option(body, values[1], types[1], "from_index") : values[3].lanes[0];
    IrValue count = record ? copy_option(body, values[1], types[1], "count") : values[4].lanes[0];
    array_copy(body, &array, to_index, &from, from_index, count);
    return values[0];
  }
  default:
    UNREACHABLE("an array built-in that lowering does not know");
  }
}
