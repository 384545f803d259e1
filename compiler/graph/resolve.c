// From the module part of a `use` to a module: the absolute path (spec 03 §2.4), then a loaded module or a
// file (§1.3), then what the path means if only a prefix of it is a module (§3.3).
#include "graph/state.h"

Name module_path_id(GraphState *state, const ModulePath *path) {
  Context *context = state->graph->context;
  ArenaMark mark = arena_mark(&state->arena);
  Text text = text_new(&state->arena);
  switch (path->space) {
  case NAMESPACE_SRC:
    text_add(&text, STR("src"));
    break;
  case NAMESPACE_STD:
    text_add(&text, STR("std"));
    break;
  case NAMESPACE_PKG:
    text_format(&text, "pkg:%.*s", STR_ARGS(context_name(context, path->package)));
    break;
  }
  for (uint32_t i = 0; i < path->count; i++) {
    text_add(&text, STR("::"));
    text_add(&text, context_name(context, path->segments[i]));
  }
  Name id = names_intern(&context->names, text_str(&text));
  arena_rewind(&state->arena, mark);
  return id;
}

ModulePath module_path(GraphState *state, ModuleNamespace space, Name package, const Name *segments,
                       uint32_t count) {
  Name *copy = ARENA_ARRAY(&state->graph->context->arena, Name, count + 1);
  if (count > 0) {
    memcpy(copy, segments, count * sizeof *copy);
  }
  return (ModulePath){space, package, copy, count};
}

ModulePath module_path_add(GraphState *state, const ModulePath *path, Name segment) {
  ModulePath longer = module_path(state, path->space, path->package, path->segments, path->count);
  ((Name *)longer.segments)[longer.count++] = segment; // there is room for one more
  return longer;
}

static ModulePath path_prefix(const ModulePath *path, uint32_t count) {
  return (ModulePath){path->space, path->package, path->segments, count};
}

static ModuleId lookup(GraphState *state, const ModulePath *path) {
  uint32_t module = id_map_get(&state->modules, module_path_id(state, path));
  return module == ID_MAP_NONE ? 0 : module;
}

// The module that a logical path names: that very path, or the package root in the directory of that path.
ModuleId module_known(GraphState *state, const ModulePath *path) {
  ModuleId module = path->count > 0 ? lookup(state, path) : 0;
  if (module != 0) {
    return module;
  }
  ModulePath root = module_path_add(state, path, NAME_PKG);
  module = lookup(state, &root);
  return module != 0 && graph_module(state->graph, module)->is_package_root ? module : 0;
}

// ---- absolute paths (03 §2.4) ----

static bool declares_inline(GraphState *state, ModuleId module, Name name) {
  ModulePath path = module_path_add(state, &graph_module(state->graph, module)->path, name);
  ModuleId child = lookup(state, &path);
  return child != 0 && graph_module(state->graph, child)->is_inline;
}

static bool anchored_path(GraphState *state, ModuleId importer, const UseEntry *use, uint32_t anchors,
                          ModulePath *out) {
  const Module *module = graph_module(state->graph, importer);
  uint32_t hops = 0;
  for (uint32_t i = 0; i < anchors; i++) {
    hops += use->segments[i] == NAME_SUPER;
  }
  uint32_t base = module->path.count;
  uint32_t rest = use->segment_count - anchors;
  if (module->is_package_root) {
    bool own_inline = hops == 0 && rest > 0 && declares_inline(state, importer, use->segments[anchors]);
    if (!own_inline) {
      base--;
      hops -= hops > 0; // the file stands for its directory already
    }
  }
  if (hops > base) {
    return false;
  }
  Names segments = {0};
  for (uint32_t i = 0; i < base - hops; i++) {
    VECTOR_PUSH(&state->arena, &segments, module->path.segments[i]);
  }
  for (uint32_t i = anchors; i < use->segment_count; i++) {
    VECTOR_PUSH(&state->arena, &segments, use->segments[i]);
  }
  *out = module_path(state, module->path.space, module->path.package, segments.items, segments.count);
  return true;
}

static bool absolute_path(GraphState *state, ModuleId importer, const UseEntry *use, ModulePath *out) {
  const ModulePath *from = &graph_module(state->graph, importer)->path;
  uint32_t anchors = 0;
  while (anchors < use->segment_count &&
         (use->segments[anchors] == NAME_SELF || use->segments[anchors] == NAME_SUPER)) {
    anchors++;
  }
  if (anchors > 0) {
    return anchored_path(state, importer, use, anchors, out);
  }
  const Name *segments = use->segments + 1;
  uint32_t count = use->segment_count - 1;
  switch (use->segments[0]) {
  case NAME_STD:
    *out = module_path(state, NAMESPACE_STD, NAME_EMPTY, segments, count);
    return true;
  case NAME_SRC: // inside a library: its own root
    *out = module_path(state, from->space, from->package, segments, count);
    return true;
  case NAME_PKG:
    if (count == 0) {
      return false;
    }
    *out = module_path(state, NAMESPACE_PKG, segments[0], segments + 1, count - 1);
    return true;
  default:
    return false;
  }
}

// ---- files (03 §1.3) ----

typedef enum { FOUND_NOTHING, FOUND_MODULE, FOUND_CONFLICT } FoundKind;

typedef struct FoundFile {
  FoundKind kind;
  Str file;
  Str other;         // FOUND_CONFLICT: the package root beside `file`
  uint32_t segments; // of the request that the file stands for
  bool is_root;      // pkg.voyd
} FoundFile;

static Str directory_of(GraphState *state, Str root, const ModulePath *path, uint32_t count) {
  Text text = text_new(&state->arena);
  text_add(&text, root);
  for (uint32_t i = 0; i < count; i++) {
    Str name = context_name(state->graph->context, path->segments[i]);
    if (text.bytes[text.count - 1] != '/' && text.bytes[text.count - 1] != ':') {
      text_add_char(&text, '/');
    }
    text_add(&text, name);
  }
  return text_str(&text);
}

// A segment is one component of a file name, whatever a quoted name holds.
static bool segments_are_names(const GraphState *state, const ModulePath *path) {
  for (uint32_t i = 0; i < path->count; i++) {
    Str name = context_name(state->graph->context, path->segments[i]);
    if (name.length == 0 || name.ptr[0] == '.' || memchr(name.ptr, '\0', name.length) != NULL ||
        memchr(name.ptr, '/', name.length) != NULL) {
      return false;
    }
  }
  return true;
}

static FoundFile find_below(GraphState *state, Str root, const ModulePath *path) {
  FoundFile found = {0};
  for (uint32_t count = path->count; count > 0; count--) {
    Str directory = directory_of(state, root, path, count);
    Str ordinary = arena_format(&state->arena, "%.*s.voyd", STR_ARGS(directory));
    Str package = path_join(&state->arena, directory, STR("pkg.voyd"));
    bool has_ordinary = files_is_file(state, ordinary);
    bool has_package = files_is_file(state, package);
    if (has_ordinary && has_package) {
      return (FoundFile){FOUND_CONFLICT, ordinary, package, count, false};
    }
    if (found.kind == FOUND_NOTHING && (has_ordinary || has_package)) {
      found = (FoundFile){FOUND_MODULE, has_ordinary ? ordinary : package, STR(""), count, has_package};
    }
  }
  return found;
}

static FoundFile find_file(GraphState *state, const ModulePath *path) {
  if (!segments_are_names(state, path)) {
    return (FoundFile){0};
  }
  if (path->space != NAMESPACE_PKG) {
    return find_below(state, path->space == NAMESPACE_STD ? state->std_root : state->source_root, path);
  }
  const Paths *roots = packages_roots(state, path->package);
  for (uint32_t i = 0; i < roots->count; i++) {
    FoundFile found = find_below(state, roots->items[i], path);
    if (found.kind != FOUND_NOTHING) {
      return found;
    }
  }
  return (FoundFile){0};
}

// ---- reports ----

static bool first_report(GraphState *state, uint32_t importer, Name id) {
  uint64_t key = id_pair(importer, id);
  if (id_map_get(&state->reported, key) != ID_MAP_NONE) {
    return false;
  }
  id_map_put(&state->arena, &state->reported, key, 1);
  return true;
}

static Span file_start(const GraphState *state, FileId file) {
  Position base = sources_file(&state->graph->context->sources, file)->base;
  return (Span){base, base};
}

static void report_missing(GraphState *state, ModuleId importer, const UseEntry *use,
                           const ModulePath *path) {
  Context *context = state->graph->context;
  Name id = module_path_id(state, path);
  Str text = context_name(context, id);
  if (first_report(state, importer, id)) {
    const Module *module = graph_module(state->graph, importer);
    Diagnostic *diagnostic = diagnostic_add(&context->diagnostics, DIAGNOSTIC_MD0001, use->span,
                                            "unable to resolve module %.*s", STR_ARGS(text));
    diagnostic_related(&context->diagnostics, diagnostic, file_start(state, module->file),
                       "referenced from %.*s", STR_ARGS(context_name(context, module->id)));
  }
  if (use->selection != SELECT_MODULE) { // spec 03 §3.3.6: tools filter by either code
    diagnostic_add(&context->diagnostics, DIAGNOSTIC_BD0001, use->span, "module %.*s is not available",
                   STR_ARGS(text));
  }
}

static void report_conflict(GraphState *state, const UseEntry *use, const ModulePath *path,
                            const FoundFile *found) {
  Context *context = state->graph->context;
  ModulePath claimed = path_prefix(path, found->segments);
  Name id = module_path_id(state, &claimed);
  if (!first_report(state, 0, id)) {
    return;
  }
  Diagnostic *diagnostic =
      diagnostic_add(&context->diagnostics, DIAGNOSTIC_MD0006, use->span,
                     "module path %.*s is ambiguous: both %.*s and %.*s claim it",
                     STR_ARGS(context_name(context, id)), STR_ARGS(found->file), STR_ARGS(found->other));
  diagnostic_hint(&context->diagnostics, diagnostic, "rename or remove one of the two files");
}

static bool report_reserved(GraphState *state, const UseEntry *use, const ModulePath *path) {
  for (uint32_t i = 0; i < path->count; i++) {
    if (path->segments[i] == NAME_ALL) {
      Context *context = state->graph->context;
      diagnostic_add(&context->diagnostics, DIAGNOSTIC_MD0005, use->span,
                     "module %.*s has the reserved segment 'all'; rename it",
                     STR_ARGS(context_name(context, module_path_id(state, path))));
      return true;
    }
  }
  return false;
}

// ---- members (03 §3.3.3) ----

// The name that a declaration-like form declares: the leftmost identifier after its keyword.
static Name declared_name(const FormTable *forms, FormId id) {
  const Form *form = form_get(forms, id);
  uint32_t next = form_headed(forms, form, NAME_PUB) ? 2 : 1;
  if (form->kind != FORM_LIST || form_count(form) <= next) {
    return NAME_EMPTY;
  }
  const Form *keyword = form_get(forms, form_element(form, next - 1));
  if (form_is_word(keyword, NAME_FN) || form_is_word(keyword, NAME_LET) || form_is_word(keyword, NAME_IMPL)) {
    return NAME_EMPTY;
  }
  const Form *head = form_get(forms, form_element(form, next));
  while (head->kind == FORM_LIST && form_count(head) > 0) {
    const Form *first = form_get(forms, form_element(head, 0));
    bool operator= first->kind == FORM_IDENTIFIER &&(
        first->value == NAME_ASSIGN || first->value == NAME_COLON || first->value == NAME_ARROW);
    if (operator&& form_count(head) > 1) {
      first = form_get(forms, form_element(head, 1));
    }
    head = first;
  }
  return head->kind == FORM_IDENTIFIER ? head->value : NAME_EMPTY;
}

// May `name` be an effect or type of the module? Whether it is, names/ finds out.
static bool may_have_member(GraphState *state, ModuleId id, Name name) {
  const Module *module = graph_module(state->graph, id);
  if (module->failed) {
    return true; // its errors are reported, importers stay silent
  }
  if (library_is_partial(state, id)) {
    state->library.guessed = true;
    return true;
  }
  for (uint32_t i = 0; i < module->items.count; i++) {
    if (declared_name(&state->graph->forms, module->items.items[i]) == name) {
      return true;
    }
  }
  for (uint32_t i = 0; i < module->uses.count; i++) {
    const UseEntry *use = &module->uses.items[i];
    if (use->is_public && (use->selection == SELECT_ALL || use->alias == name)) {
      return true;
    }
  }
  return false;
}

// ---- resolution ----

typedef struct Resolved {
  ModuleId module; // 0: not found
  Name member;
  bool reported;
} Resolved;

// The module of `path` below a loaded prefix: an inline module, or a member of the prefix.
static Resolved resolve_rest(GraphState *state, const UseEntry *use, const ModulePath *path, ModuleId prefix,
                             uint32_t prefix_count) {
  ModuleId module = module_known(state, path);
  if (module == 0 && graph_module(state->graph, prefix)->is_package_root) {
    ModulePath inner = graph_module(state->graph, prefix)->path;
    for (uint32_t i = prefix_count; i < path->count; i++) {
      inner = module_path_add(state, &inner, path->segments[i]);
    }
    module = lookup(state, &inner);
  }
  if (module != 0) {
    return (Resolved){.module = module};
  }
  if (use->selection != SELECT_MODULE && prefix_count + 1 == path->count &&
      may_have_member(state, prefix, path->segments[prefix_count])) {
    return (Resolved){.module = prefix, .member = path->segments[prefix_count]};
  }
  return (Resolved){0};
}

// The longest loaded inline module or file on the way of the path, for members of inline modules.
static Resolved resolve_loaded_prefix(GraphState *state, const UseEntry *use, const ModulePath *path) {
  if (use->selection != SELECT_MODULE && path->count > 1) {
    ModulePath shorter = path_prefix(path, path->count - 1);
    ModuleId module = module_known(state, &shorter);
    Name member = path->segments[path->count - 1];
    if (module != 0 && may_have_member(state, module, member)) {
      return (Resolved){.module = module, .member = member};
    }
  }
  return (Resolved){0};
}

static Resolved resolve_path(GraphState *state, const UseEntry *use, const ModulePath *path) {
  ModuleId known = module_known(state, path);
  if (known != 0) {
    return (Resolved){.module = known};
  }
  FoundFile found = find_file(state, path);
  if (found.kind == FOUND_CONFLICT) {
    report_conflict(state, use, path, &found);
    return (Resolved){.reported = true};
  }
  if (found.kind == FOUND_NOTHING) {
    return resolve_loaded_prefix(state, use, path);
  }
  ModulePath prefix = path_prefix(path, found.segments);
  prefix = found.is_root ? module_path_add(state, &prefix, NAME_PKG)
                         : module_path(state, path->space, path->package, path->segments, found.segments);
  ModuleId module = lookup(state, &prefix);
  if (module == 0) {
    module = load_file(state, &prefix, found.file, use->span);
    if (module == 0) {
      return (Resolved){.reported = true};
    }
  }
  if (found.segments == path->count) {
    return (Resolved){.module = module};
  }
  Resolved rest = resolve_rest(state, use, path, module, found.segments);
  return rest.module != 0 ? rest : resolve_loaded_prefix(state, use, path);
}

// `std::x` where std has no module `x`: an export of the root, for names/ to judge (03 §3.3.4).
static Resolved resolve_std_member(GraphState *state, const UseEntry *use, const ModulePath *path) {
  if (path->space != NAMESPACE_STD || path->count != 1 || path->segments[0] == NAME_PKG) {
    return (Resolved){0};
  }
  ModulePath root = module_path(state, NAMESPACE_STD, NAME_EMPTY, (const Name[]){NAME_PKG}, 1);
  Resolved resolved = resolve_path(state, use, &root);
  if (resolved.module != 0) {
    resolved.member = path->segments[0];
  }
  return resolved;
}

void resolve_use(GraphState *state, ModuleId importer, uint32_t use_index) {
  UseEntry use = graph_module(state->graph, importer)->uses.items[use_index];
  if (!use.has_prefix) {
    return;
  }
  Context *context = state->graph->context;
  ModulePath path;
  // `use self`, `use super`, `use pkg` alone; `src` names a root only inside a library (03 §2.4)
  bool lone =
      use.selection == SELECT_MODULE && use.segment_count == 1 && use.segments[0] != NAME_STD &&
      (use.segments[0] != NAME_SRC || graph_module(state->graph, importer)->path.space == NAMESPACE_SRC);
  if (lone || !absolute_path(state, importer, &use, &path)) {
    diagnostic_add(&context->diagnostics, DIAGNOSTIC_BD0001, use.span, "unable to resolve this path");
    return;
  }
  if (report_reserved(state, &use, &path)) {
    return;
  }
  if (path.count == 0) {
    path = module_path_add(state, &path, NAME_PKG);
  }
  Resolved resolved = resolve_path(state, &use, &path);
  if (resolved.module == 0 && !resolved.reported) {
    resolved = resolve_std_member(state, &use, &path);
  }
  UseEntry *entry = &graph_module(state->graph, importer)->uses.items[use_index];
  entry->awaited = false;
  if (resolved.module == 0) {
    if (!resolved.reported && state->settled) {
      report_missing(state, importer, &use, &path);
    } else if (!resolved.reported) {
      entry->awaited = state->awaits = true;
    }
    return;
  }
  entry->module = resolved.module;
  entry->member = resolved.member;
}
