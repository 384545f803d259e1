// Private to graph/: macro expansion (spec 02).
//
//   expand.c      the order of modules and the fixpoint over the graph (02 §6); one module's items
//   macros.c      macro declarations, what is visible where, export tables (02 §3, §4)
//   walk.c        the traversal of forms (02 §5.1)
//   sequences.c   module roots and suites: attributes, `emit_many`, `pub` in front of a macro (02 §5.3, §5.4,
//                 §11)
//   evaluate.c    the evaluator and templates (02 §7, §8)
//   builtins.c    the evaluator's functions (02 §7.5), from builtins.def
//   hygiene.c     contexts and their checks on results (02 §9)
//   binders.c     what forms bind
//   spelling.c    a spelling of its own for each identity, to print expanded modules
//
// Identifiers of a macro's body are marked when they are evaluated or copied, which comes to the same as
// copying and marking the body at each invocation (02 §9.2). Nodes made from the body get the span of the
// invocation at once; syntax of the caller is shared, never copied (02 §10).
#ifndef VOYD_GRAPH_EXPAND_H
#define VOYD_GRAPH_EXPAND_H

#include "base/limits.h"
#include "graph/state.h"

typedef uint32_t MacroId; // 0 = none
enum { MACRO_AMBIGUOUS = INT32_MAX };

typedef struct Macro {
  Name name;
  ModuleId module;
  bool is_attribute;
  bool is_public;
  bool replaced;     // by a later definition in its module, or undone
  Position position; // of the definition, or of the invocation that made it
  Span span;
  Name *parameters;
  uint32_t parameter_count;
  FormId body;    // (block …)
  bool uses_body; // mentions the list of all arguments
} Macro;

// What a name means as a macro in a module.
typedef struct MacroBinding {
  Name name;
  MacroId macro; // or MACRO_AMBIGUOUS
  bool is_prelude;
  bool is_local;
} MacroBinding;

typedef struct MacroExport {
  Name name;
  MacroId macro; // or MACRO_AMBIGUOUS
  bool is_local;
} MacroExport;

typedef struct Value {
  FormId form;
  struct Lambda *lambda; // then form is 0
} Value;

typedef struct Variable {
  Name name;
  Value value;
} Variable;

typedef struct Scope {
  struct Scope *outer;
  VECTOR(Variable) variables;
} Scope;

// One invocation at work.
typedef struct Frame {
  uint32_t number;    // from 1
  ModuleId module;    // of the macro's definition
  uint32_t context;   // of its identifiers, 0 until one is needed
  uint32_t depth;     // 02 §5.5
  Span span;          // of the invocation
  FormId booleans[2]; // shared by all that evaluate to them
} Frame;

// What is known of a name, or of the text of a literal, wherever it stands.
typedef struct Word {
  uint32_t frame; // that made an atom of it last
  FormId atom;
  uint8_t atom_kind, atom_flags;
  Name spliced;      // of `$name`, `$$name`: the name without its signs
  uint8_t signs;     // their number
  bool looked_at;    // for signs
  bool may_be_macro; // some module has a macro of that name
  uint8_t builtin;   // index in the table of builtins + 1
} Word;

typedef struct Lambda {
  const Name *parameters;
  uint32_t count;
  FormId body;
  Scope *scope;
  Frame *frame;
} Lambda;

// An error or what a macro logs: kept until expansion has come to its end, since it may begin anew.
typedef struct ExpansionReport {
  bool is_log;
  Span span;
  Str message;
} ExpansionReport;

typedef struct TraceEntry {
  MacroId macro;
  uint32_t depth; // of invocations
  Span span;
} TraceEntry;

// What expansion keeps of a module, beside `Module`.
typedef struct ExpandedModule {
  bool followed; // its imports are loaded
  bool expanded, stale;
  bool emitted; // an inline module made by an expansion
  bool vacated; // ... whose enclosing module is being expanded again
  bool base_known;
  uint32_t resolved_uses;
  VECTOR(FormId) base;          // items before expansion
  VECTOR(MacroBinding) visible; // in the order of names of `index`
  IdMap index;                  // name -> index in `visible`
  VECTOR(MacroExport) exports;
  VECTOR(Variable) variables; // macro_let
  VECTOR(MacroId) definitions;
  VECTOR(ExpansionReport) reports;
  VECTOR(TraceEntry) trace;
} ExpandedModule;

typedef struct Expander {
  GraphState *state;
  ModuleGraph *graph;
  FormTable *forms;
  Arena *arena;         // lives as long as the graph
  Arena work;           // of the evaluator, for one top-level form
  VECTOR(Macro) macros; // entry 0 unused
  VECTOR(ExpandedModule) modules;
  VECTOR(FormId) ids; // stack
  VECTOR(Word) words; // by Name
  uint32_t frames;    // made so far
  FormId head_emit_many;

  // the module, and the top-level form, at work
  ModuleId module;
  uint32_t steps;
  uint32_t forms_before;
  uint32_t recursion;
  uint32_t attribute_depth;
  bool failed;         // of the form at work; set with the report
  uint32_t references; // symbol_reference calls so far
  bool made_fresh;     // fresh or reference identifiers exist: results need their checks
  Span invocation;     // where an error is said to be
} Expander;

static inline const Form *expand_form(const Expander *x, FormId id) {
  return form_get(x->forms, id);
}
// (emit_many form…), whose head is always the same node
static inline bool expand_is_many(const Expander *x, const Form *form) {
  return form_count(form) > 0 && form_element(form, 0) == x->head_emit_many;
}
Word *expand_more_words(Expander *x, Name name);
// Valid until the next call.
static inline Word *expand_word(Expander *x, Name name) {
  return name < x->words.count ? &x->words.items[name] : expand_more_words(x, name);
}
static inline ExpandedModule *expanded_module(const Expander *x, ModuleId module) {
  return &x->modules.items[module];
}

// ---- expand.c ----
// MD0003 "Macro expansion failed (…): …" at the invocation at work, once for the form at work.
__attribute__((format(printf, 2, 3))) void expand_fail(Expander *x, const char *format, ...);
// The same at a place, for attributes; does not end the form.
__attribute__((format(printf, 4, 5))) void expand_report(Expander *x, Span span, const char *stage,
                                                         const char *format, ...);
// Notes what a macro logs, at the invocation at work.
void expand_log(Expander *x, Str message);
// Counts work; false when the limits are reached.
void expand_too_many_steps(Expander *x);
static inline bool expand_step(Expander *x) {
  if (++x->steps > LIMIT_MACRO_STEPS) {
    expand_too_many_steps(x);
  }
  return !x->failed;
}
FormId expand_list(Expander *x, const FormId *elements, uint32_t count, uint8_t flags, Span span);
void expand_know_modules(Expander *x); // the loader may have added some
// One level of recursion; false past the limit.
enum { EXPAND_MOST_RECURSION = 4000 };
void expand_too_deep(Expander *x);
static inline bool expand_enter(Expander *x) {
  if (x->recursion >= EXPAND_MOST_RECURSION) {
    expand_too_deep(x);
    return false;
  }
  x->recursion++;
  return true;
}
static inline void expand_leave(Expander *x) {
  x->recursion--;
}
// May the loader fill the inline module again? Expansion made it, and its enclosing module is being expanded
// anew.
static inline bool expand_refills(const Expander *x, ModuleId module) {
  return module < x->modules.count && x->modules.items[module].vacated;
}

// ---- macros.c ----
void macros_collect_visible(Expander *x, ModuleId module);
bool macros_collect_exports(Expander *x, ModuleId module); // true if they changed
// The macro that an identifier means as a head at `module`, or 0.
MacroId macros_look_up(Expander *x, ModuleId module, Name name, uint32_t context);
static inline MacroId macros_find(Expander *x, ModuleId module, Name name, uint32_t context) {
  return expand_word(x, name)->may_be_macro ? macros_look_up(x, module, name, context) : 0;
}
// Is the list a macro declaration or `macro_let`? Then it is defined and gone.
typedef enum { DECLARES_NOTHING, DECLARES_MACRO, DECLARES_VARIABLE } MacroDeclaration;
MacroDeclaration macros_declaration(const Expander *x, const Form *form);
void macros_define(Expander *x, FormId form);
bool macros_reserved_attribute(Name name);
Value *macros_variable(Expander *x, ModuleId module, Name name);

// ---- walk.c ----
FormId expand_any(Expander *x, FormId form);      // where an expression, type or statement stands
FormId expand_children(Expander *x, FormId form); // the list itself is no invocation

// ---- sequences.c ----
// Expands elements[0..count) as declarations or statements and pushes the results on `ids`.
void expand_sequence(Expander *x, const FormId *elements, uint32_t count, bool at_module);

// ---- evaluate.c ----
FormId macro_invoke(Expander *x, MacroId macro, const FormId *arguments, uint32_t count, Span span,
                    uint32_t depth);
Value macro_evaluate(Expander *x, Frame *frame, Scope *scope, FormId code);
Value macro_call_lambda(Expander *x, Lambda *lambda, const Value *arguments, uint32_t count);
// An atom of the macro's own, at the place of the invocation. All equal ones of an invocation are one node.
// `value` is a Name: not for booleans.
FormId macro_atom(Expander *x, Frame *frame, FormKind kind, Name value, uint8_t flags);
FormId macro_nop(Expander *x, Frame *frame);
FormId macro_boolean(Expander *x, Frame *frame, bool value);

// ---- builtins.c ----
void builtins_know_names(Expander *x);
// `builtin`: see Word.
Value builtin_apply(Expander *x, Frame *frame, uint32_t builtin, const Value *arguments, uint32_t count);
bool value_is_true(const Expander *x, Value value);

// ---- binders.c ----
typedef struct BinderVisit {
  Expander *expander;
  void (*visit)(Expander *expander, void *data, FormId identifier, bool fixed);
  void *data;
  bool fixed; // the name is seen from outside: of a declaration, in a labelled group
} BinderVisit;
// Calls `visit` for each identifier that the form or what is in it binds.
void binders_visit(const BinderVisit *visit, FormId form);
bool binders_is_declaration_word(const Form *form);
// The identifier that heads `N`, `(N …)`, `(: N …)`, `(= N …)`, `(-> N …)`, `(~ N)`; 0 if there is none.
FormId binders_head_name(const Expander *x, FormId form);
// The left operand of an infix operation, which may nest without limit; 0 for other forms.
FormId binders_spine_left(const Expander *x, const Form *form);

// ---- hygiene.c ----
uint32_t hygiene_template(Expander *x, Frame *frame); // the context of a frame's identifiers
uint32_t hygiene_context(Expander *x, HygieneKind kind, ModuleId module, uint32_t depth);
uint32_t hygiene_depth(const Expander *x, uint32_t context);
// The leftmost identifier of a path means the module scope of its text's module (02 §9.6). 0 if it is no
// path.
FormId hygiene_reference(Expander *x, FormId path, Span span);
// Reports a reference that is declared (02 §9.6.3).
void hygiene_check_references(Expander *x, FormId form);
// The form without `pub` and `api` on what has a fresh name (02 §9.5.4). Forms older than `since` are known
// to have none.
FormId hygiene_strip_fresh(Expander *x, FormId form, FormId since);
bool hygiene_is_fresh(const Expander *x, const Form *form);
// The name that a declaration declares (after `pub` and the keyword), or 0.
FormId hygiene_declared_name(const Expander *x, const Form *declaration, uint32_t keyword);

#endif
