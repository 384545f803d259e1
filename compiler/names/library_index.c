// Writes the index of the standard library (graph/library.h) from the expanded and bound library.
//
// Units come from the top-level forms as read. What a unit needs is found by name: each identifier in its
// forms, before and after expansion, is looked up at module scope, and every binding leads through the
// imports that brought it to the declaration. That some identifiers are locals or members costs a need too
// many, never one too few.
#include <stdio.h>
#include <stdlib.h>

#include "base/bits.h"
#include "base/failure.h"
#include "graph/library.h"
#include "names/state.h"

typedef VECTOR(uint32_t) Ids;

// The needs of a unit or an export in the making.
typedef struct Needs {
  Ids units;
  Ids words;     // Names that stand in it
  IdMap said;    // (context, Name) of these
  IdMap methods; // Names where a method can be meant
  IdMap reached; // (module, Name) that were followed, (0, unit)
  Ids opened;    // modules that it names
} Needs;

typedef struct Unit {
  ModuleId module;
  uint32_t start, end, import;
  Needs needs;
} Unit;

typedef struct Heading { // an export of a module, or a head of language.def
  Name word;
  Str text;
  ModuleId opens;
  Needs needs;
} Heading;

typedef struct Word {
  Str text;
  Name name;
} Word;

typedef struct Writer {
  NameTables *tables;
  const FormTable *forms;
  Arena *arena;
  Text *out;
  Ids modules;                        // ModuleIds in the order of the index; first the language
  Ids module_numbers;                 // by ModuleId
  Ids heads;                          // of language.def, each with the unit of that number
  VECTOR(Unit) units;                 // sorted by module and place
  VECTOR(LibraryRange) unit_ranges;   // by ModuleId
  VECTOR(LibraryRule) rules;          // words as Names
  VECTOR(Heading) exports;            // sorted by module and word
  VECTOR(LibraryRange) export_ranges; // by number of the module
  VECTOR(Word) sorted_words;
  IdMap words; // Name -> number
  Ids ids;
} Writer;

static Str file_text(const Writer *w, ModuleId module) {
  return sources_file(&w->tables->context->sources, graph_module(w->tables->graph, module)->file)->text;
}

static Position file_base(const Writer *w, ModuleId module) {
  return sources_file(&w->tables->context->sources, graph_module(w->tables->graph, module)->file)->base;
}

// The file below the root of std.
static Str file_name(const Writer *w, ModuleId module) {
  Str path = sources_file(&w->tables->context->sources, graph_module(w->tables->graph, module)->file)->path;
  const size_t root = sizeof "std:" - 1;
  return (Str){path.ptr + root, path.length - root};
}

// ---- units ----

static uint32_t line_start(Str text, uint32_t offset) {
  while (offset > 0 && text.ptr[offset - 1] != '\n') {
    offset--;
  }
  return offset;
}

static uint32_t line_end(Str text, uint32_t offset) {
  while (offset < text.length && text.ptr[offset] != '\n') {
    offset++;
  }
  return offset + (offset < text.length);
}

static void add_unit(Writer *w, ModuleId module, Span span, uint32_t import) {
  Str text = file_text(w, module);
  Position base = file_base(w, module);
  VECTOR_PUSH(w->arena, &w->units,
              (Unit){.module = module,
                     .start = line_start(text, span.start - base),
                     .end = line_end(text, span.end - base),
                     .import = import});
}

static const Form *element(const Writer *w, const Form *list, uint32_t index) {
  return form_get(w->forms, form_element(list, index));
}

// Declarations with the attributes before them: each run of forms that ends with one that is no attribute.
static void add_declarations(Writer *w, ModuleId module, const FormId *forms, uint32_t count) {
  Span span = {0};
  for (uint32_t i = 0; i < count; i++) {
    const Form *form = form_get(w->forms, forms[i]);
    span = span_join(span, form_span(form));
    if (!form_headed(w->forms, form, NAME_AT)) {
      add_unit(w, module, span, LIBRARY_NONE);
      span = (Span){0};
    }
  }
}

// The block of methods of `(impl Type (block …))`, else NULL: what implements a trait is read whole.
static const Form *own_methods(const Writer *w, const Form *form) {
  if (!form_headed(w->forms, form, NAME_IMPL) || form_count(form) < 3) {
    return NULL;
  }
  for (uint32_t i = 1; i + 1 < form_count(form); i++) {
    if (form_is_word(element(w, form, i), NAME_FOR) || form_headed(w->forms, element(w, form, i), NAME_FOR)) {
      return NULL;
    }
  }
  const Form *block = element(w, form, form_count(form) - 1);
  return form_headed(w->forms, block, NAME_BLOCK) && form_count(block) > 1 ? block : NULL;
}

static void add_items(Writer *w, ModuleId module) {
  uint32_t count;
  const FormId *base = graph_base(w->tables->graph, module, &count);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t first = i;
    while (i + 1 < count && form_headed(w->forms, form_get(w->forms, base[i]), NAME_AT)) {
      i++;
    }
    const Form *form = form_get(w->forms, base[i]);
    const Form *methods = own_methods(w, form);
    if (methods == NULL) {
      add_declarations(w, module, base + first, i + 1 - first);
    } else {
      Span head = {form_span(form_get(w->forms, base[first])).start,
                   form_span(element(w, form, form_count(form) - 2)).end};
      add_unit(w, module, head, LIBRARY_NONE);
      add_declarations(w, module, form_elements(methods) + 1, form_count(methods) - 1);
    }
  }
}

static void add_uses(Writer *w, ModuleId module) {
  const Module *record = graph_module(w->tables->graph, module);
  for (uint32_t i = 0; i < record->uses.count; i++) {
    const UseEntry *use = &record->uses.items[i];
    add_unit(w, module, use->span, use->target_span.start - file_base(w, module));
  }
}

static int compare_units(const void *left, const void *right) {
  const Unit *a = left, *b = right;
  return a->start != b->start     ? (a->start > b->start) - (a->start < b->start)
         : a->import != b->import ? (a->import > b->import) - (a->import < b->import)
                                  : 0;
}

static bool make_units(Writer *w) {
  VECTOR_EXTEND(w->arena, &w->unit_ranges, w->tables->graph->modules.count);
  for (uint32_t m = 1; m < w->modules.count; m++) {
    ModuleId module = w->modules.items[m];
    LibraryRange range = {w->units.count, 0};
    add_uses(w, module);
    add_items(w, module);
    range.count = w->units.count - range.first;
    Unit *units = w->units.items + range.first;
    qsort(units, range.count, sizeof *units, compare_units);
    for (uint32_t i = 1; i < range.count; i++) {
      if (units[i].start < units[i - 1].end &&
          (units[i].import == LIBRARY_NONE || units[i - 1].import == LIBRARY_NONE)) {
        Str name = file_name(w, module);
        fprintf(stderr, "%.*s:%u: two declarations share a line\n", STR_ARGS(name), units[i].start);
        return false;
      }
    }
    w->unit_ranges.items[module] = range;
  }
  return true;
}

// The unit of a declaration at a place, or LIBRARY_NONE.
static uint32_t unit_at(const Writer *w, ModuleId module, Span span) {
  LibraryRange range = w->unit_ranges.items[module];
  uint32_t offset = span.start - file_base(w, module);
  for (uint32_t i = range.first; i < range.first + range.count; i++) {
    const Unit *unit = &w->units.items[i];
    if (unit->import == LIBRARY_NONE && unit->start <= offset && offset < unit->end) {
      return i;
    }
  }
  return LIBRARY_NONE;
}

static uint32_t unit_of_use(const Writer *w, ModuleId module, const UseEntry *use) {
  LibraryRange range = w->unit_ranges.items[module];
  uint32_t offset = use->target_span.start - file_base(w, module);
  for (uint32_t i = range.first; i < range.first + range.count; i++) {
    if (w->units.items[i].import == offset) {
      return i;
    }
  }
  UNREACHABLE("an import of std without a unit");
}

// ---- what a name leads to ----

// Notes a key; false if it was known.
static bool first_time(Writer *w, IdMap *map, uint64_t key) {
  if (id_map_get(map, key) != ID_MAP_NONE) {
    return false;
  }
  id_map_put(w->arena, map, key, 1);
  return true;
}

static void need(Writer *w, Needs *needs, uint32_t unit) {
  if (unit != LIBRARY_NONE && first_time(w, &needs->reached, id_pair(0, unit))) {
    VECTOR_PUSH(w->arena, &needs->units, unit);
  }
}

static void need_declaration(Writer *w, Needs *needs, SymbolId id) {
  const Symbol *symbol = names_symbol(w->tables, id);
  if (symbol->kind == SYMBOL_MODULE) {
    if (first_time(w, &needs->reached, id_pair(symbol->declaration, NAME_EMPTY))) {
      VECTOR_PUSH(w->arena, &needs->opened, symbol->declaration);
    }
    return;
  }
  need(w, needs, unit_at(w, symbol->module, w->tables->ast->items.items[symbol->item].span));
}

static void need_name(Writer *w, Needs *needs, ModuleId module, Name name);

// The import that made a binding, and what it selects from.
static void need_import(Writer *w, Needs *needs, Name name, uint32_t id) {
  const Import *import = &w->tables->state->imports.items[id];
  const UseEntry *use = import_use(w->tables, import);
  need(w, needs, unit_of_use(w, import->importer, use));
  if (!use->has_prefix && use->segment_count > 0) {
    need_name(w, needs, import->importer, use->segments[0]);
  }
  if (use->member != NAME_EMPTY) {
    need_name(w, needs, use->module, use->member);
  } else if (use->selection != SELECT_MODULE && import->source != 0 && import->namespace == 0) {
    need_name(w, needs, import->source, use->selection == SELECT_NAME ? use->target : name);
  }
}

// A macro by its name, through the imports that bring it.
static void need_macro(Writer *w, Needs *needs, ModuleId id, Name name) {
  MacroName macro, other;
  if (!graph_macro_named(w->tables->graph, id, name, &macro)) {
    return;
  }
  if (macro.module == id) {
    need(w, needs, unit_at(w, id, macro.span));
    return;
  }
  const Module *module = graph_module(w->tables->graph, id);
  for (uint32_t i = 0; i < module->uses.count; i++) {
    const UseEntry *use = &module->uses.items[i];
    Name source = use->selection == SELECT_ALL ? name : use->target;
    bool brings = use->module != 0 &&
                  (use->selection == SELECT_ALL || (use->selection == SELECT_NAME && use->alias == name)) &&
                  graph_macro_named(w->tables->graph, use->module, source, &other) &&
                  other.span.start == macro.span.start;
    if (brings) {
      need(w, needs, unit_of_use(w, id, use));
      need_name(w, needs, use->module, source);
    }
  }
}

static void need_bindings(Writer *w, Needs *needs, ModuleId module, Name name, uint32_t context) {
  NameTables *tables = w->tables;
  uint32_t entry = scope_find_entry(tables, module, name, context);
  uint32_t first = entry == 0 ? 0 : tables->state->entries.items[entry].first;
  for (uint32_t b = first; b != 0; b = tables->state->bindings.items[b].next) {
    Binding binding = tables->state->bindings.items[b];
    need_declaration(w, needs, binding.symbol);
    if (binding.import != 0) {
      need_import(w, needs, name, binding.import);
    }
  }
}

// Everything that the name may mean at the top level of a module.
static void need_name(Writer *w, Needs *needs, ModuleId module, Name name) {
  if (graph_module(w->tables->graph, module)->path.space == NAMESPACE_STD &&
      first_time(w, &needs->reached, id_pair(module, name))) {
    need_bindings(w, needs, module, name, 0);
    need_macro(w, needs, module, name);
  }
}

// What the modules that the unit names export by the other names in it: `raw::copied`.
static void need_opened(Writer *w, Needs *needs) {
  const NamesState *state = w->tables->state;
  for (uint32_t o = 0; o < needs->opened.count; o++) {
    ModuleId module = needs->opened.items[o];
    for (uint32_t i = 0; i < needs->words.count; i++) {
      Name name = needs->words.items[i];
      for (uint32_t e = scope_first_export(w->tables, module, name); e != NO_EXPORT;
           e = state->scopes.items[module].exports.items[e].next) {
        need_declaration(w, needs, state->scopes.items[module].exports.items[e].symbol);
        need_name(w, needs, module, name);
      }
    }
  }
}

// ---- what stands in a unit ----

static uint32_t language_unit(const Writer *w, Name head);

static void say(Writer *w, uint32_t unit, const Form *atom) {
  Name name = atom->kind == FORM_STRING ? NAME_STRING_LITERAL : atom->value;
  Needs *needs = &w->units.items[unit].needs;
  if ((atom->kind != FORM_STRING && atom->kind != FORM_IDENTIFIER) ||
      !first_time(w, &needs->said, id_pair(form_context(atom), name))) {
    return;
  }
  VECTOR_PUSH(w->arena, &needs->words, name);
  need(w, needs, language_unit(w, name));
  if (atom->kind != FORM_IDENTIFIER) {
    return;
  }
  ModuleId module = w->units.items[unit].module;
  if (form_context(atom) == 0) {
    need_name(w, needs, module, name);
  } else { // an identifier of a macro: what its expansions declare, or what the macro's module sees (02 §9.4)
    need_bindings(w, needs, module, name, form_context(atom));
    need_name(w, needs, w->tables->graph->contexts.items[form_context(atom)].module, name);
  }
}

// The atoms below a form. Those without a place in the module's file belong where the list around them does.
// Gives the unit of the form.
static uint32_t say_form(Writer *w, ModuleId module, FormId id, uint32_t unit) {
  const Form *form = form_get(w->forms, id);
  Position base = file_base(w, module);
  if (span_known(form_span(form)) && form_span(form).start >= base &&
      form_span(form).start < base + file_text(w, module).length) {
    uint32_t own = unit_at(w, module, form_span(form));
    unit = own != LIBRARY_NONE ? own : unit;
  }
  if (form->kind != FORM_LIST) {
    ENSURE(unit != LIBRARY_NONE);
    say(w, unit, form);
    return unit;
  }
  for (uint32_t i = 0; i < form_count(form); i++) {
    FormId part = form_element(form, i);
    uint32_t own = say_form(w, module, part, unit);
    Name method = library_method_named(w->forms, form, i);
    if (method != NAME_EMPTY) {
      id_map_put(w->arena, &w->units.items[own].needs.methods, method, 1);
    }
  }
  return unit;
}

static void say_module(Writer *w, ModuleId module) {
  uint32_t count;
  const FormId *base = graph_base(w->tables->graph, module, &count);
  for (uint32_t i = 0; i < count; i++) {
    say_form(w, module, base[i], LIBRARY_NONE);
  }
  const Module *record = graph_module(w->tables->graph, module);
  for (uint32_t i = 0; i < record->items.count; i++) {
    say_form(w, module, record->items.items[i], LIBRARY_NONE);
  }
}

// ---- the language ----

typedef struct LanguageRow {
  const char *head, *file, *word; // without a file: the word is said
} LanguageRow;

static const LanguageRow LANGUAGE[] = {
#define MEANS(head, file, name) {(head), (file), (name)},
#define SAYS(head, word)        {(head), NULL, (word)},
#include "graph/language.def"
#undef MEANS
#undef SAYS
};

static Name intern(const Writer *w, const char *text) {
  return names_intern(&w->tables->context->names, str_from(text));
}

// The unit that stands for a head; LIBRARY_NONE if it is an ordinary name. The first stands for every
// program.
static uint32_t language_unit(const Writer *w, Name head) {
  for (uint32_t i = 0; i < w->heads.count; i++) {
    if (w->heads.items[i] == head) {
      return i;
    }
  }
  return LIBRARY_NONE;
}

static void add_language_units(Writer *w) {
  VECTOR_PUSH(w->arena, &w->heads, NAME_EMPTY);
  for (size_t i = 0; i < sizeof LANGUAGE / sizeof *LANGUAGE; i++) {
    if (language_unit(w, intern(w, LANGUAGE[i].head)) == LIBRARY_NONE) {
      VECTOR_PUSH(w->arena, &w->heads, intern(w, LANGUAGE[i].head));
    }
  }
  for (uint32_t i = 0; i < w->heads.count; i++) {
    VECTOR_PUSH(w->arena, &w->units, (Unit){.import = LIBRARY_NONE});
  }
}

static bool fill_language_units(Writer *w) {
  for (size_t i = 0; i < sizeof LANGUAGE / sizeof *LANGUAGE; i++) {
    Needs *needs = &w->units.items[language_unit(w, intern(w, LANGUAGE[i].head))].needs;
    if (LANGUAGE[i].file == NULL) {
      VECTOR_PUSH(w->arena, &needs->words, intern(w, LANGUAGE[i].word));
      id_map_put(w->arena, &needs->methods, intern(w, LANGUAGE[i].word), 1);
      continue;
    }
    const uint32_t before = needs->units.count;
    for (uint32_t m = 1; m < w->modules.count; m++) {
      if (str_equal(file_name(w, w->modules.items[m]), str_from(LANGUAGE[i].file))) {
        need_name(w, needs, w->modules.items[m], intern(w, LANGUAGE[i].word));
      }
    }
    if (needs->units.count == before) {
      fprintf(stderr, "language.def: %s has no %s\n", LANGUAGE[i].file, LANGUAGE[i].word);
      return false;
    }
  }
  return true;
}

// Declarations with roles in the language belong together within a module: `Optional`, `Some` and `None`.
static void join_roles(Writer *w, ModuleId module) {
  LibraryRange range = w->unit_ranges.items[module];
  for (uint32_t i = range.first; i < range.first + range.count; i++) {
    for (uint32_t k = range.first; k < range.first + range.count; k++) {
      IdMap *a = &w->units.items[i].needs.said, *b = &w->units.items[k].needs.said;
      uint64_t role = id_pair(0, NAME_INTRINSIC_TYPE);
      if (id_map_get(a, role) != ID_MAP_NONE && id_map_get(b, role) != ID_MAP_NONE) {
        need(w, &w->units.items[i].needs, k);
      }
    }
  }
}

// ---- impls ----

static SymbolId head_symbol(const Writer *w, NodeId type) {
  const AstNode *node = type == 0 ? NULL : ast_node(w->tables->ast, type);
  if (node == NULL || node->kind != NODE_NAME) {
    return 0;
  }
  Resolution resolution = names_resolution(w->tables, type);
  return resolution.kind == RESOLVED_SYMBOLS && resolution.symbols.count == 1
             ? names_listed(w->tables, resolution.symbols, 0)
             : 0;
}

// The unit of the object or trait that a type names, or LIBRARY_NONE.
static uint32_t head_unit(const Writer *w, NodeId type) {
  SymbolId id = head_symbol(w, type);
  const Symbol *symbol = names_symbol(w->tables, id);
  return id != 0 && (symbol->kind == SYMBOL_OBJECT || symbol->kind == SYMBOL_TRAIT)
             ? unit_at(w, symbol->module, w->tables->ast->items.items[symbol->item].span)
             : LIBRARY_NONE;
}

static void add_method_rules(Writer *w, LibraryRule rule, AstRange methods) {
  const AstTable *ast = w->tables->ast;
  for (uint32_t i = 0; i < methods.count; i++) {
    rule.word = ast_function(ast, ast->member_functions.items[methods.first + i])->name;
    VECTOR_PUSH(w->arena, &w->rules, rule);
  }
}

static void add_impl(Writer *w, const AstItem *item) {
  const AstTable *ast = w->tables->ast;
  const AstImpl *impl = &ast->impls.items[item->index];
  uint32_t unit = unit_at(w, item->module, item->span);
  LibraryRule rule = {unit, head_unit(w, impl->target), LIBRARY_NONE, LIBRARY_NONE};
  if (impl->trait == 0) {
    for (uint32_t i = 0; i < impl->methods.count; i++) {
      const AstFunction *method = ast_function(ast, ast->member_functions.items[impl->methods.first + i]);
      rule.unit = unit_at(w, item->module, method->span);
      rule.word = method->name;
      need(w, &w->units.items[rule.unit].needs, unit);
      VECTOR_PUSH(w->arena, &w->rules, rule);
    }
    return;
  }
  rule.trait = head_unit(w, impl->trait);
  rule.trait = rule.trait != LIBRARY_NONE ? rule.trait : 0; // of every program
  VECTOR_PUSH(w->arena, &w->rules, rule);
  rule.trait = LIBRARY_NONE;
  add_method_rules(w, rule, impl->methods);
  SymbolId trait = head_symbol(w, impl->trait);
  if (trait != 0 && names_symbol(w->tables, trait)->kind == SYMBOL_TRAIT) {
    add_method_rules(w, rule, ast->traits.items[names_symbol(w->tables, trait)->declaration].methods);
  }
}

// ---- exports ----

static Str word_text(const Writer *w, Name word) {
  return context_name(w->tables->context, word);
}

static Heading *heading(Writer *w, uint32_t first, Name word) {
  for (uint32_t i = first; i < w->exports.count; i++) {
    if (w->exports.items[i].word == word) {
      return &w->exports.items[i];
    }
  }
  VECTOR_PUSH(w->arena, &w->exports, (Heading){.word = word, .text = word_text(w, word)});
  return &w->exports.items[w->exports.count - 1];
}

static void add_exports(Writer *w, ModuleId module, uint32_t first) {
  const ModuleScope *scope = &w->tables->state->scopes.items[module];
  for (uint32_t e = 0; e < scope->exports.count; e++) {
    Export exported = scope->exports.items[e];
    Heading *head = heading(w, first, exported.name);
    const Symbol *symbol = names_symbol(w->tables, exported.symbol);
    head->opens = symbol->kind == SYMBOL_MODULE ? symbol->declaration : head->opens;
    need_declaration(w, &head->needs, exported.symbol);
    need_name(w, &head->needs, module, exported.name);
  }
  MacroName macro;
  for (uint32_t i = 0; graph_macro_exported(w->tables->graph, module, i, &macro); i++) {
    need_name(w, &heading(w, first, macro.name)->needs, module, macro.name);
  }
}

static int compare_texts(Str a, Str b) {
  int order = memcmp(a.ptr, b.ptr, a.length < b.length ? a.length : b.length);
  return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare_headings(const void *left, const void *right) {
  return compare_texts(((const Heading *)left)->text, ((const Heading *)right)->text);
}

static void make_exports(Writer *w) {
  for (uint32_t m = 0; m < w->modules.count; m++) {
    LibraryRange range = {w->exports.count, 0};
    if (m > 0) {
      add_exports(w, w->modules.items[m], range.first);
    }
    for (uint32_t i = 1; m == 0 && i < w->heads.count; i++) {
      need(w, &heading(w, 0, w->heads.items[i])->needs, i);
    }
    range.count = w->exports.count - range.first;
    qsort(w->exports.items + range.first, range.count, sizeof *w->exports.items, compare_headings);
    VECTOR_PUSH(w->arena, &w->export_ranges, range);
  }
}

// ---- the words, numbered in order ----

static void add_word(Writer *w, Name word) {
  if (word != LIBRARY_NONE && first_time(w, &w->words, word)) {
    VECTOR_PUSH(w->arena, &w->sorted_words, (Word){word_text(w, word), word});
  }
}

static int compare_words(const void *left, const void *right) {
  return compare_texts(((const Word *)left)->text, ((const Word *)right)->text);
}

static void number_words(Writer *w) {
  for (uint32_t i = 0; i < w->rules.count; i++) {
    add_word(w, w->rules.items[i].word);
  }
  for (uint32_t i = 0; i < w->exports.count; i++) {
    add_word(w, w->exports.items[i].word);
  }
  qsort(w->sorted_words.items, w->sorted_words.count, sizeof *w->sorted_words.items, compare_words);
  for (uint32_t i = 0; i < w->sorted_words.count; i++) {
    id_map_put(w->arena, &w->words, w->sorted_words.items[i].name, i);
  }
}

static uint32_t word_number(const Writer *w, uint32_t word) {
  return word == LIBRARY_NONE ? LIBRARY_NONE : id_map_get(&w->words, word);
}

// ---- the text ----

static void write_range(Writer *w, const Ids *ids) {
  text_format(w->out, "{%u, %u}", w->ids.count, ids->count);
  for (uint32_t i = 0; i < ids->count; i++) {
    VECTOR_PUSH(w->arena, &w->ids, ids->items[i]);
  }
}

// Of the words in a unit those that name methods, by number.
static Ids method_words(Writer *w, const Needs *needs, const uint64_t *methods) {
  Ids words = {0};
  for (uint32_t i = 0; i < needs->words.count; i++) {
    uint32_t number = word_number(w, needs->words.items[i]);
    bool said = id_map_get(&needs->methods, needs->words.items[i]) != ID_MAP_NONE;
    if (number != ID_MAP_NONE && said && bits_has(methods, number)) {
      VECTOR_PUSH(w->arena, &words, number);
    }
  }
  return words;
}

static void write_words(Writer *w) {
  text_add(w->out, STR("static const char *const words[] = {\n"));
  for (uint32_t i = 0; i < w->sorted_words.count; i++) {
    text_add(w->out, STR("  "));
    text_add_char(w->out, '"');
    text_add_json(w->out, w->sorted_words.items[i].text);
    text_add(w->out, STR("\",\n"));
  }
  text_add(w->out, STR("};\n"));
}

static void write_units(Writer *w) {
  uint64_t *methods = bits_new(w->arena, w->sorted_words.count);
  for (uint32_t i = 0; i < w->rules.count; i++) {
    if (w->rules.items[i].word != LIBRARY_NONE) {
      bits_add(methods, word_number(w, w->rules.items[i].word));
    }
  }
  text_add(w->out, STR("static const LibraryUnit units[] = {\n"));
  for (uint32_t i = 0; i < w->units.count; i++) {
    const Unit *unit = &w->units.items[i];
    Ids words = method_words(w, &unit->needs, methods);
    text_format(w->out, "  {%u, %u, %u, %uu, ",
                i < w->heads.count ? 0 : w->module_numbers.items[unit->module], unit->start, unit->end,
                unit->import);
    write_range(w, &unit->needs.units);
    text_add(w->out, STR(", "));
    write_range(w, &words);
    text_add(w->out, STR("},\n"));
  }
  text_add(w->out, STR("};\n"));
}

static void write_exports(Writer *w) {
  text_add(w->out, STR("static const LibraryExport exports[] = {\n"));
  for (uint32_t i = 0; i < w->exports.count; i++) {
    const Heading *export = &w->exports.items[i];
    text_format(w->out, "  {%u, %uu, ", word_number(w, export->word),
                export->opens == 0 ? LIBRARY_NONE : w->module_numbers.items[export->opens]);
    write_range(w, &export->needs.units);
    text_add(w->out, STR("},\n"));
  }
  text_add(w->out, STR("};\n"));
}

static void write_modules(Writer *w) {
  text_add(w->out, STR("static const LibraryModule modules[] = {\n"));
  for (uint32_t m = 0; m < w->modules.count; m++) {
    Str file = m == 0 ? STR("") : file_name(w, w->modules.items[m]);
    LibraryRange units =
        m == 0 ? (LibraryRange){0, w->heads.count} : w->unit_ranges.items[w->modules.items[m]];
    LibraryRange exports = w->export_ranges.items[m];
    text_format(w->out, "  {\"%.*s\", {%u, %u}, {%u, %u}},\n", STR_ARGS(file), units.first, units.count,
                exports.first, exports.count);
  }
  text_add(w->out, STR("};\n"));
}

static void write_rules(Writer *w) {
  text_add(w->out, STR("static const LibraryRule rules[] = {\n"));
  for (uint32_t i = 0; i < w->rules.count; i++) {
    const LibraryRule *rule = &w->rules.items[i];
    text_format(w->out, "  {%u, %uu, %uu, %uu},\n", rule->unit, rule->head, rule->trait,
                word_number(w, rule->word));
  }
  text_add(w->out, STR("};\n"));
}

static void write_ids(Writer *w) {
  text_add(w->out, STR("static const uint32_t ids[] = {\n"));
  for (uint32_t i = 0; i < w->ids.count; i++) {
    text_format(w->out, i % 16 == 15 ? "%u,\n" : "%u, ", w->ids.items[i]);
  }
  text_format(
      w->out,
      "0};\n"
      "const LibraryIndex embedded_library_index = {words, modules, units, exports, rules, ids, %u, %u, "
      "%u, %u, %u, %u};\n",
      w->sorted_words.count, w->modules.count, w->units.count, w->exports.count, w->rules.count,
      w->ids.count);
}

// ---- all of it ----

// The files of std by name. What is declared in an inline module has no lines of its own.
static bool list_modules(Writer *w) {
  const ModuleGraph *graph = w->tables->graph;
  VECTOR(Word) files = {0};
  for (ModuleId module = 1; module < graph->modules.count; module++) {
    const Module *record = graph_module(graph, module);
    if (record->path.space == NAMESPACE_STD && record->is_inline) {
      fprintf(stderr, "%.*s: std has no inline modules\n", STR_ARGS(word_text(w, record->id)));
      return false;
    }
    if (record->path.space == NAMESPACE_STD) {
      VECTOR_PUSH(w->arena, &files, (Word){file_name(w, module), module});
    }
  }
  qsort(files.items, files.count, sizeof *files.items, compare_words);
  VECTOR_PUSH(w->arena, &w->modules, 0);
  VECTOR_EXTEND(w->arena, &w->module_numbers, graph->modules.count);
  for (uint32_t i = 0; i < files.count; i++) {
    w->module_numbers.items[files.items[i].name] = w->modules.count;
    VECTOR_PUSH(w->arena, &w->modules, files.items[i].name);
  }
  return true;
}

bool names_write_library(NameTables *tables, Text *out) {
  Writer *w =
      &(Writer){.tables = tables, .forms = &tables->graph->forms, .arena = &tables->arena, .out = out};
  add_language_units(w);
  if (!list_modules(w) || !make_units(w) || !fill_language_units(w)) {
    return false;
  }
  for (uint32_t m = 1; m < w->modules.count; m++) {
    say_module(w, w->modules.items[m]);
  }
  for (uint32_t i = w->heads.count; i < w->units.count; i++) {
    need_opened(w, &w->units.items[i].needs);
  }
  for (uint32_t m = 1; m < w->modules.count; m++) {
    join_roles(w, w->modules.items[m]);
  }
  for (uint32_t i = 0; i < tables->ast->items.count; i++) {
    if (tables->ast->items.items[i].kind == ITEM_IMPL) {
      add_impl(w, &tables->ast->items.items[i]);
    }
  }
  make_exports(w);
  number_words(w);
  text_add(out, STR("#include \"graph/library.h\"\n"));
  write_words(w);
  write_units(w);
  write_exports(w);
  write_modules(w);
  write_rules(w);
  write_ids(w);
  return true;
}
