// Top-level declarations: objects, aliases, traits, impls, effects, module lets (spec 01 §14).
#include "ast/builder.h"

static bool is_declaration_word(Name name) {
  switch (name) {
  case NAME_FN:
  case NAME_LET:
  case NAME_VAR:
  case NAME_TYPE:
  case NAME_OBJ:
  case NAME_VAL:
  case NAME_TRAIT:
  case NAME_IMPL:
  case NAME_EFF:
  case NAME_TEST:
    return true;
  default:
    return false;
  }
}

static Modifier modifier_of(const AstBuilder *b, FormId form) {
  return form_word(b, form, NAME_PUB)                                    ? MODIFIER_PUB
         : form_word(b, form, NAME_API)                                  ? MODIFIER_API
         : form_word(b, form, NAME_PRI) || form_word(b, form, NAME_HASH) ? MODIFIER_PRI
                                                                         : MODIFIER_NONE;
}

Declaration read_declaration(const AstBuilder *b, FormId form) {
  Declaration declaration = {0};
  FormView view = form_view(b, form);
  uint32_t first = 0;
  if (view.count > 1) {
    declaration.modifier = modifier_of(b, view.elements[0]);
    if (declaration.modifier != MODIFIER_NONE) {
      first = 1;
      FormView inner = form_view(b, view.elements[1]);
      if (view.count == 2 && inner.count > 0) { // `(pub (fn …))`
        view = inner;
        first = 0;
      }
    }
  }
  if (first < view.count) {
    const Form *head = form_of(b, view.elements[first]);
    if (head->kind == FORM_IDENTIFIER && (head->flags & (FORM_FLAG_QUOTED | FORM_FLAG_RESERVED)) == 0 &&
        is_declaration_word(head->value)) {
      declaration.keyword = head->value;
      declaration.elements = view.elements + first + 1;
      declaration.count = view.count - first - 1;
    }
  }
  return declaration;
}

// The head `N` or `N<T: C>` of a declaration.
typedef struct TypeHead {
  FormId name, generics;
} TypeHead;

static bool read_type_head(AstBuilder *b, FormId form, TypeHead *out) {
  FormView view = form_view(b, form);
  *out = (TypeHead){0};
  if (form_names(b, form)) {
    out->name = form;
    return true;
  }
  uint32_t next = 1;
  if (view.count == 2 && form_names(b, view.elements[0])) {
    out->name = view.elements[0];
    out->generics = take_generics(b, view.elements, view.count, &next);
    if (out->generics != 0) {
      return true;
    }
  }
  ast_error(b, form_span(view.form), "invalid named type head; expected a name, as in `Name` or `Name<T>`");
  return false;
}

static void store_item(AstBuilder *b, ItemKind kind, uint32_t index, Modifier modifier, Span span,
                       Span name_span, AstRange attributes) {
  VECTOR_PUSH(&b->table->arena, &b->table->items,
              (AstItem){.kind = kind,
                        .is_public = modifier == MODIFIER_PUB,
                        .index = index,
                        .module = b->module,
                        .span = span,
                        .name_span = name_span,
                        .attributes = attributes});
}

// ---- obj and val ----

static bool build_field(AstBuilder *b, FormId entry, AstField *out) {
  *out = (AstField){.span = span_of(b, entry)};
  FormView view = form_view(b, entry);
  FormId labelled = entry;
  if (view.count > 0 && modifier_of(b, view.elements[0]) > MODIFIER_PUB) {
    out->modifier = modifier_of(b, view.elements[0]);
    if (view.count != 2) {
      ast_error(b, out->span, "api/pri field entries must wrap a labeled field");
      return false;
    }
    labelled = view.elements[1];
  }
  Annotation annotation;
  if (!read_annotation(b, labelled, &annotation)) {
    FormView part = form_view(b, labelled);
    bool label = view_headed(b, &part, NAME_COLON) || view_headed(b, &part, NAME_OPTIONAL_COLON);
    ast_error(b, out->span,
              label                            ? "object field missing type"
              : out->modifier != MODIFIER_NONE ? "api/pri field entries must wrap a labeled field"
                                               : "object fields must be labeled, as in `name: Type`");
    return false;
  }
  const Form *name = form_of(b, annotation.target);
  if (!form_names(b, annotation.target)) {
    ast_error(b, form_span(name), "field name must be an identifier");
    return false;
  }
  out->name = name->value;
  out->name_span = form_span(name);
  out->is_optional = annotation.optional;
  out->type = build_annotation_type(b, &annotation);
  return true;
}

static AstRange build_fields(AstBuilder *b, FormId braces) {
  FormView view = form_view(b, braces);
  AstField *fields = ARENA_ARRAY(&b->scratch, AstField, view.count);
  uint32_t count = 0;
  for (uint32_t i = 1; i < view.count; i++) {
    if (build_field(b, view.elements[i], &fields[count])) {
      count++;
    }
  }
  AstRange range = {b->table->fields.count, count};
  for (uint32_t i = 0; i < count; i++) {
    VECTOR_PUSH(&b->table->arena, &b->table->fields, fields[i]);
  }
  return range;
}

static bool is_braces(const AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  return view_reserved(b, &view, NAME_OBJECT_LITERAL);
}

// A head with the field list possibly as its last element: `N`, `(N {…})`, `(N (generics T) {…})`,
// `((:: m B) {…})`. Gives the part before the braces as name form and generics.
typedef struct BracedHead {
  FormId head, generics, braces;
  Span span; // without the braces
} BracedHead;

static bool read_braced_head(AstBuilder *b, FormId form, BracedHead *out) {
  FormView view = form_view(b, form);
  *out = (BracedHead){.head = form, .span = form_span(view.form)};
  if (view.count < 2 || view_headed(b, &view, NAME_PATH)) {
    return true;
  }
  uint32_t next = 1;
  out->head = view.elements[0];
  out->generics = take_generics(b, view.elements, view.count, &next);
  out->span = (Span){form_span(view.form).start, span_of(b, view.elements[next - 1]).end};
  if (next < view.count && is_braces(b, view.elements[next])) {
    out->braces = view.elements[next++];
  }
  if (next != view.count) {
    ast_error(b, span_of(b, view.elements[next]), "invalid named type head");
    return false;
  }
  return true;
}

static void build_object(AstBuilder *b, const Declaration *declaration, ObjectKind kind, Span span,
                         AstRange attributes) {
  const char *word = kind == OBJECT_VAL ? "val" : "obj";
  if (declaration->count == 0) {
    ast_error(b, span, "%s declaration missing name", word);
    return;
  }
  FormId head_form = declaration->elements[0];
  FormView view = form_view(b, head_form);
  FormId base_form = 0;
  if (view_headed(b, &view, NAME_COLON) && view.count == 3) {
    head_form = view.elements[1];
    base_form = view.elements[2];
  }
  BracedHead head, base = {0};
  if (!read_braced_head(b, head_form, &head) || (base_form != 0 && !read_braced_head(b, base_form, &base))) {
    return;
  }
  if (!form_names(b, head.head)) {
    ast_error(b, span_of(b, head.head),
              "invalid named type head; expected a name, as in `Name` or `Name<T>`");
    return;
  }
  FormId braces = head.braces != 0 ? head.braces : base.braces;
  uint32_t used = 1;
  if (braces == 0 && declaration->count > 1 && is_braces(b, declaration->elements[1])) {
    braces = declaration->elements[1];
    used = 2;
  }
  Span name_span = span_of(b, head.head);
  if (braces == 0) {
    ast_error(b, name_span, "%s declaration requires a field list, as in `{ }`", word);
    return;
  }
  if (used < declaration->count) {
    ast_error(b, span_of(b, declaration->elements[used]), "unexpected part after the %s declaration", word);
    return;
  }
  if (kind == OBJECT_VAL && base_form != 0) {
    ast_error_code(b, DIAGNOSTIC_TY9999, base.span, "a val declaration cannot extend another type");
    return;
  }
  AstObject object = {
      .kind = kind, .name = form_of(b, head.head)->value, .context = form_context(form_of(b, head.head))};
  object.type_parameters = build_type_parameters(b, head.generics);
  if (base_form != 0) {
    object.base = build_applied_type(b, base.head, base.generics, base.span);
  }
  object.fields = build_fields(b, braces);
  VECTOR_PUSH(&b->table->arena, &b->table->objects, object);
  store_item(b, ITEM_OBJECT, b->table->objects.count - 1, declaration->modifier, span, name_span, attributes);
}

// ---- type ----

// The std macro `enum` emits the alias as written and its variants as fresh names (02 §14.4.2).
static bool members_are_hygienic(const AstBuilder *b, NodeId type) {
  AstTable *table = b->table;
  if (type == 0) {
    return false;
  }
  NodeRange members = {0, 0};
  if (ast_kind(table, type) == NODE_TYPE_UNION) {
    members = ast_node(table, type)->list.items;
  } else {
    return ast_kind(table, type) == NODE_NAME && ast_node(table, type)->name.context != 0;
  }
  for (uint32_t i = 0; i < members.count; i++) {
    NodeId member = ast_listed(table, members, i);
    if (ast_kind(table, member) != NODE_NAME || ast_node(table, member)->name.context == 0) {
      return false;
    }
  }
  return true;
}

static void build_alias(AstBuilder *b, const Declaration *declaration, Span span, AstRange attributes) {
  if (declaration->count == 0) {
    ast_error(b, span, "type declaration missing name");
    return;
  }
  FormView assignment = form_view(b, declaration->elements[0]);
  if (declaration->count != 1 || !view_headed(b, &assignment, NAME_ASSIGN)) {
    ast_error(b, span_of(b, declaration->elements[0]),
              "type declaration expects an assignment, as in `type Name = Type`");
    return;
  }
  if (assignment.count != 3) {
    ast_error(b, assignment.count > 1 ? span_of(b, assignment.elements[1]) : span,
              "type declaration missing target expression");
    return;
  }
  TypeHead head;
  if (!read_type_head(b, assignment.elements[1], &head)) {
    return;
  }
  const Form *name = form_of(b, head.name);
  AstAlias alias = {.name = name->value, .context = form_context(name)};
  alias.type_parameters = build_type_parameters(b, head.generics);
  alias.type = build_type(b, assignment.elements[2]);
  alias.from_enum = form_context(name) == 0 && members_are_hygienic(b, alias.type);
  VECTOR_PUSH(&b->table->arena, &b->table->aliases, alias);
  store_item(b, ITEM_ALIAS, b->table->aliases.count - 1, declaration->modifier, span, form_span(name),
             attributes);
}

// ---- trait, impl, eff ----

static AstRange store_members(AstBuilder *b, const FunctionIds *functions) {
  AstTable *table = b->table;
  AstRange range = {table->member_functions.count, functions->count};
  for (uint32_t i = 0; i < functions->count; i++) {
    VECTOR_PUSH(&table->arena, &table->member_functions, functions->items[i]);
  }
  return range;
}

static void build_method(AstBuilder *b, FormId form, FunctionKind kind, const FormId *attributes,
                         uint32_t attribute_count, FunctionIds *out) {
  Span span = span_of(b, form);
  Declaration declaration = read_declaration(b, form);
  if (declaration.keyword != NAME_FN) {
    if (kind == FUNCTION_TRAIT) {
      ast_error(b, span,
                "trait methods must start with 'fn'; a trait body supports only function declarations");
    } else {
      ast_error(b, span, "impl body supports only function declarations");
    }
    return;
  }
  if (kind == FUNCTION_TRAIT && declaration.modifier != MODIFIER_NONE) {
    ast_error(b, span, "trait methods must start with 'fn'; they have the visibility of their trait");
    return;
  }
  AstRange stored = build_attributes(b, attributes, attribute_count, TARGET_METHOD);
  FunctionId function =
      build_function(b, kind, declaration.modifier, declaration.elements, declaration.count, span, stored);
  if (function != 0) {
    VECTOR_PUSH(&b->scratch, out, function);
  }
}

static void build_operation_line(AstBuilder *b, FormId form, const FormId *attributes,
                                 uint32_t attribute_count, FunctionIds *out) {
  AstRange stored = build_attributes(b, attributes, attribute_count, TARGET_OPERATION);
  FunctionId function = build_operation(b, form, stored);
  if (function != 0) {
    VECTOR_PUSH(&b->scratch, out, function);
  }
}

// The lines of a suite with the attributes before each.
static AstRange build_members(AstBuilder *b, FormId suite, FunctionKind kind) {
  FormView view = form_view(b, suite);
  FunctionIds functions = {0};
  uint32_t first_attribute = 1;
  for (uint32_t i = 1; i < view.count; i++) {
    FormView line = form_view(b, view.elements[i]);
    if (view_headed(b, &line, NAME_AT)) {
      continue;
    }
    const FormId *attributes = view.elements + first_attribute;
    uint32_t attribute_count = i - first_attribute;
    if (kind == FUNCTION_OPERATION) {
      build_operation_line(b, view.elements[i], attributes, attribute_count, &functions);
    } else {
      build_method(b, view.elements[i], kind, attributes, attribute_count, &functions);
    }
    first_attribute = i + 1;
  }
  if (first_attribute < view.count) {
    attributes_without_target(b, view.elements + first_attribute, view.count - first_attribute);
  }
  return store_members(b, &functions);
}

static bool is_block(const AstBuilder *b, FormId form) {
  FormView view = form_view(b, form);
  return view_headed(b, &view, NAME_BLOCK);
}

static void build_trait(AstBuilder *b, const Declaration *declaration, Span span, AstRange attributes) {
  if (declaration->count == 0 || is_block(b, declaration->elements[0])) {
    ast_error(b, span, "trait declaration missing name");
    return;
  }
  if (declaration->count == 1) {
    ast_error(b, span, "trait declaration requires a body block");
    return;
  }
  if (declaration->count > 2 || !is_block(b, declaration->elements[1])) {
    ast_error(b, span_of(b, declaration->elements[1]), "trait body must be a block");
    return;
  }
  TypeHead head;
  if (!read_type_head(b, declaration->elements[0], &head)) {
    return;
  }
  const Form *name = form_of(b, head.name);
  AstTrait trait = {.name = name->value, .context = form_context(name)};
  trait.type_parameters = build_type_parameters(b, head.generics);
  trait.methods = build_members(b, declaration->elements[1], FUNCTION_TRAIT);
  VECTOR_PUSH(&b->table->arena, &b->table->traits, trait);
  store_item(b, ITEM_TRAIT, b->table->traits.count - 1, declaration->modifier, span, form_span(name),
             attributes);
}

// `[generics] [Trait for] Target block`, juxtaposed (01 §14.4).
static void build_impl(AstBuilder *b, const Declaration *declaration, Span span, AstRange attributes) {
  uint32_t next = 0;
  FormId generics = take_generics(b, declaration->elements, declaration->count, &next);
  const FormId *head = declaration->elements + next;
  uint32_t count = declaration->count - next;
  if (count == 0 || (count == 1 && is_block(b, head[0]))) {
    ast_error(b, span, "impl declaration missing target type");
    return;
  }
  if (!is_block(b, head[count - 1])) {
    ast_error(b, span, "impl body must be a block");
    return;
  }
  FormId body = head[--count];
  FormId trait = 0, target = head[0];
  if (count == 3 && form_word(b, head[1], NAME_FOR)) {
    trait = head[0];
    target = head[2];
  } else if (count != 1) {
    for (uint32_t i = 0; i < count; i++) {
      if (form_word(b, head[i], NAME_FOR) && (i == 0 || i + 1 == count)) {
        ast_error(b, span_of(b, head[i]), "impl 'for' clause missing trait or target");
        return;
      }
    }
    ast_error(b, span_of(b, head[1]), "impl head contains unexpected entries");
    return;
  } else if (form_word(b, target, NAME_FOR)) {
    ast_error(b, span_of(b, target), "impl 'for' clause missing trait or target");
    return;
  }
  AstImpl impl = {.type_parameters = build_type_parameters(b, generics)};
  impl.trait = trait != 0 ? build_type(b, trait) : 0;
  impl.target = build_type(b, target);
  impl.methods = build_members(b, body, FUNCTION_METHOD);
  VECTOR_PUSH(&b->table->arena, &b->table->impls, impl);
  store_item(b, ITEM_IMPL, b->table->impls.count - 1, declaration->modifier, span, span_of(b, target),
             attributes);
}

// `eff N` with a suite of operations, or `eff op(…)`: one operation that names its effect (01 §14.5).
static void build_effect(AstBuilder *b, const Declaration *declaration, Span span, AstRange attributes) {
  if (declaration->count == 0 || is_block(b, declaration->elements[0])) {
    ast_error(b, span, "eff declaration missing name or operation");
    return;
  }
  AstEffect effect = {0};
  Span name_span;
  if (declaration->count == 1) {
    FormId form = declaration->elements[0];
    FormView view = form_view(b, form);
    if (view.form->kind != FORM_LIST) {
      ast_error(b, span, "eff declaration missing body");
      return;
    }
    FunctionIds functions = {0};
    FunctionId operation = build_operation(b, form, (AstRange){b->table->attributes.count, 0});
    if (operation == 0) {
      return;
    }
    VECTOR_PUSH(&b->scratch, &functions, operation);
    const AstFunction *f = ast_function(b->table, operation);
    effect.name = f->name;
    effect.context = f->context;
    effect.type_parameters = (AstRange){b->table->type_parameters.count, 0};
    name_span = f->name_span;
    effect.operations = store_members(b, &functions);
  } else {
    if (declaration->count > 2 || !is_block(b, declaration->elements[1])) {
      ast_error(b, span_of(b, declaration->elements[1]), "eff body must be a block");
      return;
    }
    TypeHead head;
    if (!read_type_head(b, declaration->elements[0], &head)) {
      return;
    }
    const Form *name = form_of(b, head.name);
    effect.name = name->value;
    effect.context = form_context(name);
    name_span = form_span(name);
    effect.type_parameters = build_type_parameters(b, head.generics);
    effect.operations = build_members(b, declaration->elements[1], FUNCTION_OPERATION);
  }
  VECTOR_PUSH(&b->table->arena, &b->table->effects, effect);
  store_item(b, ITEM_EFFECT, b->table->effects.count - 1, declaration->modifier, span, name_span, attributes);
}

// ---- let ----

static void build_module_let(AstBuilder *b, const Declaration *declaration, Span span, AstRange attributes) {
  FormView assignment = {0};
  if (declaration->count == 1) {
    assignment = form_view(b, declaration->elements[0]);
  }
  if (declaration->count != 1 || !view_headed(b, &assignment, NAME_ASSIGN)) {
    ast_error(b, declaration->count == 1 ? span_of(b, declaration->elements[0]) : span,
              "module-level let expects an assignment, as in `let name = value`");
    return;
  }
  if (assignment.count != 3) {
    ast_error(b, span, "module-level let is missing its initializer");
    return;
  }
  FormId pattern = assignment.elements[1];
  Annotation annotation;
  bool annotated = read_annotation(b, pattern, &annotation);
  FormId name = annotated ? annotation.target : pattern;
  FormView view = form_view(b, name);
  if (view_headed(b, &view, NAME_TILDE)) {
    ast_error(b, form_span(view.form), "module-level let cannot be mutable; remove the '~'");
    return;
  }
  if (!form_names(b, name) || (annotated && annotation.optional)) {
    ast_error(b, span_of(b, pattern), "module-level let requires an identifier binding");
    return;
  }
  const Form *form = form_of(b, name);
  AstModuleLet let = {
      .name = form->value, .context = form_context(form), .first_node = b->table->nodes.count};
  let.type = annotated ? build_annotation_type(b, &annotation) : 0;
  let.value = build_expression(b, assignment.elements[2]);
  let.end_node = b->table->nodes.count;
  VECTOR_PUSH(&b->table->arena, &b->table->lets, let);
  store_item(b, ITEM_LET, b->table->lets.count - 1, declaration->modifier, span, form_span(form), attributes);
}

static AttributeTarget target_of(Name keyword) {
  switch (keyword) {
  case NAME_FN:
    return TARGET_FUNCTION;
  case NAME_TYPE:
  case NAME_OBJ:
  case NAME_VAL:
    return TARGET_TYPE;
  case NAME_TRAIT:
    return TARGET_TRAIT;
  case NAME_IMPL:
    return TARGET_IMPL;
  case NAME_EFF:
    return TARGET_EFFECT;
  default:
    return TARGET_OTHER;
  }
}

static void unsupported(AstBuilder *b, Span span) {
  ast_error(b, span, "unsupported top-level form; expected a declaration");
}

static void build_test_item(AstBuilder *b, FormId form, const Declaration *declaration, AstRange attributes) {
  Span span = span_of(b, form);
  FunctionId function = declaration->modifier == MODIFIER_NONE ? build_test(b, form, attributes) : 0;
  if (function == 0) {
    unsupported(b, span);
    return;
  }
  if (!b->graph->include_tests) {
    b->discarded = true; // spec 03 §11.1.2: checked in form only
    return;
  }
  store_item(b, ITEM_FUNCTION, function, MODIFIER_NONE, span, ast_function(b->table, function)->name_span,
             attributes);
}

void build_item(AstBuilder *b, FormId form, const FormId *attributes, uint32_t attribute_count) {
  Span span = span_of(b, form);
  Declaration declaration = read_declaration(b, form);
  if (declaration.keyword == NAME_EMPTY || declaration.modifier > MODIFIER_PUB ||
      declaration.keyword == NAME_VAR) {
    unsupported(b, span);
    return;
  }
  AstRange stored = build_attributes(b, attributes, attribute_count, target_of(declaration.keyword));
  switch (declaration.keyword) {
  case NAME_FN: {
    FunctionId function = build_function(b, FUNCTION_PLAIN, declaration.modifier, declaration.elements,
                                         declaration.count, span, stored);
    if (function != 0) {
      store_item(b, ITEM_FUNCTION, function, declaration.modifier, span,
                 ast_function(b->table, function)->name_span, stored);
    }
    break;
  }
  case NAME_LET:
    build_module_let(b, &declaration, span, stored);
    break;
  case NAME_TYPE:
    build_alias(b, &declaration, span, stored);
    break;
  case NAME_OBJ:
    build_object(b, &declaration, OBJECT_OBJ, span, stored);
    break;
  case NAME_VAL:
    build_object(b, &declaration, OBJECT_VAL, span, stored);
    break;
  case NAME_TRAIT:
    build_trait(b, &declaration, span, stored);
    break;
  case NAME_IMPL:
    build_impl(b, &declaration, span, stored);
    break;
  case NAME_EFF:
    build_effect(b, &declaration, span, stored);
    break;
  default:
    build_test_item(b, form, &declaration, stored);
    break;
  }
}
