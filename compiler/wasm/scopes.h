// Scopes: inside which functions code was inlined, by the calls whose place it took.
//
// Our own inlining records the calls that it replaces (IrSite). Binaryen's keeps what function code was
// written in, not by which call it came: that is read off the calls of the module before Binaryen, where they
// leave one possibility, and stays unknown where they leave several. A call through a reference or a table
// may mean every function of its type.
#ifndef VOYD_WASM_SCOPES_H
#define VOYD_WASM_SCOPES_H

#include "wasm/internal.h"

// Code of `function`, inlined through a call at `call` (0: unknown which) that stands in the scope `outer`
// (0: in the function that was emitted).
typedef struct Scope {
  IrFunctionId function;
  Position call;
  uint32_t outer;
} Scope;

// A node of the call graph: a function, or behind all of them the type of a call's target.
typedef uint32_t CallNode;

typedef struct CallEdge {
  CallNode caller, callee;
  Position position;
  IrSiteId site;
  bool several; // calls, at different places
  uint32_t next_of_caller, next_of_callee;
} CallEdge;

typedef struct ScopeTable {
  const IrModule *module;
  Arena *arena;
  VECTOR(Scope) scopes; // index 0 unused
  HashIndex index;
  VECTOR(CallEdge) edges;                // index 0 unused
  uint32_t *first_callee, *first_caller; // by node: the first edge from and to it
  IrFunctionId inside;                   // the function whose code is being asked about
  uint32_t *reached;                     // by node: `inside` when that function was last seen to reach it
} ScopeTable;

// Of a module as it goes to Binaryen.
ScopeTable scopes_new(const IrModule *module, Arena *arena);
// The second number of a debug location: who wrote the code of an instruction of `function`.
uint32_t scopes_mark(const IrModule *module, IrFunctionId function, IrSiteId site);
// The scope of code with this mark that was emitted in `inside` (0 if that is not one of the module's
// functions); 0 if it was written there.
uint32_t scopes_of(ScopeTable *table, IrFunctionId inside, uint32_t mark);

#endif
