// Macro declarations and where they can be seen (spec 02 §3, §4).
//
// Each module has a table of what names mean as macros in it: its imports, collected when its expansion
// begins, and its own definitions from their textual position on. Inline modules look on in the module around
// them, up to the position where they stand. Macros are never removed; a later one of the same name replaces
// an earlier in the tables.
#include "graph/expand.h"
#include "syntax/operators.h"

static const Name RESERVED_ATTRIBUTES[] = {
    NAME_INTRINSIC, NAME_INTRINSIC_TYPE, NAME_COMPILER_CONTRACT, NAME_COMPILER_IMPL, NAME_EFFECT,
    NAME_OPERATION, NAME_EXTERNAL,       NAME_ISOLATED,          NAME_RESULT,        NAME_ACCESS,
    NAME_TYPE,
};

bool macros_reserved_attribute(Name name) {
  for (size_t i = 0; i < sizeof RESERVED_ATTRIBUTES / sizeof *RESERVED_ATTRIBUTES; i++) {
    if (RESERVED_ATTRIBUTES[i] == name) {
      return true;
    }
  }
  return false;
}

// --- tables

static void bind(Expander *x, ModuleId id, Name name, MacroId macro, bool is_prelude, bool is_local) {
  ExpandedModule *module = expanded_module(x, id);
  uint32_t index = id_map_get(&module->index, name);
  expand_word(x, name)->may_be_macro = true;
  if (index == ID_MAP_NONE) {
    id_map_put(x->arena, &module->index, name, module->visible.count);
    VECTOR_PUSH(x->arena, &module->visible,
                (MacroBinding){.name = name, .macro = macro, .is_prelude = is_prelude, .is_local = is_local});
    return;
  }
  MacroBinding *old = &module->visible.items[index];
  if (is_local || (old->is_prelude && !is_prelude)) {
    *old = (MacroBinding){.name = name, .macro = macro, .is_prelude = is_prelude, .is_local = is_local};
  } else if (!old->is_local && old->is_prelude == is_prelude && old->macro != macro) {
    old->macro = MACRO_AMBIGUOUS; // two different ones of one rank (§4.6)
  }
}

static const MacroExport *find_export(const Expander *x, ModuleId id, Name name) {
  const ExpandedModule *module = expanded_module(x, id);
  for (uint32_t i = 0; i < module->exports.count; i++) {
    if (module->exports.items[i].name == name) {
      return &module->exports.items[i];
    }
  }
  return NULL;
}

void macros_collect_visible(Expander *x, ModuleId id) {
  ExpandedModule *module = expanded_module(x, id);
  module->index = (IdMap){0};
  module->visible.count = 0;
  const Module *source = graph_module(x->graph, id);
  for (uint32_t i = 0; i < source->uses.count; i++) {
    const UseEntry *use = &source->uses.items[i];
    if (!use->has_prefix || use->module == 0 || use->member != NAME_EMPTY) {
      continue;
    }
    if (use->selection == SELECT_NAME) {
      const MacroExport *found = find_export(x, use->module, use->target);
      if (found) {
        bind(x, id, use->alias, found->macro, use->is_prelude, false);
      }
    } else if (use->selection == SELECT_ALL) {
      for (uint32_t k = 0; k < expanded_module(x, use->module)->exports.count; k++) {
        MacroExport export = expanded_module(x, use->module)->exports.items[k];
        bind(x, id, export.name, export.macro, use->is_prelude, false);
      }
    }
  }
  module = expanded_module(x, id);
  for (uint32_t i = 0; i < module->definitions.count; i++) {
    MacroId macro = module->definitions.items[i];
    if (!x->macros.items[macro].replaced) {
      bind(x, id, x->macros.items[macro].name, macro, false, true);
    }
  }
}

static void add_export(Expander *x, ModuleId id, Name name, MacroId macro, bool is_local) {
  ExpandedModule *module = expanded_module(x, id);
  for (uint32_t i = 0; i < module->exports.count; i++) {
    MacroExport *old = &module->exports.items[i];
    if (old->name == name) {
      if (!old->is_local && old->macro != macro) {
        old->macro = MACRO_AMBIGUOUS;
      }
      return;
    }
  }
  VECTOR_PUSH(x->arena, &module->exports, (MacroExport){name, macro, is_local});
}

bool macros_collect_exports(Expander *x, ModuleId id) {
  ExpandedModule *module = expanded_module(x, id);
  typedef VECTOR(MacroExport) Exports;
  Exports before = {module->exports.items, module->exports.count, module->exports.capacity};
  module->exports.items = NULL;
  module->exports.count = module->exports.capacity = 0;
  for (uint32_t i = module->definitions.count; i-- > 0;) { // the latest first: it is the one that counts
    const Macro *macro = &x->macros.items[module->definitions.items[i]];
    if (macro->is_public && !macro->replaced) {
      add_export(x, id, macro->name, module->definitions.items[i], true);
    }
  }
  const Module *source = graph_module(x->graph, id);
  for (uint32_t i = 0; i < source->uses.count; i++) {
    const UseEntry *use = &source->uses.items[i];
    if (!use->is_public || !use->has_prefix || use->module == 0 || use->module == id ||
        use->member != NAME_EMPTY) {
      continue;
    }
    for (uint32_t k = 0; k < expanded_module(x, use->module)->exports.count; k++) {
      MacroExport export = expanded_module(x, use->module)->exports.items[k];
      if (use->selection == SELECT_ALL) {
        add_export(x, id, export.name, export.macro, false);
      } else if (use->selection == SELECT_NAME && export.name == use->target) {
        add_export(x, id, use->alias, export.macro, false);
      }
    }
  }
  module = expanded_module(x, id);
  bool changed = before.count != module->exports.count;
  for (uint32_t i = 0; !changed && i < before.count; i++) {
    const MacroExport *now = &module->exports.items[i];
    changed = before.items[i].name != now->name || before.items[i].macro != now->macro;
  }
  return changed;
}

static MacroId find_in(const Expander *x, ModuleId id, Name name) {
  const ExpandedModule *module = expanded_module(x, id);
  uint32_t index = id_map_get(&module->index, name);
  return index == ID_MAP_NONE ? 0 : module->visible.items[index].macro;
}

static MacroId find_at(Expander *x, ModuleId id, Name name) {
  MacroId found = find_in(x, id, name);
  while (found == 0 && graph_module(x->graph, id)->is_inline) {
    Position position = graph_module(x->graph, id)->span.start;
    id = graph_module(x->graph, id)->parent;
    found = find_in(x, id, name);
    if (found != 0 && found != MACRO_AMBIGUOUS && x->macros.items[found].module == id &&
        x->macros.items[found].position >= position) {
      found = 0; // defined below the inline module
    }
  }
  return found;
}

MacroId macros_look_up(Expander *x, ModuleId id, Name name, uint32_t context) {
  MacroId found = 0;
  if (context != 0 && x->graph->contexts.items[context].kind == HYGIENE_TEMPLATE) {
    found = find_at(x, x->graph->contexts.items[context].module, name); // what the macro's module sees (§9.4)
  }
  return found != 0 ? found : find_at(x, id, name);
}

Value *macros_variable(Expander *x, ModuleId id, Name name) {
  for (;;) {
    ExpandedModule *module = expanded_module(x, id);
    for (uint32_t i = module->variables.count; i-- > 0;) {
      if (module->variables.items[i].name == name) {
        return &module->variables.items[i].value;
      }
    }
    if (!graph_module(x->graph, id)->is_inline) {
      return NULL;
    }
    id = graph_module(x->graph, id)->parent;
  }
}

// --- declarations

// The words before the signature of `(macro …)`, `(attribute macro …)`, `(pub …)`: their number, or 0.
static uint32_t keyword_count(const Expander *x, const Form *form, bool *is_public, bool *is_attribute) {
  uint32_t at = 0;
  const FormId *parts = form_elements(form);
  *is_public = form_count(form) > at && form_is_word(expand_form(x, parts[at]), NAME_PUB);
  at += *is_public;
  *is_attribute = form_count(form) > at + 1 && form_is_word(expand_form(x, parts[at]), NAME_ATTRIBUTE) &&
                  form_is_word(expand_form(x, parts[at + 1]), NAME_MACRO);
  at += *is_attribute;
  return form_count(form) > at && form_is_word(expand_form(x, parts[at]), NAME_MACRO) ? at + 1 : 0;
}

MacroDeclaration macros_declaration(const Expander *x, const Form *form) {
  if (form->kind != FORM_LIST || form_count(form) == 0) {
    return DECLARES_NOTHING;
  }
  bool is_public, is_attribute;
  const FormId *parts = form_elements(form);
  if (keyword_count(x, form, &is_public, &is_attribute) > 0) {
    return DECLARES_MACRO;
  }
  bool variable =
      form_is_word(expand_form(x, parts[0]), NAME_MACRO_LET) ||
      (is_public && form_count(form) > 1 && form_is_word(expand_form(x, parts[1]), NAME_MACRO_LET));
  return variable ? DECLARES_VARIABLE : DECLARES_NOTHING;
}

static void define_variable(Expander *x, const Form *form) {
  const FormId *parts = form_elements(form);
  const Form *binding = expand_form(x, parts[form_count(form) - 1]);
  x->invocation = form_span(form);
  if (!form_headed(x->forms, binding, NAME_ASSIGN) || form_count(binding) != 3 ||
      expand_form(x, form_element(binding, 1))->kind != FORM_IDENTIFIER) {
    expand_fail(x, "macro_let is written macro_let name = value");
    return;
  }
  Frame *frame = ARENA_NEW(x->arena, Frame);
  *frame = (Frame){.number = ++x->frames, .module = x->module, .span = form_span(form)};
  Scope *scope = ARENA_NEW(x->arena, Scope);
  Value value = macro_evaluate(x, frame, scope, form_element(binding, 2));
  if (!x->failed) {
    Name name = expand_form(x, form_element(binding, 1))->value;
    VECTOR_PUSH(x->arena, &expanded_module(x, x->module)->variables, (Variable){name, value});
  }
}

// Does the code name `body`, plainly or in a splice?
static bool mentions_body(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  if (form->kind == FORM_IDENTIFIER) {
    Str text = context_name(x->graph->context, form->value);
    return text.length >= 4 && memcmp(text.ptr + text.length - 4, "body", 4) == 0;
  }
  if (form->kind != FORM_LIST || !expand_enter(x)) {
    return false;
  }
  bool found = false;
  for (uint32_t i = 0; i < form_count(form) && !found; i++) {
    found = mentions_body(x, form_element(form, i));
  }
  expand_leave(x);
  return found;
}

void macros_define(Expander *x, FormId id) {
  const Form *form = expand_form(x, id);
  Macro macro = {.module = x->module, .span = form_span(form), .position = form_span(form).start};
  uint32_t keywords = keyword_count(x, form, &macro.is_public, &macro.is_attribute);
  if (keywords == 0) {
    define_variable(x, form);
    return;
  }
  const FormId *parts = form_elements(form) + keywords;
  uint32_t count = form_count(form) - keywords;
  x->invocation = form_span(form);
  const Form *signature = count > 0 ? expand_form(x, parts[0]) : NULL;
  if (!signature || signature->kind != FORM_LIST || form_count(signature) == 0 ||
      expand_form(x, form_element(signature, 0))->kind != FORM_IDENTIFIER ||
      operator_of_form(expand_form(x, form_element(signature, 0))) != OP_NONE) {
    expand_fail(x, "macro missing signature: it is written macro name(parameters) with its body below");
    return;
  }
  const Form *name = expand_form(x, form_element(signature, 0));
  Str text = context_name(x->graph->context, name->value);
  macro.name = name->value;
  macro.parameter_count = form_count(signature) - 1;
  macro.parameters = ARENA_ARRAY(x->arena, Name, form_count(signature));
  for (uint32_t i = 1; i < form_count(signature); i++) {
    const Form *parameter = expand_form(x, form_element(signature, i));
    if (parameter->kind != FORM_IDENTIFIER || (parameter->flags & FORM_FLAG_RESERVED)) {
      expand_fail(x, "macro signature of '%.*s': parameters are plain identifiers", STR_ARGS(text));
      return;
    }
    macro.parameters[i - 1] = parameter->value;
  }
  if (macro.is_attribute && macros_reserved_attribute(macro.name)) {
    expand_fail(x, "attribute macro '%.*s': the name is reserved", STR_ARGS(text));
    return;
  }
  if (macro.is_attribute && macro.parameter_count != 2) {
    expand_fail(x, "attribute macro '%.*s' must accept (arguments, declaration)", STR_ARGS(text));
    return;
  }
  if (count != 2) {
    expand_fail(x, "macro '%.*s' needs a body: a suite below it", STR_ARGS(text));
    return;
  }
  macro.body = parts[1];
  macro.uses_body = mentions_body(x, macro.body);
  MacroId made = x->macros.count;
  VECTOR_PUSH(x->arena, &x->macros, macro);
  VECTOR_PUSH(x->arena, &expanded_module(x, x->module)->definitions, made);
  bind(x, x->module, macro.name, made, false, true);
}
