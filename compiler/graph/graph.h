// The module graph: which files belong to the program, what each module declares in form, and what it
// imports.
//
// One loop loads files, reads them to forms, expands macros and follows imports until nothing is left (spec
// 03 §3, 02 §6). A module is a file (with its test companion) or an inline `mod`; both look the same
// afterwards. The graph keeps `use` entries normalised (01 §14.7, 03 §2.2) and the remaining top-level forms
// as items for ast/.
#ifndef VOYD_GRAPH_GRAPH_H
#define VOYD_GRAPH_GRAPH_H

#include "syntax/syntax.h"

typedef uint32_t ModuleId;  // 0 = none
typedef uint32_t PackageId; // equal iff the printable package id is equal (03 §4.1); 0 = `local`

typedef enum { NAMESPACE_SRC, NAMESPACE_STD, NAMESPACE_PKG } ModuleNamespace;

typedef struct ModulePath {
  ModuleNamespace space;
  Name package; // NAMESPACE_PKG only, else NAME_EMPTY
  const Name *segments;
  uint32_t count;
} ModulePath;

// What a module has reached. Later states include the earlier ones; `graph_require` moves a module forward.
typedef enum {
  MODULE_KNOWN,    // path and file resolved, nothing read
  MODULE_PARSED,   // forms and `use` entries
  MODULE_EXPANDED, // macros gone, imports of the expansion followed
  MODULE_BOUND,    // declarations and imports in the symbol table (names/)
  MODULE_SIGNED,   // types of declarations resolved (check/)
} ModuleState;

typedef enum { SELECT_MODULE, SELECT_ALL, SELECT_NAME } UseSelection;

// One normalised leaf of a `use` (03 §2.2).
typedef struct UseEntry {
  UseSelection selection;
  bool is_public;       // `pub use`, `pub path`
  bool has_prefix;      // began with self, super, src, std or pkg; otherwise 03 §2.3
  bool is_prelude;      // the implicit prelude import (03 §8)
  const Name *segments; // module part as written, prefix words included, without the target
  uint32_t segment_count;
  Name target;     // SELECT_NAME: selected name
  Name alias;      // local name of a module or name selection
  ModuleId module; // resolved module of the module part; 0 if not found (reported) or to be resolved by
                   // names/ (no prefix)
  Name member; // != NAME_EMPTY: the module part named an effect, type or alias `member` of `module` (03 §2.6,
               // §2.7, §3.3.3)
  Span span;        // the whole declaration
  Span target_span; // the selected name, alias included
  bool awaited;     // not found yet, but a macro may still make the module (03 §3.4)
} UseEntry;

typedef struct Module {
  ModulePath path;
  Name id; // printable, `src::math::vec3`
  ModuleState state;
  FileId file;     // of an inline module: the enclosing file
  ModuleId parent; // enclosing module of an inline module, else 0
  PackageId package;
  bool is_package_root; // pkg.voyd of its package (03 §4.1)
  bool is_inline;
  bool is_public; // `pub mod`
  bool no_prelude;
  bool failed; // reading failed: the module counts as empty and importers stay silent about it (03 §7.8)
  Name documentation; // `//!` lines, or `///` before an inline module (set by ast/)
  Span span;          // inline: the declaration; file: its whole text
  VECTOR(FormId)
  items; // top-level forms in order, without uses and inline modules; attributes precede their item
  VECTOR(UseEntry) uses;
  VECTOR(Span) replaced;   // source text of items that expansion has replaced or removed: macros, what failed
  VECTOR(DocComment) docs; // of the file and its test companion; inline modules: in those of the file
} Module;

// What made an identifier: the `context` of forms and AST names indexes ModuleGraph.contexts (02 §9.1).
typedef enum {
  HYGIENE_SOURCE,    // reading a file: entry 0 only
  HYGIENE_TEMPLATE,  // a literal identifier of a macro of `module`, in one expansion
  HYGIENE_FRESH,     // `identifier(…)`
  HYGIENE_REFERENCE, // `symbol_reference(…)`: means the module scope of `module`
} HygieneKind;

typedef struct HygieneContext {
  ModuleId module; // of the macro definition; HYGIENE_REFERENCE: whose scope is meant
  uint16_t kind;   // HygieneKind
  uint16_t depth;  // of the invocation, in invocations
} HygieneContext;

// Where a macro makes a reference.
typedef struct HygieneReference {
  uint32_t context;
  Span span;
} HygieneReference;

typedef struct VirtualFile {
  Str path; // absolute
  Str text;
} VirtualFile;

// Paths are absolute, without `.` and `..`, directories without a slash at their end. Nothing is kept but the
// texts of virtual files, which must live as long as the graph.
typedef struct GraphOptions {
  Str entry;
  bool has_source; // `source` is the text of the entry
  Str source;
  const VirtualFile *files; // win over the file system
  uint32_t file_count;
  Str source_root; // default: by the entry (03 §1.4)
  Str std_root;    // a directory; default: the embedded library, `std:array.voyd`
  const Str *package_dirs;
  uint32_t package_dir_count;
  bool include_tests; // with test companions (03 §11.2)
  bool whole_library; // read all of std, whatever the program means of it
} GraphOptions;

// How much of std was read.
typedef enum {
  LIBRARY_WHOLE,     // all of it that is imported, in full
  LIBRARY_PARTIAL,   // only what the program can mean: errors may want to speak of the rest
  LIBRARY_ENOUGH,    // the same, and the errors of loading are final
  LIBRARY_TOO_SMALL, // imports that macros made mean more: to be loaded again with `whole_library`
} LibraryState;

typedef struct ModuleGraph {
  Context *context;
  FormTable forms;
  VECTOR(Module) modules; // by ModuleId, in discovery order; entry 0 unused. Pointers do not survive loading
  VECTOR(HygieneContext) contexts;     // by context; empty until a macro is expanded
  VECTOR(HygieneReference) references; // by context
  ModuleId entry;
  bool keeps_trace;   // set before loading: note the macro invocations for graph_print_trace
  bool include_tests; // `test` declarations are part of the program (03 §11)
  LibraryState library;
  struct GraphState *state; // private
} ModuleGraph;

void graph_init(ModuleGraph *graph, Context *context);
void graph_free(ModuleGraph *graph);

// Loads the entry and everything that it reaches, in order of discovery (03 §3). Modules are MODULE_EXPANDED
// afterwards. True iff no error was reported; what could be read is there in any case.
bool graph_load(ModuleGraph *graph, const GraphOptions *options);

// Is there a macro of that name, for an importer of the module (02 §4)?
typedef enum { MACRO_ABSENT, MACRO_PRIVATE, MACRO_EXPORTED } MacroVisibility;
MacroVisibility graph_macro(const ModuleGraph *graph, ModuleId module, Name name);

// The place in the macro of a context that is a reference (for BD0008), else unknown.
Span graph_reference_span(const ModuleGraph *graph, uint32_t context);

// For the index of std (graph/library.h): the top-level forms of a module before expansion, without its
// imports; the macros that names mean in it, its own and imported ones.
typedef struct MacroName {
  Name name;
  ModuleId module; // of the definition
  Span span;
} MacroName;
const FormId *graph_base(const ModuleGraph *graph, ModuleId module, uint32_t *count);
bool graph_macro_named(const ModuleGraph *graph, ModuleId module, Name name, MacroName *out);
// The exported ones by number; false past the last.
bool graph_macro_exported(const ModuleGraph *graph, ModuleId module, uint32_t index, MacroName *out);

// The items of a module such that text alone tells names apart: what a macro declares is spelled anew where
// another identity of the same text is near. `items` has room for all.
void graph_spell_items(ModuleGraph *graph, ModuleId module, FormId *items);

// The macro invocations in a module in order, a line each: place, macro, its module; nested ones indented.
void graph_print_trace(ModuleGraph *graph, ModuleId module, Text *out);

// The loaded module with that printable id, or 0.
ModuleId graph_find(const ModuleGraph *graph, Name id);
// Printable package id (03 §4.1): `local`, `local:a::b`, `std`, `pkg:name`.
Str graph_package_text(const ModuleGraph *graph, PackageId package);

static inline Module *graph_module(const ModuleGraph *graph, ModuleId id) {
  return &graph->modules.items[id];
}

#endif
