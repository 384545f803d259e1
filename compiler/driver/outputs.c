// Texts of the result that show modules. Forms as JSON (spec 03 §12.2): a list is the array of its elements,
// an atom a string with its text. Indented by two spaces a level, down to a depth at which the indentation
// would outweigh the text: from there on one line.
//
// Left operands of operators nest without limit, so the printer keeps its own stack.
#include <errno.h>
#include <stdio.h>

#include "driver/compilation.h"
#include "syntax/print_source.h"
#include "syntax/syntax.h"

enum { DEEPEST_INDENT = 100 };

typedef struct Open {
  const Form *list;
  uint32_t next; // element to print
} Open;

static void add_atom(const FormTable *forms, const Form *form, Text *out) {
  bool wide = (form->flags & FORM_FLAG_WIDE) != 0;
  text_add_char(out, '"');
  if (form->kind == FORM_BOOL) {
    text_add(out, form->value ? STR("true") : STR("false"));
  } else {
    text_add_json(out, context_name(forms->context, form->value));
  }
  text_add(out, form->kind == FORM_INT && wide ? STR("i64") : STR(""));
  text_add(out, form->kind == FORM_FLOAT && !wide ? STR("f32") : STR(""));
  text_add_char(out, '"');
}

static void new_line(Text *out, uint32_t depth) {
  if (depth <= DEEPEST_INDENT) {
    text_add_char(out, '\n');
    text_repeat(out, ' ', depth * 2);
  }
}

static void print_json(const FormTable *forms, FormId root, Text *out) {
  VECTOR(Open) open = {0};
  Arena arena;
  arena_init(&arena);
  FormId at = root;
  for (;;) {
    const Form *form = form_get(forms, at);
    if (form->kind == FORM_LIST && form_count(form) > 0) {
      text_add_char(out, '[');
      VECTOR_PUSH(&arena, &open, (Open){form, 0});
    } else if (form->kind == FORM_LIST) {
      text_add(out, STR("[]"));
    } else {
      add_atom(forms, form, out);
    }
    while (open.count > 0 && open.items[open.count - 1].next == form_count(open.items[open.count - 1].list)) {
      new_line(out, --open.count);
      text_add_char(out, ']');
    }
    if (open.count == 0) {
      break;
    }
    Open *inner = &open.items[open.count - 1];
    text_add(out, inner->next > 0 ? STR(",") : STR(""));
    new_line(out, open.count);
    at = form_element(inner->list, inner->next++);
  }
  arena_free(&arena);
  text_add_char(out, '\n');
}

// --- Outputs

static void print_forms(Compilation *compilation, Text *out) {
  const Module *entry = graph_module(&compilation->graph, compilation->graph.entry);
  for (uint32_t i = 0; i < entry->items.count; i++) {
    form_print(&compilation->graph.forms, entry->items.items[i], out);
    text_add_char(out, '\n');
  }
}

static void print_forms_json(Compilation *compilation, Text *out) {
  FormTable *forms = &compilation->graph.forms;
  const Module *entry = graph_module(&compilation->graph, compilation->graph.entry);
  VECTOR(FormId) elements = {0};
  Arena *arena = &compilation->context->arena;
  VECTOR_PUSH(arena, &elements, form_atom(forms, FORM_IDENTIFIER, NAME_AST, FORM_FLAG_RESERVED, (Span){0}));
  for (uint32_t i = 0; i < entry->items.count; i++) {
    VECTOR_PUSH(arena, &elements, entry->items.items[i]);
  }
  print_json(forms, form_list(forms, elements.items, elements.count, 0, entry->span), out);
}

static void print_ast(Compilation *compilation, Text *out) {
  ast_print_module(&compilation->ast, compilation->graph.entry, out);
}

// Does the entry stand in the source, or has a macro made it?
static bool is_written(const Module *module, const UseEntry *use) {
  for (uint32_t i = 0; i < module->replaced.count; i++) {
    const Span *span = &module->replaced.items[i];
    if (span->start <= use->span.start && use->span.end <= span->end) {
      return false;
    }
  }
  return true;
}

static void print_use(const Context *context, const UseEntry *use, Text *out) {
  text_format(out, "%suse ", use->is_public ? "pub " : "");
  for (uint32_t i = 0; i < use->segment_count; i++) {
    text_format(out, "%s%.*s", i > 0 ? "::" : "", STR_ARGS(context_name(context, use->segments[i])));
  }
  Name last = use->selection == SELECT_NAME ? use->target : use->segments[use->segment_count - 1];
  if (use->selection != SELECT_MODULE) {
    text_format(out, "::%.*s",
                STR_ARGS(context_name(context, use->selection == SELECT_ALL ? NAME_ALL : last)));
  }
  if (use->selection != SELECT_ALL && use->alias != last) {
    text_format(out, " as %.*s", STR_ARGS(context_name(context, use->alias)));
  }
  text_add_char(out, '\n');
}

// The declarations of a module with its imports, and below them its inline modules.
static void print_source(ModuleGraph *graph, ModuleId id, uint32_t indent, Text *out) {
  const Module *module = graph_module(graph, id);
  Span last = {0, 0};
  for (uint32_t i = 0; i < module->uses.count; i++) {
    const UseEntry *use = &module->uses.items[i];
    bool written = is_written(module, use);
    if (use->is_prelude || (written && use->span.start == last.start && use->span.end == last.end)) {
      continue; // the entries of one group stand in one declaration
    }
    last = use->span;
    text_repeat(out, ' ', indent);
    if (written) {
      text_add(out, sources_text(&graph->context->sources, use->span));
      text_add_char(out, '\n');
    } else {
      print_use(graph->context, use, out);
    }
  }
  text_add(out, span_known(last) && module->items.count > 0 ? STR("\n") : STR(""));
  FormId *items = ARENA_ARRAY(&graph->context->arena, FormId, module->items.count);
  graph_spell_items(graph, id, items);
  form_print_source(&graph->forms, items, module->items.count, indent, out);
  for (ModuleId inner = 1; inner < graph->modules.count; inner++) { // nested within the reader's limit
    const Module *other = graph_module(graph, inner);
    if (other->is_inline && other->parent == id && other->path.count > 0) {
      Str name = context_name(graph->context, other->path.segments[other->path.count - 1]);
      text_add_char(out, '\n');
      text_repeat(out, ' ', indent);
      text_format(out, "%smod %.*s\n", other->is_public ? "pub " : "", STR_ARGS(name));
      print_source(graph, inner, indent + 2, out);
    }
  }
}

static void print_expansion(Compilation *compilation, Text *out) {
  print_source(&compilation->graph, compilation->graph.entry, 0, out);
}

static void print_trace(Compilation *compilation, Text *out) {
  graph_print_trace(&compilation->graph, compilation->graph.entry, out);
}

static void print_typed(Compilation *compilation, Text *out) {
  check_print(&compilation->program, out);
}

void outputs_of_modules(Compilation *compilation) {
  static void (*const printers[OUTPUT_COUNT])(Compilation *, Text *) = {
      [OUTPUT_AST] = print_ast,          [OUTPUT_FORMS] = print_forms, [OUTPUT_FORMS_JSON] = print_forms_json,
      [OUTPUT_SOURCE] = print_expansion, [OUTPUT_TRACE] = print_trace, [OUTPUT_TYPED] = print_typed,
  };
  for (int kind = 0; kind < OUTPUT_COUNT; kind++) {
    if (printers[kind] && compilation_wants(compilation, (OutputKind)kind)) {
      Text text = text_new(&compilation->result->arena);
      printers[kind](compilation, &text);
      compilation->result->outputs[kind] = text_str(&text);
    }
  }
}

static Str read_entry(Compilation *compilation) {
  if (compilation->options->has_source) {
    return compilation->options->source;
  }
  Arena *arena = &compilation->context->arena;
  Text text = text_new(arena);
  FILE *file =
      fopen(arena_copy_string(arena, compilation->roots.entry.ptr, compilation->roots.entry.length), "rb");
  if (!file) {
    return (Str){0};
  }
  char buffer[65536];
  for (size_t length; (length = fread(buffer, 1, sizeof buffer, file)) > 0;) {
    text_add(&text, (Str){buffer, length});
  }
  bool whole = !ferror(file);
  fclose(file);
  return whole ? text_str(&text) : (Str){0};
}

bool output_of_base_forms(Compilation *compilation) {
  Context *context = compilation->context;
  Str source = read_entry(compilation);
  const char *problem = strerror(errno);
  FileId file = sources_add(&context->sources, compilation->roots.entry, source);
  if (!source.ptr) {
    Position start = sources_file(&context->sources, file)->base;
    diagnostic_add(&context->diagnostics, DIAGNOSTIC_MD0002, (Span){start, start}, "cannot read %.*s: %s",
                   STR_ARGS(compilation->roots.entry), problem);
    return false;
  }
  SyntaxResult read;
  FormId root = syntax_read(&compilation->graph.forms, file, &read);
  Text text = text_new(&compilation->result->arena);
  print_json(&compilation->graph.forms, root, &text);
  compilation->result->outputs[OUTPUT_BASE_FORMS] = text_str(&text);
  return context->diagnostics.errors == 0;
}
