// The macro-time evaluator and templates (spec 02 §7, §8).
//
// Code is the forms of a macro's body, values are forms too, or lambdas. Names are looked up by text only.
// After a failure everything returns at once with whatever it has; `failed` says that it is worth nothing.
#include "graph/expand.h"
#include "syntax/operators.h"

static const Value NOTHING = {0};

static Value value_of(FormId form) {
  return (Value){.form = form};
}

static const Form *code_form(const Expander *x, FormId id) {
  return form_get(x->forms, id);
}

static Value evaluate(Expander *x, Frame *frame, Scope *scope, FormId code);

// --- scopes

static Scope *new_scope(Expander *x, Scope *outer) {
  Scope *scope = ARENA_NEW(&x->work, Scope);
  scope->outer = outer;
  return scope;
}

static void define(Expander *x, Scope *scope, Name name, Value value) {
  VECTOR_PUSH(&x->work, &scope->variables, (Variable){name, value});
}

static const Value *find_variable(Expander *x, const Frame *frame, const Scope *scope, Name name) {
  for (; scope; scope = scope->outer) {
    for (uint32_t i = scope->variables.count; i-- > 0;) {
      if (scope->variables.items[i].name == name) {
        return &scope->variables.items[i].value;
      }
    }
  }
  return macros_variable(x, frame->module, name);
}

// --- nodes of the macro's own

FormId macro_nop(Expander *x, Frame *frame) {
  return macro_atom(x, frame, FORM_IDENTIFIER, NAME_NOP, 0);
}

FormId macro_boolean(Expander *x, Frame *frame, bool value) {
  if (frame->booleans[value] == 0) {
    frame->booleans[value] = form_atom(x->forms, FORM_BOOL, value, 0, frame->span);
  }
  return frame->booleans[value];
}

FormId macro_atom(Expander *x, Frame *frame, FormKind kind, uint32_t value, uint8_t flags) {
  Word *known = expand_word(x, value);
  if (known->frame != frame->number || known->atom_kind != kind || known->atom_flags != flags) {
    uint32_t context = kind == FORM_IDENTIFIER ? hygiene_template(x, frame) : 0;
    known->frame = frame->number;
    known->atom = kind == FORM_IDENTIFIER ? form_identifier(x->forms, value, context, flags, frame->span)
                                          : form_atom(x->forms, kind, value, flags, frame->span);
    known->atom_kind = (uint8_t)kind;
    known->atom_flags = flags;
  }
  return known->atom;
}

// An atom of the body as a node of the result: marked, at the place of the invocation.
static inline FormId own_atom(Expander *x, Frame *frame, FormId id, const Form *form) {
  if (form->flags & FORM_FLAG_RESERVED) {
    return id;
  }
  if (form_context(form) != 0) { // the body was made by a macro
    return form_identifier(x->forms, form->value, form_context(form), form->flags, frame->span);
  }
  return form->kind == FORM_BOOL ? macro_boolean(x, frame, form->value)
                                 : macro_atom(x, frame, form->kind, form->value, form->flags);
}

// --- templates (§8)

static void look_for_signs(Expander *x, Word *word, Name name) {
  Str text = context_name(x->graph->context, name);
  while (word->signs < 2 && text.length > 0 && text.ptr[0] == '$') {
    text = (Str){text.ptr + 1, text.length - 1};
    word->signs++;
  }
  word->looked_at = true;
  word->spliced = word->signs > 0 ? names_intern(&x->graph->context->names, text) : NAME_EMPTY;
}

// What an identifier splices: `$name`, `$$name`, or in a call `$` and `$$` alone. NULL if it is none.
static inline const Word *splice_word(Expander *x, const Form *form) {
  if (form->kind != FORM_IDENTIFIER || (form->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED))) {
    return NULL;
  }
  Word *word = expand_word(x, form->value);
  if (!word->looked_at) {
    look_for_signs(x, word, form->value);
  }
  return word->signs > 0 ? word : NULL;
}

static FormId syntax_of(Expander *x, Value value, const char *where) {
  if (value.lambda && !x->failed) {
    expand_fail(x, "expected expression %s, received macro lambda", where);
  }
  return value.form;
}

// The value of an identifier `$name`: of a variable, or the name itself.
static FormId spliced_name(Expander *x, Frame *frame, Scope *scope, const Form *form, Name name) {
  const Value *variable = find_variable(x, frame, scope, name);
  if (variable) {
    return syntax_of(x, *variable, "in a splice");
  }
  uint32_t context = form_context(form) != 0 ? form_context(form) : hygiene_template(x, frame);
  return form_identifier(x->forms, name, context, 0, frame->span);
}

static void push(Expander *x, FormId id) {
  VECTOR_PUSH(x->arena, &x->ids, id);
}

static void push_spliced(Expander *x, FormId value, bool elements) {
  const Form *list = code_form(x, value);
  if (!elements || list->kind != FORM_LIST) {
    push(x, value);
    return;
  }
  for (uint32_t i = 0; i < form_count(list) && !x->failed; i++) {
    push(x, form_element(list, i));
  }
}

static void instantiate(Expander *x, Frame *frame, Scope *scope, FormId id);

static void instantiate_list(Expander *x, Frame *frame, Scope *scope, const Form *form) {
  if (form_count(form) == 2) { // $(code)
    const Word *word = splice_word(x, code_form(x, form_element(form, 0)));
    if (word && word->spliced == NAME_EMPTY) {
      bool elements = word->signs == 2;
      FormId value = syntax_of(x, evaluate(x, frame, scope, form_element(form, 1)), "in a splice");
      push_spliced(x, value, elements);
      return;
    }
  }
  if (!expand_enter(x)) {
    return;
  }
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < form_count(form) && !x->failed; i++) {
    instantiate(x, frame, scope, form_element(form, i));
  }
  if (!x->failed) {
    FormId made = expand_list(x, x->ids.items + first, x->ids.count - first, form->flags, frame->span);
    x->ids.count = first;
    push(x, made);
  }
  expand_leave(x);
}

// Pushes what a template node becomes: one form, or the elements of a spliced list.
static void instantiate(Expander *x, Frame *frame, Scope *scope, FormId id) {
  if (!expand_step(x)) {
    return;
  }
  const Form *form = code_form(x, id);
  if (form->kind == FORM_LIST) {
    instantiate_list(x, frame, scope, form);
    return;
  }
  const Word *word = splice_word(x, form);
  if (word && word->spliced != NAME_EMPTY) {
    bool elements = word->signs == 2;
    push_spliced(x, spliced_name(x, frame, scope, form, word->spliced), elements);
  } else {
    push(x, own_atom(x, frame, id, form));
  }
}

// (` content…): one content form is that form, several are the list of them.
static Value evaluate_template(Expander *x, Frame *frame, Scope *scope, const Form *form) {
  uint32_t first = x->ids.count;
  for (uint32_t i = 1; i < form_count(form) && !x->failed; i++) {
    instantiate(x, frame, scope, form_element(form, i));
  }
  FormId result = 0;
  if (!x->failed) {
    result = form_count(form) == 2 && x->ids.count == first + 1
                 ? x->ids.items[first]
                 : expand_list(x, x->ids.items + first, x->ids.count - first, 0, frame->span);
  }
  x->ids.count = first;
  return value_of(result);
}

// --- special forms (§7.3)

static Value evaluate_if(Expander *x, Frame *frame, Scope *scope, const Form *form) {
  const FormId *parts = form_elements(form);
  FormId pending = 0; // a condition that waits for its `then:`
  for (uint32_t i = 1; i < form_count(form) && !x->failed; i++) {
    const Form *clause = code_form(x, parts[i]);
    bool labelled = form_headed(x->forms, clause, NAME_COLON) && form_count(clause) == 3;
    if (!labelled) {
      if (pending == 0) {
        pending = parts[i];
        continue;
      }
      // (if c a b)
      if (i == 2 && value_is_true(x, evaluate(x, frame, scope, pending))) {
        return evaluate(x, frame, scope, parts[i]);
      }
      if (i == 3) {
        return evaluate(x, frame, scope, parts[i]);
      }
      continue;
    }
    FormId label = form_element(clause, 1), value = form_element(clause, 2);
    const Form *word = code_form(x, label);
    if (form_is_word(word, NAME_ELSE)) {
      return evaluate(x, frame, scope, value);
    }
    if (form_is_word(word, NAME_ELIF)) {
      pending = value;
    } else if (form_is_word(word, NAME_THEN) && pending != 0) {
      if (value_is_true(x, evaluate(x, frame, scope, pending))) {
        return evaluate(x, frame, scope, value);
      }
      pending = 0;
    } else if (value_is_true(x, evaluate(x, frame, scope, label))) {
      return evaluate(x, frame, scope, value);
    }
  }
  return value_of(macro_nop(x, frame));
}

static Value evaluate_let(Expander *x, Frame *frame, Scope *scope, const Form *form) {
  const FormId *parts = form_elements(form);
  const Form *binding = form_count(form) == 2 ? code_form(x, parts[1]) : form;
  bool let = form_count(form) == 2 && form_headed(x->forms, binding, NAME_ASSIGN) && form_count(binding) == 3;
  if (!let && form_count(form) != 3) {
    expand_fail(x, "a macro variable is written let name = value");
    return NOTHING;
  }
  const FormId *pair = form_elements(binding);
  const Form *name = code_form(x, pair[1]);
  if (name->kind != FORM_IDENTIFIER) {
    expand_fail(x, "a macro variable is a plain identifier");
    return NOTHING;
  }
  Value value = evaluate(x, frame, scope, pair[2]);
  if (!x->failed) {
    define(x, scope, name->value, value);
  }
  return value_of(macro_nop(x, frame));
}

static Value evaluate_lambda(Expander *x, Frame *frame, Scope *scope, const Form *form) {
  if (form_count(form) != 3) {
    expand_fail(x, "a macro lambda is written (parameters) => value");
    return NOTHING;
  }
  const Form *parameters = code_form(x, form_element(form, 1));
  uint32_t count = parameters->kind == FORM_LIST ? form_count(parameters) : 1, used = 0;
  Name *names = ARENA_ARRAY(&x->work, Name, count);
  for (uint32_t i = 0; i < count; i++) {
    const Form *name = parameters->kind == FORM_LIST ? code_form(x, form_element(parameters, i)) : parameters;
    if (i == 0 && form_is_reserved(name, NAME_TUPLE)) {
      continue;
    }
    if (name->kind != FORM_IDENTIFIER) {
      expand_fail(x, "parameters of a macro lambda are plain identifiers");
      return NOTHING;
    }
    names[used++] = name->value;
  }
  Lambda *lambda = ARENA_NEW(&x->work, Lambda);
  *lambda = (Lambda){names, used, form_element(form, 2), scope, frame};
  return (Value){.lambda = lambda};
}

static Value evaluate_block(Expander *x, Frame *frame, Scope *scope, const Form *form) {
  Scope *inner = new_scope(x, scope);
  Value result = NOTHING;
  for (uint32_t i = 1; i < form_count(form) && !x->failed; i++) {
    result = evaluate(x, frame, inner, form_element(form, i));
  }
  return form_count(form) > 1 ? result : value_of(macro_nop(x, frame));
}

static Value evaluate_logic(Expander *x, Frame *frame, Scope *scope, const Form *form, bool stop_at) {
  bool result = !stop_at;
  for (uint32_t i = 1; i < form_count(form) && !x->failed && result != stop_at; i++) {
    result = value_is_true(x, evaluate(x, frame, scope, form_element(form, i)));
  }
  return value_of(macro_boolean(x, frame, result));
}

static Value assignment(Expander *x, const Frame *frame, const Scope *scope, const Form *form) {
  const Form *target = form_count(form) > 1 ? code_form(x, form_element(form, 1)) : form;
  Str text = target->kind == FORM_IDENTIFIER ? context_name(x->graph->context, target->value) : STR("target");
  bool known = target->kind == FORM_IDENTIFIER && find_variable(x, frame, scope, target->value);
  expand_fail(x, known ? "variable %.*s is not mutable" : "variable %.*s is not defined", STR_ARGS(text));
  return NOTHING;
}

// --- calls

Value macro_call_lambda(Expander *x, Lambda *lambda, const Value *arguments, uint32_t count) {
  if (count < lambda->count) {
    expand_fail(x, "lambda expected %u arguments, received %u", lambda->count, count);
    return NOTHING;
  }
  if (!expand_enter(x)) {
    return NOTHING;
  }
  Scope *scope = new_scope(x, lambda->scope);
  for (uint32_t i = 0; i < lambda->count; i++) {
    define(x, scope, lambda->parameters[i], arguments[i]);
  }
  Value result = evaluate(x, lambda->frame, scope, lambda->body);
  expand_leave(x);
  return result;
}

enum { FEW_ARGUMENTS = 8 };

// The values of elements[0..count), in `few` if they fit.
static Value *evaluate_all(Expander *x, Frame *frame, Scope *scope, const FormId *elements, uint32_t count,
                           Value *few) {
  Value *values = count <= FEW_ARGUMENTS ? few : ARENA_ARRAY(&x->work, Value, count);
  for (uint32_t i = 0; i < count && !x->failed; i++) {
    values[i] = evaluate(x, frame, scope, elements[i]);
  }
  return values;
}

// A labelled argument of a rebuilt list keeps its label.
static FormId rebuilt_element(Expander *x, Frame *frame, Scope *scope, FormId id) {
  const Form *form = code_form(x, id);
  if (!form_headed(x->forms, form, NAME_COLON) || form_count(form) != 3) {
    return syntax_of(x, evaluate(x, frame, scope, id), "in a list");
  }
  const FormId *parts = form_elements(form);
  const Form *label = code_form(x, parts[1]);
  FormId pair[] = {own_atom(x, frame, parts[0], code_form(x, parts[0])),
                   label->kind == FORM_IDENTIFIER
                       ? own_atom(x, frame, parts[1], label)
                       : syntax_of(x, evaluate(x, frame, scope, parts[1]), "as a label"),
                   syntax_of(x, evaluate(x, frame, scope, parts[2]), "in a list")};
  return x->failed ? 0 : expand_list(x, pair, 3, form->flags, frame->span);
}

static Value rebuild(Expander *x, Frame *frame, Scope *scope, const FormId *parts, uint32_t count) {
  uint32_t first = x->ids.count;
  for (uint32_t i = 0; i < count && !x->failed; i++) {
    push(x, rebuilt_element(x, frame, scope, parts[i]));
  }
  FormId result = x->failed ? 0 : expand_list(x, x->ids.items + first, x->ids.count - first, 0, frame->span);
  x->ids.count = first;
  return value_of(result);
}

static Value rebuild_list(Expander *x, Frame *frame, Scope *scope, const Form *form) {
  return rebuild(x, frame, scope, form_elements(form), form_count(form));
}

// Calls a macro at macro time: its arguments are evaluated, its expansion is the value (§7.2.6).
static Value call_macro(Expander *x, Frame *frame, Scope *scope, const FormId *elements, uint32_t count,
                        MacroId macro) {
  uint32_t first = x->ids.count;
  if (macro == MACRO_AMBIGUOUS || x->macros.items[macro].is_attribute) {
    expand_fail(x, macro == MACRO_AMBIGUOUS ? "macro is ambiguous; import with an explicit alias"
                                            : "attribute macro must be invoked with '@'");
    return NOTHING;
  }
  for (uint32_t i = 0; i < count && !x->failed; i++) {
    push(x, rebuilt_element(x, frame, scope, elements[i]));
  }
  FormId *arguments = ARENA_ARRAY(&x->work, FormId, count);
  for (uint32_t i = 0; i < count && !x->failed; i++) {
    arguments[i] = x->ids.items[first + i];
  }
  x->ids.count = first;
  return x->failed ? NOTHING
                   : value_of(macro_invoke(x, macro, arguments, count, frame->span, frame->depth + 1));
}

// parts[0] is a name, the others its arguments.
static Value call_name(Expander *x, Frame *frame, Scope *scope, const FormId *parts, uint32_t size) {
  Name name = code_form(x, parts[0])->value;
  uint32_t count = size - 1;
  const FormId *arguments = parts + 1;
  MacroId macro = macros_find(x, frame->module, name, 0);
  if (macro != 0) {
    return call_macro(x, frame, scope, arguments, count, macro);
  }
  Value few[FEW_ARGUMENTS];
  uint32_t builtin = expand_word(x, name)->builtin;
  if (builtin != 0) {
    bool generic = count > 0 && form_headed_reserved(x->forms, code_form(x, arguments[0]), NAME_GENERICS);
    Value *values = evaluate_all(x, frame, scope, arguments + generic, count - generic, few);
    return x->failed ? NOTHING : builtin_apply(x, frame, builtin, values, count - generic);
  }
  const Value *variable = find_variable(x, frame, scope, name);
  if (variable && variable->lambda) {
    Lambda *lambda = variable->lambda;
    Value *values = evaluate_all(x, frame, scope, arguments, count, few);
    return x->failed ? NOTHING : macro_call_lambda(x, lambda, values, count);
  }
  return rebuild(x, frame, scope, parts, size);
}

static Value evaluate_parts(Expander *x, Frame *frame, Scope *scope, const FormId *parts, uint32_t count);

// `x.m(a…)` is `m(x, a…)`
static Value call_member(Expander *x, Frame *frame, Scope *scope, const FormId *pair) {
  const Form *member = code_form(x, pair[1]);
  if (member->kind == FORM_LIST && form_count(member) == 0) {
    expand_fail(x, "a dot needs a member");
    return NOTHING;
  }
  bool list = member->kind == FORM_LIST;
  const FormId *elements = list ? form_elements(member) : &pair[1];
  uint32_t count = list ? form_count(member) : 1, used = 0;
  FormId few[FEW_ARGUMENTS + 1];
  FormId *parts = count < FEW_ARGUMENTS ? few : ARENA_ARRAY(&x->work, FormId, count + 1);
  parts[used++] = elements[0];
  bool generic = count > 1 && form_headed_reserved(x->forms, code_form(x, elements[1]), NAME_GENERICS);
  if (generic) {
    parts[used++] = elements[1];
  }
  parts[used++] = pair[0];
  for (uint32_t i = 1 + generic; i < count; i++) {
    parts[used++] = elements[i];
  }
  return evaluate_parts(x, frame, scope, parts, used);
}

// A call as its parts, one at least: special forms are lists of their own and come from evaluate_list.
static Value evaluate_parts(Expander *x, Frame *frame, Scope *scope, const FormId *parts, uint32_t count) {
  const Form *head = code_form(x, parts[0]);
  if (head->kind != FORM_IDENTIFIER || (head->flags & FORM_FLAG_RESERVED)) {
    return rebuild(x, frame, scope, parts, count);
  }
  if (head->value == NAME_BACKTICK || head->value == NAME_IF || head->value == NAME_LET ||
      head->value == NAME_AND || head->value == NAME_OR || head->value == NAME_FAT_ARROW ||
      head->value == NAME_SYNTAX_TEMPLATE) {
    return evaluate(x, frame, scope, form_list(x->forms, parts, count, 0, frame->span));
  }
  return call_name(x, frame, scope, parts, count);
}

static Value evaluate_list(Expander *x, Frame *frame, Scope *scope, const Form *form) {
  const Form *head = form_count(form) > 0 ? code_form(x, form_element(form, 0)) : NULL;
  if (!head || head->kind != FORM_IDENTIFIER || (head->flags & FORM_FLAG_RESERVED)) {
    return rebuild_list(x, frame, scope, form);
  }
  const FormId *parts = form_elements(form);
  if (head->flags & FORM_FLAG_QUOTED) {
    return call_name(x, frame, scope, parts, form_count(form));
  }
  switch (head->value) {
  case NAME_DOT:
    return form_count(form) == 3 ? call_member(x, frame, scope, parts + 1)
                                 : rebuild_list(x, frame, scope, form);
  case NAME_BLOCK:
    return evaluate_block(x, frame, scope, form);
  case NAME_LET:
  case NAME_DEFINE:
    return evaluate_let(x, frame, scope, form);
  case NAME_ASSIGN:
    return assignment(x, frame, scope, form);
  case NAME_IF:
    return evaluate_if(x, frame, scope, form);
  case NAME_FAT_ARROW:
    return evaluate_lambda(x, frame, scope, form);
  case NAME_BACKTICK:
  case NAME_SYNTAX_TEMPLATE:
    return evaluate_template(x, frame, scope, form);
  case NAME_AND:
    return evaluate_logic(x, frame, scope, form, false);
  case NAME_OR:
    return evaluate_logic(x, frame, scope, form, true);
  case NAME_COLON:
    return form_count(form) == 3 ? evaluate(x, frame, scope, form_element(form, 2))
                                 : rebuild_list(x, frame, scope, form);
  default:
    return call_name(x, frame, scope, parts, form_count(form));
  }
}

static Value evaluate(Expander *x, Frame *frame, Scope *scope, FormId code) {
  if (x->failed || !expand_step(x) || !expand_enter(x)) {
    return NOTHING;
  }
  const Form *form = code_form(x, code);
  Value result;
  if (form->kind == FORM_LIST) {
    result = evaluate_list(x, frame, scope, form);
  } else {
    const Value *variable = NULL;
    if (form->kind == FORM_IDENTIFIER && (form->flags & FORM_FLAG_RESERVED) == 0) {
      variable = find_variable(x, frame, scope, form->value);
    }
    result = variable ? *variable : value_of(own_atom(x, frame, code, form));
  }
  expand_leave(x);
  return result;
}

Value macro_evaluate(Expander *x, Frame *frame, Scope *scope, FormId code) {
  return evaluate(x, frame, scope, code);
}

// --- invocation (§5.2)

FormId macro_invoke(Expander *x, MacroId id, const FormId *arguments, uint32_t count, Span span,
                    uint32_t depth) {
  Macro macro = x->macros.items[id];
  Str name = context_name(x->graph->context, macro.name);
  if (!expand_step(x)) {
    return 0;
  }
  if (count < macro.parameter_count) {
    expand_fail(x, "macro %.*s expected %u arguments, received %u", STR_ARGS(name), macro.parameter_count,
                count);
    return 0;
  }
  if (depth > LIMIT_MACRO_DEPTH) {
    expand_fail(x, "macro %.*s: invocations are nested more than %d deep", STR_ARGS(name), LIMIT_MACRO_DEPTH);
    return 0;
  }
  if (!expand_enter(x)) {
    return 0;
  }
  if (x->graph->keeps_trace) {
    VECTOR_PUSH(x->arena, &expanded_module(x, x->module)->trace, (TraceEntry){id, depth, span});
  }
  Frame *frame = ARENA_NEW(&x->work, Frame);
  *frame = (Frame){.number = ++x->frames, .module = macro.module, .depth = depth, .span = span};
  Scope *scope = new_scope(x, NULL);
  if (macro.uses_body) {
    define(x, scope, NAME_BODY, value_of(expand_list(x, arguments, count, 0, span)));
  }
  for (uint32_t i = 0; i < macro.parameter_count; i++) {
    define(x, scope, macro.parameters[i], value_of(arguments[i]));
  }
  Value result = NOTHING;
  const Form *body = code_form(x, macro.body);
  bool suite = form_headed(x->forms, body, NAME_BLOCK);
  for (uint32_t i = suite; i < (suite ? form_count(body) : 1) && !x->failed; i++) {
    result = evaluate(x, frame, scope, suite ? form_element(body, i) : macro.body);
  }
  expand_leave(x);
  return syntax_of(x, result, "as the result of a macro");
}
