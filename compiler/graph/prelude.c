// The implicit prelude on demand (spec 03 §8): of `std::prelude` only those re-exports are followed that the
// program can mean, so that a program pays for the part of std that it uses.
//
// A re-export sleeps until one of these holds: its name stands in a source outside std; its module is part of
// the program anyhow; the table graph/prelude_words.def lets a literal, an operator or a method need its
// module. Then it joins the uses of the prelude and stays. Whoever is loaded is thereby visible as if the
// whole prelude had been read, and what sleeps could not have been named. Programs that define macros, or
// name the prelude themselves, get all of it: words can come from text then, and exports can be passed on.
//
// Invariant: which re-exports wake depends on the set of words in the program alone, never on the order of
// loading.
#include "graph/state.h"

static const struct {
  const char *word, *module;
} needs[] = {
#define PRELUDE_WORD(word, module) {(word), (module)},
#include "graph/prelude_words.def"
#undef PRELUDE_WORD
};

static bool has_word(const GraphState *state, Name name) {
  return id_map_get(&state->prelude.words, name) != ID_MAP_NONE;
}

static void add_word(GraphState *state, Name name) {
  id_map_put(&state->arena, &state->prelude.words, name, 1);
}

static bool is_macro_item(const FormTable *forms, const Form *item) {
  for (uint32_t i = 0; item->kind == FORM_LIST && i < form_count(item) && i < 3; i++) {
    if (form_is_word(form_get(forms, form_element(item, i)), NAME_MACRO)) {
      return true;
    }
  }
  return false;
}

// Macros of std run in the compiler: what their bodies need is no part of the program, and what they expand
// to is named by imports of their module.
static bool in_macro(const GraphState *state, const Module *module, Span span) {
  const FormTable *forms = &state->graph->forms;
  for (uint32_t i = 0; i < module->items.count; i++) {
    const Form *item = form_get(forms, module->items.items[i]);
    if (form_span(item).start <= span.start && span.end <= form_span(item).end &&
        is_macro_item(forms, item)) {
      return true;
    }
  }
  return false;
}

// Names of std's own modules come from their imports, so only literals and operators count there.
static bool is_sugar(Name head) {
  return head == NAME_ARRAY_LITERAL || head == NAME_INTERPOLATION || head == NAME_RANGE ||
         head == NAME_RANGE_INCLUSIVE || head == NAME_RANGE_EXCLUSIVE || head == NAME_OPTIONAL_COLON ||
         head == NAME_OPTIONAL_DOT;
}

void prelude_note_words(GraphState *state, ModuleId module, FormId from) {
  const FormTable *forms = &state->graph->forms;
  const Module *source = graph_module(state->graph, module);
  bool standard = source->path.space == NAMESPACE_STD;
  for (FormId id = form_from(forms, from); id < forms->end; id = form_after(forms, id)) {
    const Form *form = form_get(forms, id);
    Name word = NAME_EMPTY;
    if (form->kind == FORM_STRING) {
      word = NAME_STRING;
    } else if (form->kind == FORM_LIST && form_count(form) > 0) {
      // The reader's own heads are atoms of every file, so they count where lists use them.
      const Form *head = form_get(forms, form_element(form, 0));
      word = head->kind == FORM_IDENTIFIER && (!standard || is_sugar(head->value)) ? head->value : NAME_EMPTY;
    } else if (form->kind == FORM_IDENTIFIER && !standard && !(form->flags & FORM_FLAG_RESERVED)) {
      word = form->value;
    }
    if (word != NAME_EMPTY &&
        !(standard && (has_word(state, word) || in_macro(state, source, form_span(form))))) {
      add_word(state, word);
    }
  }
}

void prelude_loaded(GraphState *state, ModuleId id) {
  Prelude *prelude = &state->prelude;
  Module *module = graph_module(state->graph, id);
  prelude->module = id;
  for (uint32_t i = 0; i < module->uses.count; i++) {
    const UseEntry *use = &module->uses.items[i];
    // Only plain re-exports by name from absolute paths can wait; anything else is followed as it stands.
    bool waits = use->is_public && use->selection != SELECT_ALL && use->segment_count >= 1 &&
                 use->segments[0] == NAME_STD && (use->segment_count >= 2 || use->selection == SELECT_NAME);
    if (waits) {
      VECTOR_PUSH(&state->arena, &prelude->sleeping, *use);
    } else {
      prelude->whole = true;
    }
  }
  if (prelude->whole) {
    prelude->sleeping.count = 0;
  } else {
    module->uses.count = 0;
  }
}

void prelude_note_use(GraphState *state, const UseEntry *use) {
  if (use->is_prelude || use->segment_count == 0 || use->segments[0] != NAME_STD) {
    return;
  }
  bool names_it = use->segment_count > 1 ? use->segments[1] == NAME_PRELUDE : use->target == NAME_PRELUDE;
  // `use std::all`, `use std` and the root's own re-exports: the root passes the prelude on.
  state->prelude.whole =
      state->prelude.whole || names_it || (use->segment_count == 1 && use->selection != SELECT_NAME);
}

// The module of std that a re-export leads to, below the root: `array`, `traits`.
static Name library_module(const UseEntry *use) {
  return use->segment_count > 1 ? use->segments[1] : use->target;
}

static bool is_loaded(GraphState *state, const UseEntry *use) {
  ModulePath path = module_path(state, NAMESPACE_STD, NAME_EMPTY, use->segments + 1, use->segment_count - 1);
  if (use->segment_count > 1 && module_known(state, &path) != 0) {
    return true;
  }
  if (use->selection == SELECT_ALL) {
    return false;
  }
  path = module_path_add(state, &path, use->selection == SELECT_NAME ? use->target : use->alias);
  return module_known(state, &path) != 0;
}

static bool is_needed(const GraphState *state, const UseEntry *use) {
  if (has_word(state, use->alias) || has_word(state, NAME_MACRO) || has_word(state, NAME_MACRO_LET)) {
    return true;
  }
  NameTable *names = &state->graph->context->names;
  Str module = context_name(state->graph->context, library_module(use));
  for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
    if (str_equal(module, str_from(needs[i].module)) &&
        has_word(state, names_intern(names, str_from(needs[i].word)))) {
      return true;
    }
  }
  return false;
}

bool prelude_wake(GraphState *state) {
  Prelude *prelude = &state->prelude;
  if (prelude->module == 0 || prelude->sleeping.count == 0) {
    return false;
  }
  uint32_t kept = 0;
  bool woken = false;
  for (uint32_t i = 0; i < prelude->sleeping.count; i++) {
    UseEntry use = prelude->sleeping.items[i];
    if (prelude->whole || is_needed(state, &use) || is_loaded(state, &use)) {
      VECTOR_PUSH(&state->graph->context->arena, &graph_module(state->graph, prelude->module)->uses, use);
      woken = true;
    } else {
      prelude->sleeping.items[kept++] = use;
    }
  }
  prelude->sleeping.count = kept;
  return woken;
}

const UseEntry *graph_sleeping(const ModuleGraph *graph, uint32_t *count) {
  *count = graph->state->prelude.sleeping.count;
  return graph->state->prelude.sleeping.items;
}
