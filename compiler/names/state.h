// Private to names/: module scopes, export tables, imports in progress and the scopes of the body being
// walked.
//
// A module scope maps (context, name) to an `Entry`, a chain of bindings in order of addition. Bindings and
// exports only grow until `frozen`; look-ups are cached from then on.
#ifndef VOYD_NAMES_STATE_H
#define VOYD_NAMES_STATE_H

#include "names/names.h"

typedef enum { BINDING_DECLARED, BINDING_IMPORTED, BINDING_PRELUDE } BindingOrigin;

typedef struct Binding {
  SymbolId symbol;
  uint32_t next;   // in NamesState.bindings, 0 = end
  uint32_t import; // index in NamesState.imports; 0 for declarations
  uint32_t order;  // imports: position of the use entry in its module, from 1
  uint8_t origin;  // BindingOrigin
} Binding;

typedef struct Entry {
  ModuleId module;
  Name name;
  uint32_t context;
  uint32_t first, last; // chain of bindings, 0 = none
  SymbolId function;    // the first function, and the first other thing, declared with the name
  SymbolId other;
  bool explicit;   // declared or imported by a written `use`: prelude bindings do not count (03 §6.6)
  uint32_t failed; // an import that failed and would have bound this name, 0 = none
  bool clash_reported;
} Entry;

typedef struct Export {
  Name name;
  SymbolId symbol;
  uint32_t next; // the next export of the same name in the module's table, UINT32_MAX = none
  bool implicit; // an operation that came along with its effect (03 §5.1.2)
} Export;

typedef struct ExportChain {
  uint32_t first, last; // indices in ModuleScope.exports
} ExportChain;

typedef struct ModuleScope {
  IdMap entries;              // (context, name) -> index in NamesState.entries
  VECTOR(uint32_t) entry_ids; // of this module, in order of first mention
  VECTOR(Export) exports;
  IdMap export_chains; // name -> index in `chains`
  VECTOR(ExportChain) chains;
  IdMap export_pairs;                          // (name, symbol) that are exported
  IdMap exported_symbols;                      // symbol, under any name
  VECTOR(uint32_t) importers;                  // imports that select from this module
  SymbolId symbol;                             // the module itself
  uint32_t first_item_symbol, end_item_symbol; // symbols that the module declares
  bool queued;
  bool poisoned; // an `all` from a module that failed: any name may have come from there
} ModuleScope;

typedef enum {
  IMPORT_WAITING, // the head of a path without prefix, or a namespace, is not known yet
  IMPORT_OPEN,    // selects from `source`; grows with its exports
  IMPORT_DONE,
  IMPORT_SILENT, // an error has been reported elsewhere
} ImportState;

typedef struct Import {
  ModuleId importer;
  uint32_t use;    // index in Module.uses
  ModuleId source; // module selected from, 0 while unknown
  uint32_t cursor; // exports of the source that were seen (all), or the last seen of the name + 1
  uint32_t delivered;
  SymbolId namespace; // effect or alias selected from
  uint8_t state;      // ImportState
  bool by_alias;      // the source was named by a module alias: no second visibility test (03 §2.5)
  bool by_std_root;   // that alias came from the root of std, which limits what it gives (03 §4.3)
  bool ambiguous;     // 03 §2.7
} Import;

// What lexical look-up of a module-scope name found.
typedef struct ScopeFind {
  SymbolSet symbols;
  bool implicit; // through the prelude
  bool error;    // nothing, and silence is due
} ScopeFind;

// A name of the function being walked; a stack whose top scope is the innermost.
typedef struct ScopedName {
  uint64_t key;      // (context, name)
  uint32_t id;       // LocalId or index in AstTable.type_parameters
  uint32_t previous; // hidden binding of the key: index + 1 in the stack, 0 = none
} ScopedName;

typedef struct NameStack {
  IdMap top; // key -> index + 1 in `names`; 0 = none
  VECTOR(ScopedName) names;
} NameStack;

typedef struct NamesState {
  IdMap builtins;                  // name -> flags
  VECTOR(ModuleScope) scopes;      // by ModuleId
  VECTOR(Entry) entries;           // 0 unused
  VECTOR(Binding) bindings;        // 0 unused
  VECTOR(Import) imports;          // 0 unused
  VECTOR(ModuleId) queue;          // modules whose exports grew
  VECTOR(SymbolSet) operations;    // by index in AstTable.effects
  VECTOR(SymbolId) item_symbols;   // by index in AstTable.items
  VECTOR(uint32_t) function_items; // by FunctionId: index in AstTable.items + 1
  VECTOR(uint8_t) function_bound;  // by FunctionId
  IdMap find_cache;                // (entry, spaces) -> index in `finds`
  VECTOR(ScopeFind) finds;
  IdMap member_cache;    // (module, name) -> index in `finds`: what the module exports
  IdMap standard_cache;  // name -> index in `finds`: what std exports
  IdMap operation_cache; // (effect, name) -> index in `finds`; with the empty name: those of the effect are
                         // there
  IdMap package_roots;   // PackageId -> ModuleId of its pkg.voyd
  Arena scratch;         // for work that leaves nothing behind
  bool frozen;
  // the body walk
  NameStack locals;
  NameStack types;
  VECTOR(NodeId) spine; // left spines of operator chains in progress
} NamesState;

#define NO_EXPORT UINT32_MAX
// Beside the public look-up spaces: selected effect operations, which rows may name (06 §4.2).
enum { LOOKUP_OPERATION = 16 };

// scope.c
uint32_t scope_entry(NameTables *tables, ModuleId module, Name name, uint32_t context); // made if new
uint32_t scope_find_entry(const NameTables *tables, ModuleId module, Name name, uint32_t context); // 0 = none
void scope_bind(NameTables *tables, uint32_t entry, Binding binding);
void scope_export(NameTables *tables, ModuleId module, Name name, SymbolId symbol, bool implicit);
// First export of a name, or NO_EXPORT.
uint32_t scope_first_export(const NameTables *tables, ModuleId module, Name name);
// What the name denotes at the module's top level (03 §6.3); imports of order >= `before` do not count.
ScopeFind scope_find(NameTables *tables, ModuleId module, Name name, uint32_t context, unsigned spaces,
                     uint32_t before);
// The same from an identifier with any hygiene context (02 §9.4).
ScopeFind scope_find_hygienic(NameTables *tables, ModuleId module, Name name, uint32_t context,
                              unsigned spaces);
unsigned symbol_spaces(SymbolKind kind);
const char *symbol_kind_text(const NameTables *tables, SymbolId symbol);
SymbolSet scope_single(NameTables *tables, SymbolId symbol);
// Symbols that `module::name` may mean (03 §2.5 module): exports that are no operations.
SymbolSet scope_members(NameTables *tables, ModuleId module, Name name);
// The same for the std declaration of that name: of the root of std, or else of the first module that has it.
SymbolSet scope_standard(NameTables *tables, Name name);
// Operations `name` of an effect.
SymbolSet effect_members(NameTables *tables, SymbolId effect, Name name);

// declare.c
// Reports a symbol called `void`, or a type called `Borrow` (03 §6.1).
void names_check_reserved(NameTables *tables, Name name, bool is_type, Span span);
void names_declare_module(NameTables *tables, ModuleId module);
// signatures.c: BD0002, BD0004 over the overload sets of a module and of its effects.
void names_check_overloads(NameTables *tables, ModuleId module);
// imports.c
void names_resolve_imports(NameTables *tables);
// May `importer` select exports of `source` by its path? (03 §5.4)
bool exports_accessible(const NameTables *tables, ModuleId source, ModuleId importer);
// May this import select the symbol from its source?
bool import_may_select(const NameTables *tables, const Import *import, SymbolId symbol);
// Does the root of the symbol's package export it, or the module it is in? (03 §5.4.6)
bool root_exports(const NameTables *tables, SymbolId symbol);
// The module of the package's pkg.voyd, 0 if it has none or it is not part of the program.
ModuleId package_root(const NameTables *tables, ModuleId module);
static inline const UseEntry *import_use(const NameTables *tables, const Import *import) {
  return &graph_module(tables->graph, import->importer)->uses.items[import->use];
}
// namespaces.c: members of a union or enum alias (03 §2.7).
typedef struct NamespaceMember {
  Name name;
  SymbolId symbol;
} NamespaceMember;
typedef VECTOR(NamespaceMember) NamespaceMembers;
void namespace_members(NameTables *tables, SymbolId alias, NamespaceMembers *out);
bool namespace_member_accessible(const NameTables *tables, SymbolId alias, SymbolId member,
                                 ModuleId importer);
// import_errors.c
void names_report_imports(NameTables *tables);
// BD0001 of a missing or hidden `name` of `source` (03 §10.3); silent if the source itself failed.
void report_missing_export(NameTables *tables, ModuleId source, Name name, ModuleId importer, Span span);
// The walk over one declaration: where it stands and what is in scope.
typedef struct BodyWalk {
  NameTables *tables;
  ModuleId module;
  uint32_t item;        // index in AstTable.items
  FunctionId current;   // innermost function, lambda or clause; 0 in other declarations
  FunctionId outermost; // the function around it
  uint32_t depth;
  uint32_t scope_start;      // in the stack of locals: where the innermost scope begins
  uint32_t type_scope_start; // the same for type parameters
} BodyWalk;

// A mark to return to when a scope ends.
typedef struct ScopeMark {
  uint32_t locals, types;
  uint32_t scope_start, type_scope_start;
} ScopeMark;

// What a NAME or PATH stands for in its place.
typedef enum {
  PLACE_VALUE,
  PLACE_CALLEE, // operations are allowed
  PLACE_TYPE,
  PLACE_ROW,
  PLACE_HANDLER,
} NamePlace;

// locals.c
ScopeMark walk_open(BodyWalk *walk);
void walk_close(BodyWalk *walk, ScopeMark mark);
// Declares a local in the innermost scope; BD0006 if it has one of that name. 0 for `_`.
LocalId walk_declare(BodyWalk *walk, Local local, uint32_t context);
void walk_declare_type_parameters(BodyWalk *walk, AstRange parameters);
LocalId walk_find_local(const BodyWalk *walk, Name name, uint32_t context);
// Index in AstTable.type_parameters, or UINT32_MAX.
uint32_t walk_find_type_parameter(const BodyWalk *walk, Name name, uint32_t context);

// paths.c
void walk_name(BodyWalk *walk, NodeId node, NamePlace place);
void walk_path(BodyWalk *walk, NodeId node, NamePlace place);
static inline void set_resolution(BodyWalk *walk, NodeId node, Resolution resolution) {
  walk->tables->resolutions.items[node] = resolution;
}

// bodies.c
void names_bind_item(NameTables *tables, uint32_t item);
void names_bodies_reserve(NameTables *tables);
void walk_type(BodyWalk *walk, NodeId node);
void walk_types(BodyWalk *walk, NodeRange types);
// builtins.c
enum { BUILTIN_TYPE = 1, BUILTIN_PUBLIC = 2, BUILTIN_STD = 4, BUILTIN_OPERATOR = 8, BUILTIN_STD_TYPE = 16 };
void names_builtins_init(NameTables *tables);
unsigned names_builtin(const NameTables *tables, Name name); // flags, 0 = none

#endif
