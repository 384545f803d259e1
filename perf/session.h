// The inside of a session, shared by session.c (measuring), memory.c and the reports.
#ifndef VOYD_PERF_SESSION_H
#define VOYD_PERF_SESSION_H

#include "perf/perf.h"

#define PERF_NO_ENTRY UINT32_MAX

// One name with what it collected. Phases and counters live in tables of their own; the first entries of a
// table are those of its .def file, in order.
typedef struct PerfEntry {
  Str name;
  double value; // milliseconds, or an amount
  bool seen;    // belongs into the summary
  bool measured;
  uint32_t open;         // spans of this phase that are open now
  uint32_t parent;       // phases: the entry whose time contains it, or PERF_NO_ENTRY
  int64_t arena_peak;    // bytes
  int64_t resident_peak; // bytes, 0 when not measured
} PerfEntry;

typedef struct PerfTable {
  VECTOR(PerfEntry) entries;
  HashIndex index;
} PerfTable;

// An open span.
typedef struct PerfFrame {
  uint32_t entry;
  uint32_t flags;
  uint32_t event; // of the trace, or PERF_NO_ENTRY
  double start;
  double apart; // milliseconds inside that are booked elsewhere, or were spent measuring
  int64_t outer_arena_peak;
  int64_t resident_peak; // highest seen so far
} PerfFrame;

typedef struct PerfEvent {
  uint32_t entry;
  Str detail;
  uint32_t thread; // 0: the session's own
  double start;
  double duration;
} PerfEvent;

struct PerfSession {
  Arena arena;
  PerfOptions options;
  double start;
  bool finished;
  bool success;
  bool overlapped;
  bool resident; // the peak of resident memory can be read and reset
  uint32_t diagnostics;
  PerfTable phases;
  PerfTable counters;
  VECTOR(PerfFrame) frames;
  VECTOR(PerfEvent) events;
};

// Peak resident memory of the process in bytes; 0 where the system does not tell.
int64_t perf_resident_peak(void);
// Starts a new peak at the present use; false where not permitted.
bool perf_resident_reset(void);

#endif
