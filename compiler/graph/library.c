// The standard library on demand: which units of its index the program contains (graph/library.h), and
// reading them.
//
// Everything follows from words, before any name is resolved, and errs on the side of reading too much: a
// word of the program means the export of that name of every library module that is open, that is, imported
// by the program (the prelude by all but `#!no_prelude` modules) or reached through exported modules; and the
// method of that name of every type that the program contains. What is not read could not have been named. So
// the program means the same as with the whole library, but for texts of diagnostics that speak of what is
// not there: who has errors to report compiles again with the library whole (driver/).
//
// Invariant: what is awake depends on the set of words and imports alone, never on the order of loading.
#include "graph/library.h"
#include "graph/state.h"

static void wake(Library *library, uint32_t unit) {
  if (!bits_has(library->awake, unit)) {
    bits_add(library->awake, unit);
    library->queue[library->queued++] = unit;
  }
}

static void wake_all(Library *library, LibraryRange units) {
  for (uint32_t i = 0; i < units.count; i++) {
    wake(library, library->index->ids[units.first + i]);
  }
}

static uint32_t find_word(const LibraryIndex *index, Str text) {
  uint32_t low = 0, high = index->word_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    const char *word = index->words[middle];
    size_t length = strlen(word);
    int order = memcmp(word, text.ptr, length < text.length ? length : text.length);
    if (order == 0 && length == text.length) {
      return middle;
    }
    if (order < 0 || (order == 0 && length < text.length)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return LIBRARY_NONE;
}

void library_init(GraphState *state, const LibraryIndex *index) {
  Library *library = &state->library;
  Arena *arena = &state->arena;
  *library = (Library){.index = index,
                       .open = bits_new(arena, index->module_count),
                       .said = bits_new(arena, index->word_count + 1),
                       .words = bits_new(arena, index->word_count + 1),
                       .awake = bits_new(arena, index->unit_count),
                       .queue = ARENA_ARRAY(arena, uint32_t, index->unit_count)};
  bits_add(library->open, 0);
  wake(library, 0);
}

static uint32_t module_of_file(const GraphState *state, Str path) {
  const LibraryIndex *index = state->library.index;
  Str name;
  if (index == NULL || !path_below(state->std_root, path, &name)) {
    return 0;
  }
  for (uint32_t i = 1; i < index->module_count; i++) {
    if (str_equal(name, str_from(index->modules[i].file))) {
      return i;
    }
  }
  return 0;
}

static uint32_t library_module(const GraphState *state, ModuleId module) {
  const Module *record = graph_module(state->graph, module);
  return record->path.space != NAMESPACE_STD
             ? 0
             : module_of_file(state, sources_file(&state->graph->context->sources, record->file)->path);
}

// ---- what the program says ----

static bool is_operator(const FormTable *forms, Name name) {
  Str text = context_name(forms->context, name);
  unsigned char c = text.length > 0 ? (unsigned char)text.ptr[0] : '_';
  bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
  return !word || name == NAME_AND || name == NAME_OR || name == NAME_XOR || name == NAME_NOT;
}

static bool is_dotted(const Form *head) {
  return head->kind == FORM_IDENTIFIER &&
         (head->value == NAME_DOT || head->value == NAME_PATH || head->value == NAME_OPTIONAL_DOT);
}

Name library_method_named(const FormTable *forms, const Form *list, uint32_t index) {
  const Form *head = form_get(forms, form_element(list, 0)),
             *element = form_get(forms, form_element(list, index));
  if (index == 0) {
    return head->kind == FORM_IDENTIFIER && is_operator(forms, head->value) ? head->value : NAME_EMPTY;
  }
  if (!is_dotted(head) || (index == 1 && form_count(list) > 2)) {
    return NAME_EMPTY; // (. receiver method), and (. method) for a lambda
  }
  if (form_count(element) > 0) {
    element = form_get(forms, form_element(element, 0)); // a call
  }
  return element->kind == FORM_IDENTIFIER ? element->value : NAME_EMPTY;
}

// The word's number, or one past those of the index.
static uint32_t number_of(GraphState *state, Name name) {
  Library *library = &state->library;
  if (name >= library->numbers.count) {
    VECTOR_EXTEND(&state->arena, &library->numbers, name + 1 - library->numbers.count);
  }
  uint32_t *number = &library->numbers.items[name]; // plus one; 0: not asked for yet
  if (*number == 0) {
    uint32_t word = find_word(library->index, context_name(state->graph->context, name));
    *number = 1 + (word == LIBRARY_NONE ? library->index->word_count : word);
  }
  return *number - 1;
}

// Identifiers that macros of std bring along, their units need already. The reader's own heads are atoms of
// every file, so they count where lists use them.
static void note_identifier(GraphState *state, const Form *form) {
  const ModuleGraph *graph = state->graph;
  bool of_std =
      form_context(form) != 0 &&
      graph_module(graph, graph->contexts.items[form_context(form)].module)->path.space == NAMESPACE_STD;
  if (!of_std && !(form->flags & FORM_FLAG_RESERVED)) {
    bits_add(state->library.said, number_of(state, form->value));
    state->library.macros = state->library.macros || form->value == NAME_MACRO;
  }
}

static void note_list(GraphState *state, const Form *form) {
  const FormTable *forms = &state->graph->forms;
  Library *library = &state->library;
  const Form *head = form_count(form) > 0 ? form_get(forms, form_element(form, 0)) : NULL;
  if (head == NULL || head->kind != FORM_IDENTIFIER) {
    return;
  }
  uint32_t word = number_of(state, head->value);
  if (head->flags & FORM_FLAG_RESERVED) {
    bits_add(library->said, word);
  }
  if (word < library->index->word_count && is_operator(forms, head->value)) {
    bits_add(library->words, word);
  }
  for (uint32_t i = 1; is_dotted(head) && i < form_count(form); i++) {
    Name method = library_method_named(forms, form, i);
    if (method != NAME_EMPTY) {
      bits_add(library->words, number_of(state, method));
    }
  }
}

void library_note_words(GraphState *state, FormId from) {
  const FormTable *forms = &state->graph->forms;
  for (FormId id = form_from(forms, from); state->library.index != NULL && id < forms->end;
       id = form_after(forms, id)) {
    const Form *form = form_get(forms, id);
    if (form->kind == FORM_IDENTIFIER) {
      note_identifier(state, form);
    } else if (form->kind == FORM_LIST) {
      note_list(state, form);
    } else if (form->kind == FORM_STRING) {
      bits_add(state->library.said, number_of(state, NAME_STRING_LITERAL));
    }
  }
}

void library_note_use(GraphState *state, const UseEntry *use) {
  Library *library = &state->library;
  uint32_t module = library->index == NULL || use->module == 0 ? 0 : library_module(state, use->module);
  if (module == 0) {
    return;
  }
  bits_add(library->open, module);
  // What is passed on may be an export of the program, which no word names.
  LibraryRange exports = library->index->modules[module].exports;
  for (uint32_t i = 0; use->is_public && use->selection == SELECT_ALL && i < exports.count; i++) {
    wake_all(library, library->index->exports[exports.first + i].needs);
  }
}

// ---- what follows from it ----

static void follow_exports(Library *library) {
  const LibraryIndex *index = library->index;
  bool opened = true;
  while (opened) {
    opened = false;
    for (uint32_t m = 0; m < index->module_count; m++) {
      LibraryRange exports = bits_has(library->open, m) ? index->modules[m].exports : (LibraryRange){0, 0};
      for (uint32_t i = 0; i < exports.count; i++) {
        const LibraryExport *export = &index->exports[exports.first + i];
        if (!bits_has(library->said, export->word)) {
          continue;
        }
        wake_all(library, export->needs);
        if (export->opens != LIBRARY_NONE && !bits_has(library->open, export->opens)) {
          bits_add(library->open, export->opens);
          opened = true;
        }
      }
    }
  }
}

static void follow_units(Library *library) {
  const LibraryIndex *index = library->index;
  while (library->followed < library->queued) {
    const LibraryUnit *unit = &index->units[library->queue[library->followed++]];
    wake_all(library, unit->needs);
    for (uint32_t i = 0; i < unit->words.count; i++) {
      bits_add(library->words, index->ids[unit->words.first + i]);
    }
  }
}

static void follow_rules(Library *library) {
  const LibraryIndex *index = library->index;
  for (uint32_t i = 0; i < index->rule_count; i++) {
    const LibraryRule *rule = &index->rules[i];
    if ((rule->head == LIBRARY_NONE || bits_has(library->awake, rule->head)) &&
        (rule->trait == LIBRARY_NONE ? bits_has(library->words, rule->word)
                                     : bits_has(library->awake, rule->trait))) {
      wake(library, rule->unit);
    }
  }
}

static void follow(Library *library) {
  follow_exports(library);
  do {
    follow_units(library);
    follow_rules(library);
  } while (library->followed < library->queued);
}

// ---- reading ----

bool library_is_partial(const GraphState *state, ModuleId module) {
  return state->library.index != NULL && library_module(state, module) != 0;
}

uint32_t library_parts(GraphState *state, ModuleId id, const SyntaxPart **parts) {
  Library *library = &state->library;
  const LibraryIndex *index = library->index;
  LibraryRange units = index->modules[library_module(state, id)].units;
  SyntaxPart *out = ARENA_ARRAY(&state->arena, SyntaxPart, units.count + 1);
  uint32_t count = 0;
  for (uint32_t i = 0; library->read && i < units.count; i++) {
    const LibraryUnit *unit = &index->units[units.first + i];
    if (bits_has(library->awake, units.first + i) && (count == 0 || unit->start >= out[count - 1].end)) {
      out[count++] = (SyntaxPart){unit->start, unit->end}; // names of one `use` share its lines
    }
  }
  *parts = out;
  return count;
}

static bool is_awake(const Library *library, LibraryRange units, uint32_t import) {
  for (uint32_t i = 0; i < units.count; i++) {
    if (library->index->units[units.first + i].import == import) {
      return bits_has(library->awake, units.first + i);
    }
  }
  return false;
}

void library_drop_uses(GraphState *state, ModuleId id) {
  const Library *library = &state->library;
  Module *module = graph_module(state->graph, id);
  LibraryRange units = library->index->modules[library_module(state, id)].units;
  Position base = sources_file(&state->graph->context->sources, module->file)->base;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < module->uses.count; i++) {
    if (is_awake(library, units, module->uses.items[i].target_span.start - base)) {
      module->uses.items[kept++] = module->uses.items[i];
    }
  }
  module->uses.count = kept;
}

void library_read(GraphState *state) {
  Library *library = &state->library;
  if (library->index == NULL) {
    return;
  }
  if (library->macros) { // they put names behind dots
    (void)bits_union(library->words, library->said, bits_words(library->index->word_count + 1));
  }
  follow(library);
  library->read = true;
  for (uint32_t m = 1; m < library->index->module_count; m++) {
    LibraryRange units = library->index->modules[m].units;
    bool wanted = false;
    for (uint32_t i = 0; i < units.count && !wanted; i++) {
      wanted = bits_has(library->awake, units.first + i);
    }
    if (wanted) {
      load_library_file(state, str_from(library->index->modules[m].file));
    }
  }
}

// Texts that cannot be read are so whatever std holds.
static bool only_reading_failed(const GraphState *state) {
  const DiagnosticSink *sink = &state->graph->context->diagnostics;
  for (uint32_t i = 0; i < sink->items.count; i++) {
    const Diagnostic *diagnostic = sink->items.items[i];
    if (diagnostic->severity == SEVERITY_ERROR && diagnostic->code != DIAGNOSTIC_MD0002) {
      return false;
    }
  }
  return sink->errors > 0 && !state->library.guessed;
}

LibraryState library_state(GraphState *state) {
  Library *library = &state->library;
  if (library->index == NULL) {
    return LIBRARY_WHOLE;
  }
  if (only_reading_failed(state)) {
    return LIBRARY_ENOUGH;
  }
  uint32_t read = library->queued;
  follow(library);
  return library->queued > read ? LIBRARY_TOO_SMALL : LIBRARY_PARTIAL;
}
