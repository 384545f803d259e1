// `use` declarations: forms to normalised entries (spec 01 §14.7, 03 §2.2). The reader has checked the shapes
// and reported what is wrong with them; what does not fit here is left out.
#include "graph/state.h"

typedef struct UseContext {
  GraphState *state;
  ModuleId module;
  bool is_public;
  Span span; // whole declaration
} UseContext;

static const Form *form_of(const UseContext *c, FormId id) {
  return form_get(&c->state->graph->forms, id);
}

static bool headed(const UseContext *c, const Form *form, Name name) {
  return form_headed(&c->state->graph->forms, form, name);
}

static bool is_prefix_word(Name name) {
  return name == NAME_SELF || name == NAME_SUPER || name == NAME_SRC || name == NAME_STD || name == NAME_PKG;
}

// Adds the entry of one flat path.
static void add_entry(const UseContext *c, const Names *path, Name alias, bool in_group, Span span) {
  GraphState *state = c->state;
  Name *segments = ARENA_ARRAY(&state->arena, Name, path->count + 1);
  memcpy(segments, path->items, path->count * sizeof *segments);
  uint32_t count = path->count;
  if (count > 1 && segments[0] == NAME_PKG && segments[1] == NAME_STD) {
    segments++; // `pkg::std` is `std`
    count--;
  }
  uint32_t anchors = 0;
  while (anchors < count && (segments[anchors] == NAME_SELF || segments[anchors] == NAME_SUPER)) {
    anchors++;
  }
  Name last = segments[count - 1];
  UseEntry entry = {.is_public = c->is_public,
                    .has_prefix = is_prefix_word(segments[0]),
                    .segments = segments,
                    .segment_count = count,
                    .span = c->span,
                    .target_span = span};
  uint32_t rest = count - anchors;
  Name first = rest > 0 ? segments[anchors] : NAME_EMPTY;
  if (last == NAME_ALL && count > 1) {
    entry.selection = SELECT_ALL;
    entry.segment_count--;
  } else if (last == NAME_SELF && count > 1) {
    entry.selection = SELECT_MODULE;
    entry.segment_count--;
    entry.alias = alias != NAME_EMPTY ? alias : segments[count - 2];
  } else if (rest <= 1 || (rest == 2 && anchors == 0 &&
                           (first == NAME_SRC || first == NAME_PKG || (first == NAME_STD && !in_group)))) {
    entry.selection = SELECT_MODULE;
    entry.alias = alias != NAME_EMPTY ? alias : last;
  } else {
    entry.selection = SELECT_NAME;
    entry.segment_count--;
    entry.target = last;
    entry.alias = alias != NAME_EMPTY ? alias : last;
  }
  Module *module = graph_module(state->graph, c->module);
  VECTOR_PUSH(&state->graph->context->arena, &module->uses, entry);
}

// Appends the segments of a path of names; gives the group at its end or 0. False if it is no path.
static bool push_path(const UseContext *c, FormId id, Names *path, FormId *group) {
  GraphState *state = c->state;
  Names reversed = {0};
  *group = 0;
  const Form *form = form_of(c, id);
  while (headed(c, form, NAME_PATH) && form_count(form) == 3) {
    const Form *right = form_of(c, form_element(form, 2));
    if (form_headed_reserved(&state->graph->forms, right, NAME_OBJECT_LITERAL) && *group == 0 &&
        reversed.count == 0) {
      *group = form_element(form, 2);
    } else if (right->kind == FORM_IDENTIFIER) {
      VECTOR_PUSH(&state->arena, &reversed, right->value);
    } else {
      return false;
    }
    form = form_of(c, form_element(form, 1));
  }
  if (form_headed_reserved(&state->graph->forms, form, NAME_OBJECT_LITERAL)) {
    if (reversed.count > 0 || *group != 0) {
      return false;
    }
    *group = id;
    return true;
  }
  if (form->kind != FORM_IDENTIFIER) {
    return false;
  }
  VECTOR_PUSH(&state->arena, path, form->value);
  while (reversed.count > 0) {
    VECTOR_PUSH(&state->arena, path, reversed.items[--reversed.count]);
  }
  return true;
}

// One path below `prefix`, with its groups. Groups nest within the reader's limit.
static void flatten(const UseContext *c, FormId id, Names *prefix, bool in_group) {
  const Form *form = form_of(c, id);
  Span span = form_span(form);
  Name alias = NAME_EMPTY;
  FormId path = id;
  if (headed(c, form, NAME_AS) && form_count(form) == 3) {
    const Form *name = form_of(c, form_element(form, 2));
    if (name->kind != FORM_IDENTIFIER) {
      return;
    }
    alias = name->value;
    path = form_element(form, 1);
  }
  uint32_t mark = prefix->count;
  FormId group = 0;
  if (push_path(c, path, prefix, &group)) {
    if (group == 0 && prefix->count > mark) {
      add_entry(c, prefix, alias, in_group, span);
    } else if (group != 0) {
      const Form *entries = form_of(c, group);
      for (uint32_t i = 1; i < form_count(entries); i++) {
        flatten(c, form_element(entries, i), prefix, true);
      }
    }
  }
  prefix->count = mark;
}

// `(pub x)` re-exports only if x is a name, path, alias or group (01 §14.7).
static bool is_path_form(const UseContext *c, const Form *form) {
  return form->kind == FORM_IDENTIFIER || headed(c, form, NAME_PATH) || headed(c, form, NAME_AS) ||
         form_headed_reserved(&c->state->graph->forms, form, NAME_OBJECT_LITERAL);
}

bool uses_read(GraphState *state, ModuleId module, FormId id) {
  UseContext context = {.state = state, .module = module};
  UseContext *c = &context;
  const Form *form = form_of(c, id);
  if (form->kind != FORM_LIST || form_count(form) < 2) {
    return false;
  }
  c->span = form_span(form);
  FormId path = 0;
  if (headed(c, form, NAME_USE)) {
    path = form_count(form) == 2 ? form_element(form, 1) : 0;
  } else if (headed(c, form, NAME_PUB)) {
    const Form *second = form_of(c, form_element(form, 1));
    c->is_public = true;
    if (form_count(form) == 3 && form_is_word(second, NAME_USE)) {
      path = form_element(form, 2);
    } else if (form_count(form) == 2 && headed(c, second, NAME_USE) && form_count(second) == 2) {
      path = form_element(second, 1);
    } else if (form_count(form) == 2 && is_path_form(c, second)) {
      path = form_element(form, 1);
    } else if (!form_is_word(second, NAME_USE)) {
      return false;
    }
  } else {
    return false;
  }
  if (path != 0) {
    Names prefix = {0};
    flatten(c, path, &prefix, false);
  }
  return true;
}
