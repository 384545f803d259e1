// Sessions: spans, counters and their nesting (perf/perf.h). Reports of a finished session are in report.c
// and trace.c.
//
// Invariant: the frames are the open spans, innermost last; a frame's `apart` holds the time inside it that
// does not belong to its phase: spans booked apart, and the measuring of resident memory itself.
#include "perf/session.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

typedef struct PhaseRow {
  const char *name;
  PerfPhase parent;
  bool zero;
  bool measured;
} PhaseRow;

enum { REACHED = 0, ZERO = 1, UNMEASURED = 0, MEASURED = 1 };

static const PhaseRow phase_rows[PERF_PHASE_COUNT] = {
#define PERF_PHASE(id, name, parent, presence, memory)                                                       \
  [PERF_PHASE_##id] = {name, PERF_PHASE_##parent, presence, memory},
#include "perf/phases.def"
#undef PERF_PHASE
};

typedef struct CounterRow {
  const char *name;
  bool always;
} CounterRow;

static const CounterRow counter_rows[PERF_COUNTER_COUNT] = {
#define PERF_ALWAYS(id, name) [PERF_COUNT_##id] = {name, true},
#define PERF_SPARSE(id, name) [PERF_COUNT_##id] = {name, false},
#include "perf/counters.def"
#undef PERF_ALWAYS
#undef PERF_SPARSE
};

const char *perf_phase_name(PerfPhase phase) {
  return phase_rows[phase].name;
}

PerfPhase perf_phase_parent(PerfPhase phase) {
  return phase_rows[phase].parent;
}

const char *perf_counter_name(PerfCounter counter) {
  return counter_rows[counter].name;
}

bool perf_counter_always(PerfCounter counter) {
  return counter_rows[counter].always;
}

double perf_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

bool perf_wanted_by_environment(void) {
  const char *value = getenv("VOYD_COMPILER_PERF");
  if (!value) {
    return false;
  }
  while (isspace((unsigned char)*value)) {
    value++;
  }
  char word[8] = {0};
  size_t length = 0;
  for (; value[length] && !isspace((unsigned char)value[length]); length++) {
    if (length + 1 == sizeof word) {
      return false;
    }
    word[length] = (char)tolower((unsigned char)value[length]);
  }
  for (const char *rest = value + length; *rest; rest++) {
    if (!isspace((unsigned char)*rest)) {
      return false;
    }
  }
  return strcmp(word, "1") == 0 || strcmp(word, "true") == 0 || strcmp(word, "yes") == 0;
}

// --- Tables
// ----------------------------------------------------------------------------------------------------------

typedef struct EntryKey {
  const PerfTable *table;
  Str name;
} EntryKey;

static bool entry_equal(const void *context, uint32_t id) {
  const EntryKey *key = context;
  return str_equal(key->table->entries.items[id].name, key->name);
}

static uint32_t entry_add(PerfSession *session, PerfTable *table, Str name, uint32_t parent) {
  uint32_t entry = table->entries.count;
  VECTOR_PUSH(&session->arena, &table->entries, (PerfEntry){.name = name, .parent = parent});
  hash_index_add(&session->arena, &table->index, hash_bytes(name.ptr, name.length), entry);
  return entry;
}

static uint32_t entry_named(PerfSession *session, PerfTable *table, Str name, uint32_t parent) {
  EntryKey key = {table, name};
  uint32_t found = hash_index_find(&table->index, hash_bytes(name.ptr, name.length), entry_equal, &key);
  if (found != ID_MAP_NONE) {
    return found;
  }
  Str copy = {arena_copy_string(&session->arena, name.ptr, name.length), name.length};
  return entry_add(session, table, copy, parent);
}

// --- Sessions
// --------------------------------------------------------------------------------------------------------

PerfSession *perf_session_new(const PerfOptions *options) {
  PerfSession *session = calloc(1, sizeof *session);
  if (!session) {
    return NULL;
  }
  arena_init(&session->arena);
  session->options = *options;
  perf_session_set_entry(session, options->entry);
  VECTOR_RESERVE(&session->arena, &session->phases.entries, PERF_PHASE_COUNT * 2);
  VECTOR_RESERVE(&session->arena, &session->counters.entries, PERF_COUNTER_COUNT * 2);
  for (uint32_t i = 0; i < PERF_PHASE_COUNT; i++) {
    PerfPhase parent = phase_rows[i].parent;
    entry_add(session, &session->phases, str_from(phase_rows[i].name),
              parent == PERF_PHASE_NONE ? PERF_NO_ENTRY : parent);
    session->phases.entries.items[i].measured = phase_rows[i].measured;
  }
  for (uint32_t i = 0; i < PERF_COUNTER_COUNT; i++) {
    entry_add(session, &session->counters, str_from(counter_rows[i].name), PERF_NO_ENTRY);
    session->counters.entries.items[i].seen = counter_rows[i].always;
  }
  session->resident = options->resident_memory && perf_resident_reset();
  session->start = perf_clock();
  perf_begin(session, PERF_PHASE_TOTAL, (Str){0}, 0);
  return session;
}

void perf_session_set_entry(PerfSession *session, Str entry) {
  session->options.entry = (Str){arena_copy_string(&session->arena, entry.ptr, entry.length), entry.length};
}

void perf_session_free(PerfSession *session) {
  if (session) {
    arena_free(&session->arena);
    free(session);
  }
}

// --- Spans
// -----------------------------------------------------------------------------------------------------------

// Whether a peak of resident memory ends or begins here. The frames around keep the highest peak of what they
// contain.
static void take_resident(PerfSession *session) {
  double before = perf_clock();
  int64_t peak = perf_resident_peak();
  perf_resident_reset();
  double spent = perf_clock() - before;
  for (uint32_t i = 0; i < session->frames.count; i++) {
    PerfFrame *frame = &session->frames.items[i];
    frame->resident_peak = frame->resident_peak > peak ? frame->resident_peak : peak;
    frame->apart += spent;
  }
}

static void begin(PerfSession *session, uint32_t entry, Str detail, uint32_t flags) {
  PerfEntry *phase = &session->phases.entries.items[entry];
  if (session->resident && phase->measured && phase->open == 0) {
    take_resident(session);
  }
  phase->open++;
  phase->seen = true;
  ArenaGauge *gauge = arena_gauge();
  PerfFrame frame = {entry, flags, PERF_NO_ENTRY, 0, 0, gauge->peak, 0};
  gauge->peak = gauge->live;
  if (session->options.trace) {
    Str copy = {arena_copy_string(&session->arena, detail.ptr, detail.length), detail.length};
    frame.event = session->events.count;
    VECTOR_PUSH(&session->arena, &session->events, (PerfEvent){.entry = entry, .detail = copy});
  }
  VECTOR_PUSH(&session->arena, &session->frames, frame);
  session->frames.items[session->frames.count - 1].start = perf_clock();
}

static void end_innermost(PerfSession *session) {
  double now = perf_clock();
  PerfFrame frame = session->frames.items[session->frames.count - 1];
  PerfEntry *phase = &session->phases.entries.items[frame.entry];
  if (session->resident && phase->measured && phase->open == 1) {
    double apart = frame.apart;
    take_resident(session);
    frame = session->frames.items[session->frames.count - 1];
    frame.apart = apart; // `now` was read before
    phase->resident_peak =
        phase->resident_peak > frame.resident_peak ? phase->resident_peak : frame.resident_peak;
  }
  ArenaGauge *gauge = arena_gauge();
  int64_t arena_peak = gauge->peak - session->options.arenas_before;
  phase->arena_peak = phase->arena_peak > arena_peak ? phase->arena_peak : arena_peak;
  gauge->peak = gauge->peak > frame.outer_arena_peak ? gauge->peak : frame.outer_arena_peak;

  double whole = now - frame.start;
  double own = whole - frame.apart > 0 ? whole - frame.apart : 0;
  session->frames.count--;
  phase->open--;
  if (phase->open == 0) {
    phase->value += own;
    if (frame.flags & PERF_SPAN_APART) {
      for (uint32_t i = 0; i < session->frames.count; i++) {
        if (session->frames.items[i].entry != PERF_PHASE_TOTAL) {
          session->frames.items[i].apart += own;
        }
      }
    }
  }
  if (frame.event != PERF_NO_ENTRY) {
    session->events.items[frame.event].start = frame.start - session->start;
    session->events.items[frame.event].duration = whole;
  }
}

// Ends the innermost open span of this phase and every span inside it that an early return left open.
static void end(PerfSession *session, uint32_t entry) {
  if (session->phases.entries.items[entry].open == 0) {
    return;
  }
  uint32_t ended;
  do {
    ended = session->frames.items[session->frames.count - 1].entry;
    end_innermost(session);
  } while (ended != entry);
}

void perf_begin(PerfSession *session, PerfPhase phase, Str detail, uint32_t flags) {
  begin(session, phase, detail, flags);
}

void perf_end(PerfSession *session, PerfPhase phase) {
  end(session, phase);
}

static uint32_t phase_named(PerfSession *session, Str name) {
  uint32_t around = PERF_NO_ENTRY;
  if (session->frames.count > 1) { // the outermost is `total`
    around = session->frames.items[session->frames.count - 1].entry;
  }
  return entry_named(session, &session->phases, name, around);
}

void perf_begin_named(PerfSession *session, Str name) {
  if (session) {
    begin(session, phase_named(session, name), (Str){0}, 0);
  }
}

void perf_end_named(PerfSession *session, Str name) {
  if (session) {
    end(session, phase_named(session, name));
  }
}

static void time_add(PerfSession *session, uint32_t entry, double milliseconds) {
  if (milliseconds >= 0) {
    session->phases.entries.items[entry].value += milliseconds;
    session->phases.entries.items[entry].seen = true;
  }
}

void perf_time_add(PerfSession *session, PerfPhase phase, double milliseconds) {
  if (session) {
    time_add(session, phase, milliseconds);
  }
}

void perf_time_add_named(PerfSession *session, Str name, double milliseconds) {
  if (session) {
    time_add(session, phase_named(session, name), milliseconds);
  }
}

bool perf_is_traced(const PerfSession *session) {
  return session != NULL && session->options.trace;
}

void perf_trace_named(PerfSession *session, Str name, double start, double milliseconds, uint32_t thread) {
  if (perf_is_traced(session)) {
    PerfEvent event = {.entry = phase_named(session, name),
                       .thread = thread,
                       .start = start - session->start,
                       .duration = milliseconds};
    VECTOR_PUSH(&session->arena, &session->events, event);
  }
}

static void count(PerfSession *session, uint32_t entry, double amount) {
  session->counters.entries.items[entry].value += amount;
  session->counters.entries.items[entry].seen = true;
}

void perf_count(PerfSession *session, PerfCounter counter, double amount) {
  if (session) {
    count(session, counter, amount);
  }
}

void perf_count_named(PerfSession *session, Str name, double amount) {
  if (session) {
    count(session, entry_named(session, &session->counters, name, PERF_NO_ENTRY), amount);
  }
}

// Stages whose durations are counters too (spec 10 §4.1).
static void count_stages(PerfSession *session) {
  static const struct {
    PerfPhase phase;
    PerfCounter counter;
  } stages[] = {{PERF_PHASE_LOWER_PROGRAM, PERF_COUNT_EMIT_LOWER_PROGRAM_MS},
                {PERF_PHASE_BUILD_CODEGEN_VIEW, PERF_COUNT_EMIT_BUILD_CODEGEN_VIEW_MS},
                {PERF_PHASE_OPTIMIZE_PROGRAM, PERF_COUNT_EMIT_OPTIMIZE_PROGRAM_MS},
                {PERF_PHASE_LOAD_CODEGEN, PERF_COUNT_EMIT_LOAD_CODEGEN_MS},
                {PERF_PHASE_CODEGEN_PROGRAM, PERF_COUNT_EMIT_CODEGEN_PROGRAM_MS},
                {PERF_PHASE_EMIT_BINARY, PERF_COUNT_EMIT_EMIT_BINARY_MS}};
  for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
    const PerfEntry *phase = &session->phases.entries.items[stages[i].phase];
    if (phase->seen) {
      perf_count(session, stages[i].counter, phase->value);
    }
  }
}

// Zero phases appear with their parents, parents after children in no particular order: repeat until nothing
// changes.
static void show_zero_phases(PerfSession *session) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (uint32_t i = 0; i < PERF_PHASE_COUNT; i++) {
      PerfEntry *phase = &session->phases.entries.items[i];
      if (phase_rows[i].zero && !phase->seen && session->phases.entries.items[phase->parent].seen) {
        phase->seen = true;
        changed = true;
      }
    }
  }
}

void perf_session_finish(PerfSession *session, bool success, uint32_t diagnostics) {
  if (!session || session->finished) {
    return;
  }
  session->finished = true;
  while (session->frames.count > 0) {
    end_innermost(session);
  }
  if (session->options.setup > 0) {
    time_add(session, PERF_PHASE_SETUP, session->options.setup);
    time_add(session, PERF_PHASE_TOTAL, session->options.setup);
  }
  show_zero_phases(session);
  count_stages(session);
  session->success = success;
  session->diagnostics = success ? 0 : diagnostics;
}

// --- Process-wide work
// -----------------------------------------------------------------------------------------------

// The two process-wide numbers of this file: how many are inside now, and how often two have met. Whoever
// enters beside another raises the number of meetings; whoever leaves and finds it raised knows that it was
// met.
static atomic_uint inside;
static atomic_uint meetings;

PerfShared perf_shared_enter(PerfSession *session) {
  PerfShared shared = {session, atomic_load(&meetings)};
  if (atomic_fetch_add(&inside, 1) > 0) {
    atomic_fetch_add(&meetings, 1);
  }
  return shared;
}

void perf_shared_leave(PerfShared shared) {
  atomic_fetch_sub(&inside, 1);
  if (shared.session && atomic_load(&meetings) != shared.collisions) {
    shared.session->overlapped = true;
  }
}
