// Performance attribution: where the time, the memory and the work of one compilation went (spec 10 §1-§4).
//
// A `PerfSession` belongs to one compilation and is found in `Context.perf`; NULL while measuring is off, and
// then every call below costs one test and a not-taken branch. Phases and counters of phases.def and
// counters.def have ids; names that only the run knows (a pass with its ordinal) are given as text.
//
// Spans nest. Time is additive per phase: a phase that is open twice at a time (recursion) counts once, and
// one that runs many times sums up. A span left open by an early return ends with the span around it, so that
// a failing phase is reported too. `PERF_BEGIN_APART` opens a span whose time is taken out of the spans
// around it: modules that are loaded on demand in the middle of analysis are booked under `loadModuleGraph`
// alone.
//
//   PERF_BEGIN(context->perf, ANALYZE_MODULES);
//   ...
//   PERF_COUNT(context->perf, CHECK_FUNCTIONS, program->functions.count);
//   PERF_END(context->perf, ANALYZE_MODULES);
//
// One session is used by one thread at a time.
#ifndef VOYD_PERF_PERF_H
#define VOYD_PERF_PERF_H

#include "base/text.h"

typedef enum PerfPhase {
#define PERF_PHASE(id, name, parent, presence, memory) PERF_PHASE_##id,
#include "perf/phases.def"
#undef PERF_PHASE
  PERF_PHASE_COUNT,
  PERF_PHASE_NONE = PERF_PHASE_COUNT
} PerfPhase;

typedef enum PerfCounter {
#define PERF_ALWAYS(id, name) PERF_COUNT_##id,
#define PERF_SPARSE(id, name) PERF_COUNT_##id,
#include "perf/counters.def"
#undef PERF_ALWAYS
#undef PERF_SPARSE
  PERF_COUNTER_COUNT
} PerfCounter;

typedef struct PerfSession PerfSession;

// --- Measuring (for every room)
// --------------------------------------------------------------------------------------

#define PERF_BEGIN(session, id) ((session) ? perf_begin((session), PERF_PHASE_##id, (Str){0}, 0) : (void)0)
// With a detail that the trace shows: a module, a function.
#define PERF_BEGIN_OF(session, id, detail)                                                                   \
  ((session) ? perf_begin((session), PERF_PHASE_##id, (detail), 0) : (void)0)
#define PERF_BEGIN_APART(session, id)                                                                        \
  ((session) ? perf_begin((session), PERF_PHASE_##id, (Str){0}, PERF_SPAN_APART) : (void)0)
#define PERF_END(session, id) ((session) ? perf_end((session), PERF_PHASE_##id) : (void)0)

#define PERF_COUNT(session, id, amount)                                                                      \
  ((session) ? perf_count((session), PERF_COUNT_##id, (double)(amount)) : (void)0)

enum { PERF_SPAN_APART = 1 << 0 };

void perf_begin(PerfSession *session, PerfPhase phase, Str detail, uint32_t flags);
void perf_end(PerfSession *session, PerfPhase phase);
// A ready duration, for time that someone else measured. Negative ones are dropped, zero is kept.
void perf_time_add(PerfSession *session, PerfPhase phase, double milliseconds);
void perf_count(PerfSession *session, PerfCounter counter, double amount);

// The same for names made while compiling: "optimize.pass.4.licm.ms". Sessions may be NULL. The name is
// copied.
void perf_begin_named(PerfSession *session, Str name);
void perf_end_named(PerfSession *session, Str name);
void perf_time_add_named(PerfSession *session, Str name, double milliseconds);
void perf_count_named(PerfSession *session, Str name, double amount);
// A span that someone else measured, for the trace alone: it began at `start` of perf_clock, in the thread
// `thread` (0: the session's own).
void perf_trace_named(PerfSession *session, Str name, double start, double milliseconds, uint32_t thread);
bool perf_is_traced(const PerfSession *session); // false for NULL

// Process-wide work (Binaryen's thread pool and type store): sessions that were inside at the same moment are
// marked `overlapped`, since each one's time includes waiting for the other (spec 10 §1.6). Call also when
// not measuring, so that others learn of it.
typedef struct PerfShared {
  PerfSession *session;
  uint32_t collisions;
} PerfShared;
PerfShared perf_shared_enter(PerfSession *session);
void perf_shared_leave(PerfShared shared);

double perf_clock(void); // monotonic milliseconds

// --- Sessions (for driver/)
// ------------------------------------------------------------------------------------------

typedef struct PerfOptions {
  Str entry;             // entry path as the loader sees it
  double setup;          // milliseconds of setup before the session, part of `total`
  int64_t arenas_before; // bytes that arenas held before the compilation began; not its own
  bool trace;            // keep every span for perf_trace_json
  bool resident_memory;  // also measure the process's peak resident memory per phase (Linux)
} PerfOptions;

PerfSession *perf_session_new(const PerfOptions *options);
// Idempotent: the first call ends all open spans and fixes the result. `diagnostics` counts those of a failed
// compile.
void perf_session_finish(PerfSession *session, bool success, uint32_t diagnostics);
void perf_session_free(PerfSession *session); // NULL is fine
void perf_session_set_entry(PerfSession *session, Str entry);

// Is VOYD_COMPILER_PERF set to 1, true or yes?
bool perf_wanted_by_environment(void);

// --- Reports of a finished session
// -----------------------------------------------------------------------------------

// The JSON of spec 10 §2, on one line, without the prefix `[voyd:compiler:perf] ` and without line end.
void perf_summary_json(const PerfSession *session, Text *out);
#define PERF_SUMMARY_PREFIX "[voyd:compiler:perf] "
// A table for people: phases by nesting with time, share and peak memory; counters that counted something.
void perf_summary_table(const PerfSession *session, bool color, Text *out);
// Chrome trace format (JSON object with `traceEvents`); empty of spans unless options.trace.
void perf_trace_json(const PerfSession *session, Text *out);

// --- The tables
// ------------------------------------------------------------------------------------------------------

const char *perf_phase_name(PerfPhase phase);
PerfPhase perf_phase_parent(PerfPhase phase);
const char *perf_counter_name(PerfCounter counter);
bool perf_counter_always(PerfCounter counter);

#endif
