// Symbols and scopes: who is declared where, what an import brings, and what each name in a body denotes.
//
// Binding a module declares its symbols and resolves its imports (spec 03 §2–§8); binding a body resolves
// every NAME and PATH head in it once, for all instances of a generic function. A path is followed through
// modules and effects: the NAME of each segment so reached has a resolution (`fx::Ask::ask` has three). What
// depends on types (members, overloads, `T::m`) is left to check/, which asks this room for scopes and
// visibility. Invariant: an import never makes a symbol; every resolution names the declaring module's symbol
// (03 §2.8).
#ifndef VOYD_NAMES_NAMES_H
#define VOYD_NAMES_NAMES_H

#include "ast/ast.h"

typedef uint32_t SymbolId; // 0 = none
typedef uint32_t LocalId;  // index in NameTables.locals, 0 = none

typedef enum {
  SYMBOL_FUNCTION,  // declaration: FunctionId
  SYMBOL_LET,       // index in AstTable.lets
  SYMBOL_OBJECT,    // index in AstTable.objects (obj and val)
  SYMBOL_ALIAS,     // index in AstTable.aliases
  SYMBOL_TRAIT,     // index in AstTable.traits
  SYMBOL_EFFECT,    // index in AstTable.effects
  SYMBOL_OPERATION, // FunctionId; owner: the effect's symbol
  SYMBOL_MODULE,    // a module as a value of `use`; declaration: ModuleId
} SymbolKind;

typedef enum { VISIBLE_OBJECT, VISIBLE_MODULE, VISIBLE_PACKAGE, VISIBLE_PUBLIC } Visibility; // 03 §5.2

typedef struct Symbol {
  SymbolKind kind;
  Visibility visibility;
  Name name;
  uint32_t context;     // hygiene: names of different contexts never meet (02 §9)
  ModuleId module;      // declaring module
  uint32_t declaration; // by kind
  uint32_t item;        // index in AstTable.items
  SymbolId owner;       // operation: its effect
  uint32_t position;    // order of declaration within the module
  bool quoted;          // operator functions
  Span span;            // of the name
} Symbol;

// A run of SymbolIds in `NameTables.sets`: all overloads of a name that one scope offers, in declaration
// order.
typedef struct SymbolSet {
  uint32_t first;
  uint32_t count;
} SymbolSet;

typedef enum {
  LOCAL_LET,
  LOCAL_VAR,
  LOCAL_MUTABLE,
  LOCAL_PARAMETER,
  LOCAL_MUTABLE_PARAMETER,
  LOCAL_CONTINUATION
} LocalKind;

typedef struct Local {
  LocalKind kind;
  Name name;
  FunctionId owner;   // innermost function, lambda or clause that declares it
  FunctionId body;    // outermost enclosing function
  NodeId node;        // BIND node; 0 for parameters
  uint32_t parameter; // index among the owner's parameters, or UINT32_MAX
  bool captured;      // mentioned in a lambda or clause inside its owner
  bool assigned;      // target of an assignment after its declaration, or passed with `~`
  Span span;          // of the name
} Local;

// What a NAME node denotes as an expression, type or path head. A value or type position that only a module
// or an effect of the name fits gets that symbol, for check/ to refuse (TY0041).
typedef enum {
  RESOLVED_NOTHING,        // unresolved: check/ reports by position (TY0006, TY0030, TY0026 …)
  RESOLVED_ERROR,          // unresolved because of an error already reported: check/ stays silent (03 §7.8)
  RESOLVED_LOCAL,          // id: LocalId
  RESOLVED_SYMBOLS,        // one or more symbols (functions and operations may be overloaded)
  RESOLVED_TYPE_PARAMETER, // id: index in AstTable.type_parameters
  RESOLVED_BUILTIN,        // id: Name of a primitive type, `FixedArray`, `Object`, `Borrow`, or an intrinsic
                           // function
} ResolutionKind;

typedef struct Resolution {
  uint8_t kind;
  bool implicit; // only the implicit prelude brings it, which bare variant names of patterns go before (04
                 // §9.3)
  uint32_t id;
  SymbolSet symbols;
} Resolution;

// What an unqualified name may denote; look-ups filter by it (03 §6.1).
typedef enum { LOOKUP_VALUE = 1, LOOKUP_TYPE = 2, LOOKUP_EFFECT = 4, LOOKUP_MODULE = 8 } LookupSpace;

typedef struct NameTables {
  Context *context;
  ModuleGraph *graph;
  AstTable *ast;
  Arena arena;
  VECTOR(Symbol) symbols; // by SymbolId, 0 unused
  VECTOR(SymbolId) sets;
  VECTOR(Local) locals;             // by LocalId, 0 unused
  VECTOR(Resolution) resolutions;   // by NodeId: of NAME nodes (expressions, types, path heads)
  VECTOR(LocalId) bind_locals;      // by NodeId: of BIND nodes
  VECTOR(LocalId) parameter_locals; // by index in AstTable.parameters
  struct NamesState *state;         // private
} NameTables;

void names_tables_init(NameTables *tables, Context *context, ModuleGraph *graph, AstTable *ast);
void names_tables_free(NameTables *tables);

// Declares the symbols of all modules that are built, resolves their imports to a fixpoint, reports BD* and
// visibility.
bool names_bind_program(NameTables *tables);
// Resolves the names in a function (signature, body, lambdas) or method. The first call does the work; later
// ones are free. names_bind_program has done it for the user's packages, and for the other parts of all
// declarations (type parameters, fields, aliases, impl heads, module-level lets); functions of std are bound
// on demand.
void names_bind_function(NameTables *tables, FunctionId function);
// The item of AstTable.items that a function or method stands in (lambdas: that of the outer function).
uint32_t names_item_of(const NameTables *tables, FunctionId function);
// The operations of an effect symbol, in declaration order.
SymbolSet names_operations(const NameTables *tables, SymbolId effect);

static inline Symbol *names_symbol(const NameTables *tables, SymbolId id) {
  return &tables->symbols.items[id];
}
static inline Local *names_local(const NameTables *tables, LocalId id) {
  return &tables->locals.items[id];
}
static inline Resolution names_resolution(const NameTables *tables, NodeId node) {
  return tables->resolutions.items[node];
}
static inline SymbolId names_listed(const NameTables *tables, SymbolSet set, uint32_t index) {
  return tables->sets.items[set.first + index];
}

// Functions of that name visible at module scope, declared there and imported together (05 §5.12.2), quoted
// ones iff `quoted` (operators).
SymbolSet names_functions_in_scope(NameTables *tables, ModuleId module, Name name, bool quoted);
// What a name denotes at module scope by 03 §6.3: one symbol, or a set of functions or operations.
SymbolSet names_lookup(NameTables *tables, ModuleId module, Name name, uint32_t context, LookupSpace spaces);
// Exported symbols of `name` in `module` as seen from `importer` (03 §2.5); reports nothing.
SymbolSet names_exported(NameTables *tables, ModuleId module, Name name, ModuleId importer);
// The program's exports: functions of the entry module's export table under their exported names (03 §13.3).
typedef struct ProgramExport {
  Name name;
  SymbolId symbol;
} ProgramExport;
typedef VECTOR(ProgramExport) ProgramExports;
void names_program_exports(NameTables *tables, ModuleId entry, ProgramExports *out);

// Is the object a variant of an enum (04 §6.4)?
bool names_is_variant(NameTables *tables, SymbolId object);
// 03 §5.4: may `importer` use this symbol?
bool names_can_access(const NameTables *tables, SymbolId symbol, ModuleId importer);
// Printable owner path of a symbol, for messages: `src::math::Vec3`.
Str names_describe(const NameTables *tables, SymbolId symbol);
// The nearest name in scope by edit distance, or NAME_EMPTY.
Name names_suggest(NameTables *tables, ModuleId module, Name wrong, LookupSpace spaces);

// Writes the index of std (graph/library.h) as C. All of std is bound; false with a message on standard error
// if it is not laid out as the index needs it.
bool names_write_library(NameTables *tables, Text *out);

#endif
