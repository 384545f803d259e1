// Functions, operations, tests, lambdas and handler clauses: signatures, parameters, type parameters (spec 01
// §11.7, §11.8, §14.1, §14.5, §15).
#include "ast/builder.h"

typedef VECTOR(AstParameter) Parameters;

FormId take_generics(const AstBuilder *b, const FormId *elements, uint32_t count, uint32_t *from) {
  if (*from < count) {
    FormView view = form_view(b, elements[*from]);
    if (view_reserved(b, &view, NAME_GENERICS)) {
      return elements[(*from)++];
    }
  }
  return 0;
}

AstRange build_type_parameters(AstBuilder *b, FormId generics) {
  AstTable *table = b->table;
  if (generics == 0) {
    return (AstRange){table->type_parameters.count, 0};
  }
  FormView view = form_view(b, generics);
  uint32_t count = view.count - 1;
  if (count == 0) {
    ast_error(b, span_of(b, generics), "type parameters are missing between `<` and `>`");
  }
  AstTypeParameter *parameters = ARENA_ARRAY(&b->scratch, AstTypeParameter, count);
  for (uint32_t i = 0; i < count; i++) {
    FormId entry = view.elements[i + 1];
    FormId name = entry;
    Annotation annotation;
    parameters[i].span = span_of(b, entry);
    if (read_annotation(b, entry, &annotation) && !annotation.optional) {
      name = annotation.target;
      parameters[i].constraint = build_annotation_type(b, &annotation);
    }
    if (!form_names(b, name)) {
      ast_error(b, span_of(b, entry), "type parameters must be identifiers or constrained identifiers");
      continue;
    }
    parameters[i].name = form_of(b, name)->value;
    parameters[i].context = form_context(form_of(b, name));
  }
  AstRange range = {table->type_parameters.count, count};
  for (uint32_t i = 0; i < count; i++) {
    VECTOR_PUSH(&table->arena, &table->type_parameters, parameters[i]);
  }
  return range;
}

static AstRange store_parameters(AstBuilder *b, const Parameters *parameters) {
  AstTable *table = b->table;
  AstRange range = {table->parameters.count, parameters->count};
  for (uint32_t i = 0; i < parameters->count; i++) {
    VECTOR_PUSH(&table->arena, &table->parameters, parameters->items[i]);
  }
  return range;
}

FunctionId function_begin(AstBuilder *b, FunctionKind kind, Span span) {
  AstTable *table = b->table;
  VECTOR_PUSH(&table->arena, &table->functions,
              (AstFunction){.kind = kind,
                            .module = b->module,
                            .outer = kind == FUNCTION_LAMBDA || kind == FUNCTION_CLAUSE ? b->function : 0,
                            .first_node = table->nodes.count,
                            .span = span,
                            .name_span = span});
  b->function = table->functions.count - 1;
  return b->function;
}

void function_end(AstBuilder *b, FunctionId function, FunctionId outer) {
  ast_function(b->table, function)->end_node = b->table->nodes.count;
  b->function = outer;
}

// What a parameter list stands in, for what it allows.
typedef enum { LIST_FUNCTION, LIST_GROUP, LIST_TRAIT, LIST_OPERATION, LIST_LAMBDA } ListKind;

// The name under `~`; false if the form is none.
static bool read_parameter_name(AstBuilder *b, FormId target, AstParameter *out) {
  FormView view = form_view(b, target);
  if (view_headed(b, &view, NAME_TILDE) && view.count == 2) {
    out->is_mutable = true;
    target = view.elements[1];
  }
  if (!form_names(b, target)) {
    return false;
  }
  const Form *name = form_of(b, target);
  out->name = name->value;
  out->context = form_context(name);
  out->name_span = form_span(name);
  return true;
}

static void build_default(AstBuilder *b, FormId form, ListKind kind, AstParameter *out) {
  if (out->is_optional) {
    ast_error(b, out->span, "default parameters cannot use '?'");
  }
  if (kind == LIST_TRAIT) {
    ast_error(b, span_of(b, form), "trait methods do not support default parameters");
  } else if (kind == LIST_OPERATION) {
    ast_error(b, out->span, "operation parameters do not support default values");
  }
  out->default_value = build_expression(b, form);
}

// `a`, `a: T`, `a?: T`, `~a`, `a = d`, and in a group `l a: T` (01 §14.1).
static void build_parameter(AstBuilder *b, FormId form, ListKind kind, bool in_group, Parameters *out) {
  AstParameter parameter = {.span = span_of(b, form)};
  FormView view = form_view(b, form);
  FormId default_form = 0;
  FormId target = form;
  if (view_headed(b, &view, NAME_ASSIGN)) {
    if (view.count != 3) {
      ast_error(b, parameter.span, "default parameter is missing a target or value");
      return;
    }
    target = view.elements[1];
    default_form = view.elements[2];
    view = form_view(b, target);
  }
  FormId label = 0;
  if (in_group && view.count == 2 && form_names(b, view.elements[0])) { // `l a: T`
    label = view.elements[0];
    target = view.elements[1];
    view = form_view(b, target);
    if (view_headed(b, &view, NAME_ASSIGN) && view.count == 3 && default_form == 0) {
      target = view.elements[1];
      default_form = view.elements[2];
    }
  }
  Annotation annotation;
  bool annotated = read_annotation(b, target, &annotation);
  if (annotated) {
    parameter.is_optional = annotation.optional;
  }
  FormId name = annotated ? annotation.target : target;
  if (!read_parameter_name(b, name, &parameter)) {
    const Form *atom = form_of(b, name);
    FormView tick = form_view(b, name);
    if (view_headed(b, &tick, NAME_BACKTICK) || form_word(b, name, NAME_BACKTICK)) {
      ast_error(b, parameter.span, "backticks are not valid in parameter lists");
    } else if (annotated || atom->kind != FORM_LIST) {
      ast_error(b, parameter.span, "parameter name must be an identifier");
    } else {
      ast_error(b, parameter.span, "unsupported parameter form; expected `name: Type`");
    }
    return;
  }
  if (in_group) {
    parameter.label = label != 0 ? form_of(b, label)->value : parameter.name;
    parameter.label_span = label != 0 ? span_of(b, label) : parameter.name_span;
  }
  parameter.type = annotated ? build_annotation_type(b, &annotation) : 0;
  if (default_form != 0) {
    build_default(b, default_form, kind, &parameter);
  }
  VECTOR_PUSH(&b->scratch, out, parameter);
}

static void build_parameters(AstBuilder *b, const FormId *entries, uint32_t count, ListKind kind,
                             Parameters *out) {
  for (uint32_t i = 0; i < count; i++) {
    FormView view = form_view(b, entries[i]);
    if (!view_reserved(b, &view, NAME_OBJECT_LITERAL)) {
      build_parameter(b, entries[i], kind, false, out);
      continue;
    }
    for (uint32_t k = 1; k < view.count; k++) {
      FormView entry = form_view(b, view.elements[k]);
      if (view_reserved(b, &entry, NAME_OBJECT_LITERAL)) {
        ast_error(b, form_span(entry.form), "labeled parameter entry cannot contain nested groups");
      } else {
        build_parameter(b, view.elements[k], kind, true, out);
      }
    }
  }
}

// Splits `(f p…)`, `(-> (f p…) R)`, `(: (f p…) (-> E R))`, under `=` with a body.
static bool read_signature(AstBuilder *b, const FormId *elements, uint32_t count, Span span,
                           bool body_required, Signature *out) {
  if (count == 0) {
    ast_error(b, span, "fn missing signature");
    return false;
  }
  FormView view = form_view(b, elements[0]);
  FormId signature = elements[0];
  if (view_headed(b, &view, NAME_ASSIGN) && view.count == 3) {
    signature = view.elements[1];
    out->body = view.elements[2];
    view = form_view(b, signature);
    if (count > 1) {
      ast_error(b, span_of(b, elements[1]), "fn has unexpected parts after its body");
      return false;
    }
  } else if (count > 1) {
    out->body = elements[1];
    if (count > 2) {
      ast_error(b, span_of(b, elements[2]), "fn has unexpected parts after its body");
      return false;
    }
  }
  if (view_headed(b, &view, NAME_COLON) && view.count == 3) {
    FormView arrow = form_view(b, view.elements[2]);
    if (!view_headed(b, &arrow, NAME_ARROW) || arrow.count != 3) {
      ast_error(b, span_of(b, view.elements[2]),
                "an effect row needs a result type, as in `: Effect -> Type`");
      return false;
    }
    out->row = arrow.elements[1];
    out->result = arrow.elements[2];
    signature = view.elements[1];
  } else if (view_headed(b, &view, NAME_ARROW) && view.count == 3) {
    out->result = view.elements[2];
    signature = view.elements[1];
  }
  view = form_view(b, signature);
  if (view.form->kind != FORM_LIST) {
    Str name = view.form->kind == FORM_IDENTIFIER ? context_name(b->context, view.form->value) : STR("f");
    ast_error(b, form_span(view.form),
              "fn signature must be a form; a function needs a parameter list, as in `%.*s()`",
              STR_ARGS(name));
    return false;
  }
  if (view.count == 0) {
    ast_error(b, form_span(view.form), "fn missing name");
    return false;
  }
  if (!form_names(b, view.elements[0])) {
    ast_error(b, span_of(b, view.elements[0]), "fn name must be an identifier");
    return false;
  }
  uint32_t next = 1;
  out->name = view.elements[0];
  out->generics = take_generics(b, view.elements, view.count, &next);
  out->entries = view.elements + next;
  out->entry_count = view.count - next;
  if (out->generics != 0 && next == view.count && form_span(view.form).end == span_of(b, out->generics).end) {
    // `fn f<T>` without parentheses: the list ends with its generics
    ast_error(b, span_of(b, out->name), "fn signature must be a form; a function needs a parameter list");
    return false;
  }
  if (body_required && out->body == 0) {
    ast_error(b, span, "fn missing body expression");
    return false;
  }
  return true;
}

static void set_name(AstBuilder *b, FunctionId function, FormId name) {
  const Form *form = form_of(b, name);
  AstFunction *f = ast_function(b->table, function);
  f->name = form->value;
  f->context = form_context(form);
  f->name_quoted = (form->flags & FORM_FLAG_QUOTED) != 0;
  f->name_span = form_span(form);
}

// `-> ~p` (01 §14.1.6): the result is the place of a `~` parameter and has its type.
static void build_same_place(AstBuilder *b, FunctionId function, FormId result,
                             const Parameters *parameters) {
  FormView view = form_view(b, result);
  if (view.count != 2 || !form_names(b, view.elements[1])) {
    ast_error(b, form_span(view.form), "same-place return must name one mutable-reference parameter");
    return;
  }
  const Form *name = form_of(b, view.elements[1]);
  Str text = context_name(b->context, name->value);
  for (uint32_t i = 0; i < parameters->count; i++) {
    const AstParameter *parameter = &parameters->items[i];
    if (parameter->name == name->value && parameter->context == form_context(name)) {
      if (!parameter->is_mutable) {
        ast_error(b, form_span(name), "same-place return parameter '%.*s' must be declared with '~'",
                  STR_ARGS(text));
      }
      ast_function(b->table, function)->same_place = name->value;
      ast_function(b->table, function)->result = parameter->type;
      return;
    }
  }
  ast_error(b, form_span(name), "same-place return references unknown parameter '%.*s'", STR_ARGS(text));
}

static bool has_attribute(const AstBuilder *b, AstRange attributes, Name name) {
  for (uint32_t i = 0; i < attributes.count; i++) {
    if (b->table->attributes.items[attributes.first + i].name == name) {
      return true;
    }
  }
  return false;
}

FunctionId build_function(AstBuilder *b, FunctionKind kind, Modifier modifier, const FormId *elements,
                          uint32_t count, Span span, AstRange attributes) {
  Signature signature = {0};
  bool body_required = kind != FUNCTION_TRAIT && !has_attribute(b, attributes, NAME_EXTERNAL) &&
                       !has_attribute(b, attributes, NAME_INTRINSIC);
  if (!read_signature(b, elements, count, span, body_required, &signature)) {
    return 0;
  }
  FunctionId outer = b->function;
  FunctionId function = function_begin(b, kind, span);
  set_name(b, function, signature.name);
  AstRange type_parameters = build_type_parameters(b, signature.generics);
  Parameters list = {0};
  build_parameters(b, signature.entries, signature.entry_count,
                   kind == FUNCTION_TRAIT ? LIST_TRAIT : LIST_FUNCTION, &list);
  AstRange parameters = store_parameters(b, &list);
  NodeId row = signature.row != 0 ? build_row(b, signature.row) : 0;
  if (signature.result != 0) {
    FormView result = form_view(b, signature.result);
    if (view_headed(b, &result, NAME_TILDE)) {
      build_same_place(b, function, signature.result, &list);
    } else {
      NodeId type = build_type(b, signature.result);
      ast_function(b->table, function)->result = type;
    }
  }
  NodeId body = signature.body != 0 ? build_expression(b, signature.body) : 0;
  AstFunction *f = ast_function(b->table, function);
  f->modifier = modifier;
  f->type_parameters = type_parameters;
  f->parameters = parameters;
  f->row = row;
  f->body = body;
  f->attributes = attributes;
  function_end(b, function, outer);
  bool empty_row =
      row != 0 && node_of(b, row)->list.items.count == 0 && (node_of(b, row)->flags & NODE_FLAG_OPEN) == 0;
  check_function_attributes(b, function, empty_row);
  return function;
}

// `(-> (op tail p…) R)` or `(op tail p…)`, optionally under `fn` (01 §14.5).
FunctionId build_operation(AstBuilder *b, FormId form, AstRange attributes) {
  Span span = span_of(b, form);
  FormView view = form_view(b, form);
  FormId signature_form = form;
  if (view_headed(b, &view, NAME_FN)) {
    if (view.count != 2) {
      ast_error(b, span,
                view.count < 2 ? "eff declaration missing operation" : "effect operations have no body");
      return 0;
    }
    signature_form = view.elements[1];
    view = form_view(b, signature_form);
  }
  FormId result = 0;
  if (view_headed(b, &view, NAME_ARROW) && view.count == 3) {
    result = view.elements[2];
    signature_form = view.elements[1];
    view = form_view(b, signature_form);
  } else if (view_headed(b, &view, NAME_COLON)) {
    ast_error(b, span, "effect operations have no effect row");
    return 0;
  } else if (view_headed(b, &view, NAME_ASSIGN)) {
    ast_error(b, span, "effect operations have no body");
    return 0;
  }
  if (view.count == 0 || !form_names(b, view.elements[0])) {
    FormId name = view.count > 0 ? view.elements[0] : signature_form;
    ast_error(b, span_of(b, name),
              "operation name must be an identifier with parameters, as in `op(resume)`");
    return 0;
  }
  uint32_t next = 1;
  FormId generics = take_generics(b, view.elements, view.count, &next);
  bool tails = next < view.count && form_word(b, view.elements[next], NAME_TAIL);
  if (!tails && !(next < view.count && form_word(b, view.elements[next], NAME_RESUME))) {
    ast_error(b, next < view.count ? span_of(b, view.elements[next]) : span,
              "operation must start with 'resume' or 'tail'");
    return 0;
  }
  FunctionId outer = b->function;
  FunctionId function = function_begin(b, FUNCTION_OPERATION, span);
  set_name(b, function, view.elements[0]);
  AstRange type_parameters = build_type_parameters(b, generics);
  Parameters list = {0};
  build_parameters(b, view.elements + next + 1, view.count - next - 1, LIST_OPERATION, &list);
  AstRange parameters = store_parameters(b, &list);
  NodeId type = result != 0 ? build_type(b, result) : 0;
  AstFunction *f = ast_function(b->table, function);
  f->operation_tails = tails;
  f->type_parameters = type_parameters;
  f->parameters = parameters;
  f->result = type;
  f->attributes = attributes;
  function_end(b, function, outer);
  return function;
}

// `(test mods… (: "description" (block …)))` (01 §15.4); 0 without a report if the shape is another.
FunctionId build_test(AstBuilder *b, FormId form, AstRange attributes) {
  FormView view = form_view(b, form);
  bool skip = false, only = false;
  uint32_t next = 1;
  for (; next < view.count; next++) {
    if (form_word(b, view.elements[next], NAME_SKIP)) {
      skip = true;
    } else if (form_word(b, view.elements[next], NAME_ONLY)) {
      only = true;
    } else {
      break;
    }
  }
  FormId description, body;
  if (next + 1 != view.count || !form_clause(b, view.elements[next], &description, &body) ||
      form_of(b, description)->kind != FORM_STRING) {
    return 0;
  }
  FormView suite = form_view(b, body);
  if (!view_headed(b, &suite, NAME_BLOCK)) {
    return 0;
  }
  Span span = form_span(view.form);
  FunctionId outer = b->function;
  FunctionId function = function_begin(b, FUNCTION_TEST, span);
  NodeId block = build_block(b, body);
  // spec 03 §11.1.5: unique in the program, and stable while the text before it is
  Str module = context_name(b->context, graph_module(b->graph, b->module)->id);
  SourceLocation location = sources_locate(&b->context->sources, span);
  Str id =
      arena_format(&b->scratch, "__test__%08x_%u", hash_bytes(module.ptr, module.length), location.start);
  AstFunction *f = ast_function(b->table, function);
  f->name = names_intern(&b->context->names, id);
  f->name_span = span_of(b, description);
  f->test_description = form_of(b, description)->value;
  f->test_skip = skip;
  f->test_only = only;
  f->body = block;
  f->attributes = attributes;
  function_end(b, function, outer);
  return function;
}

// One lambda parameter: `x`, `x: T`, `x?: T`, `~x`, or a pattern (01 §11.8).
static void build_lambda_parameter(AstBuilder *b, FormId form, Parameters *out) {
  AstParameter parameter = {.span = span_of(b, form)};
  Annotation annotation;
  bool annotated = read_annotation(b, form, &annotation);
  FormId target = annotated ? annotation.target : form;
  FormView view = form_view(b, target);
  parameter.name_span = form_span(view.form);
  if (view_reserved(b, &view, NAME_TUPLE) || view_reserved(b, &view, NAME_OBJECT_LITERAL)) {
    parameter.pattern = build_pattern(b, target);
  } else if (!read_parameter_name(b, target, &parameter)) {
    FormView whole = form_view(b, form);
    if (view_headed(b, &whole, NAME_OPTIONAL_COLON) && whole.count < 3) {
      ast_error(b, parameter.span, "optional lambda parameter missing type");
    } else if (annotated || view.form->kind != FORM_LIST) {
      ast_error(b, parameter.span, "lambda parameter name must be an identifier");
    } else {
      ast_error(b, parameter.span, "unsupported lambda parameter form; expected `name` or `name: Type`");
    }
    return;
  }
  if (annotated) {
    parameter.is_optional = annotation.optional;
    parameter.type = build_annotation_type(b, &annotation);
  }
  VECTOR_PUSH(&b->scratch, out, parameter);
}

typedef struct LambdaSignature {
  FormId generics, row, result;
  const FormId *entries;
  uint32_t count;
} LambdaSignature;

// A parameter list, from `()`, one parameter, `(a b)`, `(tuple a b)` or `(fn …)`. `holder` keeps the id of a
// single parameter.
static void read_lambda_parameters(const AstBuilder *b, FormId form, FormId *holder, LambdaSignature *out) {
  FormView view = form_view(b, form);
  uint32_t first = 0;
  if (view.form->kind == FORM_LIST && view.count == 0) {
    out->entries = NULL;
    out->count = 0;
    return;
  }
  bool single = view.form->kind != FORM_LIST || view_headed(b, &view, NAME_COLON) ||
                view_headed(b, &view, NAME_OPTIONAL_COLON) || view_headed(b, &view, NAME_TILDE) ||
                view_reserved(b, &view, NAME_OBJECT_LITERAL);
  if (single) {
    *holder = form;
    out->entries = holder;
    out->count = 1;
    return;
  }
  if (view_headed(b, &view, NAME_FN)) {
    first = 1;
    out->generics = take_generics(b, view.elements, view.count, &first);
  } else if (view_reserved(b, &view, NAME_TUPLE)) {
    first = 1;
  }
  out->entries = view.elements + first;
  out->count = view.count - first;
}

// Is `(: P (-> E R))` a parameter list with a row, and not one parameter of a function type?
static bool splits_row(const AstBuilder *b, const FormView *view) {
  if (view->count != 3 || !view_headed(b, view, NAME_COLON)) {
    return false;
  }
  FormView arrow = form_view(b, view->elements[2]);
  FormView left = form_view(b, view->elements[1]);
  if (!view_headed(b, &arrow, NAME_ARROW) || arrow.count != 3 || left.form->kind != FORM_LIST) {
    return false;
  }
  if (view_headed(b, &left, NAME_TILDE)) {
    return false; // `~f: A -> B`
  }
  if (left.count == 3 && (view_headed(b, &left, NAME_COLON) || view_headed(b, &left, NAME_OPTIONAL_COLON))) {
    FormView type = form_view(b, left.elements[2]);
    return !view_headed(b, &type, NAME_FN); // `cb: fn(A): E -> R` is one parameter (01 §13.2)
  }
  return true;
}

static void read_lambda_signature(const AstBuilder *b, FormId form, FormId *holder, LambdaSignature *out) {
  FormView view = form_view(b, form);
  if (view_headed(b, &view, NAME_ARROW) && view.count == 3) {
    out->result = view.elements[2];
    read_lambda_parameters(b, view.elements[1], holder, out);
  } else if (splits_row(b, &view)) {
    FormView arrow = form_view(b, view.elements[2]);
    out->row = arrow.elements[1];
    out->result = arrow.elements[2];
    read_lambda_parameters(b, view.elements[1], holder, out);
  } else {
    read_lambda_parameters(b, form, holder, out);
  }
}

NodeId build_lambda(AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  Span span = form_span(view.form);
  if (view.count != 3) {
    ast_error(b, span, "lambda expression missing signature or body");
    return 0;
  }
  FormId holder = 0;
  LambdaSignature signature = {0};
  read_lambda_signature(b, view.elements[1], &holder, &signature);
  FunctionId outer = b->function;
  FunctionId function = function_begin(b, FUNCTION_LAMBDA, span);
  if (signature.generics != 0) {
    FormView generics = form_view(b, signature.generics);
    for (uint32_t i = 1; i < generics.count; i++) {
      if (!form_names(b, generics.elements[i])) {
        ast_error(b, span_of(b, generics.elements[i]), "lambda type parameters must be identifiers");
      }
    }
  }
  AstRange type_parameters = build_type_parameters(b, signature.generics);
  Parameters list = {0};
  for (uint32_t i = 0; i < signature.count; i++) {
    build_lambda_parameter(b, signature.entries[i], &list);
  }
  AstRange parameters = store_parameters(b, &list);
  NodeId row = signature.row != 0 ? build_row(b, signature.row) : 0;
  NodeId result = signature.result != 0 ? build_type(b, signature.result) : 0;
  NodeId body = build_expression(b, view.elements[2]);
  AstFunction *f = ast_function(b->table, function);
  f->type_parameters = type_parameters;
  f->parameters = parameters;
  f->row = row;
  f->result = result;
  f->body = body;
  function_end(b, function, outer);
  NodeId node = node_new(b, NODE_LAMBDA, 0, span);
  node_of(b, node)->lambda.function = function;
  return node;
}

FunctionId build_handler_clause(AstBuilder *b, const FormId *entries, uint32_t count, FormId body,
                                Span span) {
  FunctionId outer = b->function;
  FunctionId function = function_begin(b, FUNCTION_CLAUSE, span);
  Parameters list = {0};
  for (uint32_t i = 0; i < count; i++) {
    AstParameter parameter = {.span = span_of(b, entries[i])};
    Annotation annotation;
    bool annotated = read_annotation(b, entries[i], &annotation) && !annotation.optional;
    if (!read_parameter_name(b, annotated ? annotation.target : entries[i], &parameter)) {
      ast_error(b, parameter.span, "handler parameter must be an identifier or typed identifier");
      continue;
    }
    parameter.type = annotated ? build_annotation_type(b, &annotation) : 0;
    VECTOR_PUSH(&b->scratch, &list, parameter);
  }
  AstRange parameters = store_parameters(b, &list);
  NodeId value = build_expression(b, body);
  AstFunction *f = ast_function(b->table, function);
  f->parameters = parameters;
  f->body = value;
  function_end(b, function, outer);
  return function;
}
