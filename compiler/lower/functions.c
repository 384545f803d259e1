// Owns functions: their signatures, entries and parameters.
//
// Signature of an instance: the lanes of the parameters; the lanes of the result, then those of each `~`
// parameter that comes back (facts.c), in parameter order. A call that omits defaulted parameters has an
// entry of its own, which takes the other arguments, evaluates the defaults (05 §5.8.5) and calls the full
// entry.
#include "lower/lowering.h"

#include "base/failure.h"
#include "base/limits.h"

static uint32_t parameter_count(const Program *program, const Instance *instance) {
  return instance->function ? ast_function(program->ast, instance->function)->parameters.count : 0;
}

static LocalId parameter_local(const Program *program, const Instance *instance, uint32_t index) {
  AstRange parameters = ast_function(program->ast, instance->function)->parameters;
  return program->names->parameter_locals.items[parameters.first + index];
}

void types_push(Lowering *lowering, Types *types, TypeId type) {
  const Layout *layout = layout_of(lowering, type);
  for (uint32_t i = 0; i < layout->lane_count; i++) {
    VECTOR_PUSH(&lowering->scratch, types, layout->lanes[i]);
  }
}

void values_push(Body *body, Values *values, Value value) {
  for (uint32_t i = 0; i < value.count; i++) {
    VECTOR_PUSH(&body->lowering->scratch, values, value.lanes[i]);
  }
}

static bool same_omissions(const bool *first, const bool *second, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if ((first && first[i]) != (second && second[i])) {
      return false;
    }
  }
  return true;
}

IrFunctionId function_entry(Lowering *lowering, InstanceId id, const bool *omitted, bool drops_outs) {
  const Program *program = lowering->program;
  const Instance *instance = program_instance(program, id);
  uint32_t count = parameter_count(program, instance);
  for (uint32_t i = lowering->instance_entries[id]; i != 0; i = lowering->entries.items[i].next) {
    const Entry *entry = &lowering->entries.items[i];
    if (entry->drops_outs == drops_outs && same_omissions(entry->omitted, omitted, count)) {
      return entry->function;
    }
  }
  Types params = {0}, results = {0};
  types_push(lowering, &results, instance->result);
  for (uint32_t i = 0; i < count; i++) {
    if (omitted && omitted[i]) {
      continue;
    }
    types_push(lowering, &params, instance->parameter_types[i]);
    if (!drops_outs && facts_written(lowering, id, i)) {
      types_push(lowering, &results, instance->parameter_types[i]);
    }
  }
  const AstFunction *declared = ast_function(program->ast, instance->function);
  if (params.count > LIMIT_ENGINE_PARAMETERS || results.count > LIMIT_ENGINE_PARAMETERS) {
    lower_reject(lowering, declared->name_span, "more parameters than the engine allows");
    params.count = results.count = 0;
  }
  bool *copy = NULL;
  if (omitted) {
    copy = ARENA_ARRAY(&lowering->arena, bool, count);
    memcpy(copy, omitted, sizeof(bool) * count);
  }
  IrHeapId type =
      ir_function_type(lowering->module, params.items, params.count, results.items, results.count);
  IrFunctionId function =
      ir_function_new(lowering->module, declared->name, type, (IrOrigin){declared->span.start, id});
  Entry entry = {id, copy, drops_outs, function, lowering->instance_entries[id]};
  VECTOR_PUSH(&lowering->arena, &lowering->entries, entry);
  lowering->instance_entries[id] = lowering->entries.count - 1;
  return function;
}

void body_start(Body *body, Lowering *lowering, InstanceId id, IrFunctionId function) {
  const Instance *instance = program_instance(lowering->program, id);
  *body = (Body){.lowering = lowering,
                 .program = lowering->program,
                 .instance_id = id,
                 .instance = instance,
                 .result = instance->result};
  body->variables = ARENA_ARRAY(&lowering->scratch, Variable, instance->end_local - instance->first_local);
  body->aliases = place_aliases(lowering->program, instance, &lowering->scratch);
  ir_build(&body->ir, lowering->module, function);
}

void body_end(Body *body) {
  ir_build_end(&body->ir);
}

// Parameters that come back, and the variables of all of them.
static void bind_parameters(Body *body, const Entry *entry) {
  const Instance *instance = body->instance;
  uint32_t count = parameter_count(body->program, instance), next = 0;
  LocalId *outs = ARENA_ARRAY(&body->lowering->scratch, LocalId, count);
  for (uint32_t i = 0; i < count; i++) {
    LocalId local = parameter_local(body->program, instance, i);
    if (facts_written(body->lowering, body->instance_id, i)) {
      outs[body->out_count++] = local;
    }
    if (entry->omitted && entry->omitted[i]) {
      continue;
    }
    uint32_t lanes = layout_of(body->lowering, instance->parameter_types[i])->lane_count;
    IrValue *given = ARENA_ARRAY(&body->lowering->scratch, IrValue, lanes + 1);
    for (uint32_t k = 0; k < lanes; k++) {
      given[k] = ir_param(&body->ir, next++);
    }
    variable_declare(body, local, instance->parameter_types[i]);
    variable_init(body, local, (Value){given, lanes});
  }
  body->outs = outs;
}

void lower_return(Body *body, Value value) {
  if (body->clause) {
    value.count = layout_of(body->lowering, body->result)->lane_count == 0 ? 0 : value.count;
    effects_abandon(body, true, value);
    return;
  }
  effects_leave(body, NULL);
  if (body->signature) {
    closure_return(body, value);
    return;
  }
  Values lanes = {0};
  if (layout_of(body->lowering, body->result)->lane_count > 0) {
    values_push(body, &lanes, value);
  }
  for (uint32_t i = 0; i < body->out_count; i++) {
    values_push(body, &lanes, variable_read(body, body->outs[i]));
  }
  ir_return(&body->ir, lanes.items, lanes.count);
}

// Passes on to the full entry; hands back what this entry's own signature has.
static void build_forwarding(Body *body, const Entry *entry) {
  Lowering *lowering = body->lowering;
  const Instance *instance = body->instance;
  const AstFunction *declared = ast_function(body->program->ast, instance->function);
  uint32_t count = declared->parameters.count;
  Values arguments = {0};
  for (uint32_t i = 0; i < count; i++) {
    LocalId local = parameter_local(body->program, instance, i);
    if (entry->omitted && entry->omitted[i]) {
      NodeId value = body->program->ast->parameters.items[declared->parameters.first + i].default_value;
      Value lanes = lower_value(body, value);
      variable_declare(body, local, instance->parameter_types[i]);
      variable_init(body, local, lanes);
    }
  }
  for (uint32_t i = 0; i < count; i++) {
    values_push(body, &arguments, variable_read(body, parameter_local(body->program, instance, i)));
  }
  IrFunctionId full = function_entry(lowering, body->instance_id, NULL, false);
  uint32_t kept = ir_heap(lowering->module, ir_built(&body->ir)->type)->result_count;
  uint32_t given = ir_heap(lowering->module, ir_function(lowering->module, full)->type)->result_count;
  if (kept == given) {
    ir_tail_call(&body->ir, full, arguments.items, arguments.count);
    return;
  }
  IrValue next = ir_call(&body->ir, full, arguments.items, arguments.count);
  effects_after_call(body);
  Values results = {0};
  values_push(body, &results, value_run(body, next, layout_of(lowering, instance->result)->lane_count));
  next += results.count;
  for (uint32_t i = 0; i < count; i++) {
    if (facts_written(lowering, body->instance_id, i)) {
      Value out = value_run(body, next, layout_of(lowering, instance->parameter_types[i])->lane_count);
      next += out.count;
      if (!entry->drops_outs && !entry->omitted[i]) {
        values_push(body, &results, out);
      }
    }
  }
  ir_return(&body->ir, results.items, results.count);
}

void function_build(Lowering *lowering, uint32_t index) {
  Entry entry = lowering->entries.items[index];
  Body body;
  body_start(&body, lowering, entry.instance, entry.function);
  bind_parameters(&body, &entry);
  if (entry.omitted || entry.drops_outs) {
    build_forwarding(&body, &entry);
  } else {
    lower_tail(&body, ast_function(lowering->program->ast, body.instance->function)->body);
  }
  body_end(&body);
}
