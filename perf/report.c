// What a finished session says: the summary line of spec 10 §2, the table of `--time` and the Chrome trace.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "perf/session.h"

// A JSON number that reads back as the same double; whole numbers without a point.
static void add_number(Text *out, double value) {
  if (!isfinite(value)) {
    text_add(out, STR("0"));
  } else if (value == floor(value) && fabs(value) < 9e15) {
    text_format(out, "%.0f", value == 0 ? 0.0 : value);
  } else {
    char digits[40];
    for (int precision = 1; precision <= 17; precision++) {
      snprintf(digits, sizeof digits, "%.*g", precision, value);
      if (strtod(digits, NULL) == value) {
        break;
      }
    }
    text_add(out, str_from(digits));
  }
}

static void add_string(Text *out, Str text) {
  text_add_char(out, '"');
  text_add_json(out, text);
  text_add_char(out, '"');
}

static int compare_names(const void *left, const void *right) {
  const PerfEntry *a = *(const PerfEntry *const *)left;
  const PerfEntry *b = *(const PerfEntry *const *)right;
  size_t common = a->name.length < b->name.length ? a->name.length : b->name.length;
  int order = memcmp(a->name.ptr, b->name.ptr, common);
  return order != 0 ? order : (a->name.length > b->name.length) - (a->name.length < b->name.length);
}

typedef double (*EntryValue)(const PerfEntry *entry);

static double entry_amount(const PerfEntry *entry) {
  return entry->value;
}
static double entry_milliseconds(const PerfEntry *entry) {
  return round(entry->value * 1000) / 1000;
}
static double entry_arena(const PerfEntry *entry) {
  return (double)entry->arena_peak;
}
static double entry_resident(const PerfEntry *entry) {
  return (double)entry->resident_peak;
}

// `"title":{"name":value,…}` of the entries seen, sorted by name in byte order.
static void add_object(Text *out, const char *title, const PerfTable *table, EntryValue value,
                       bool measured_only) {
  const PerfEntry **sorted = ARENA_ARRAY(out->arena, const PerfEntry *, table->entries.count);
  uint32_t count = 0;
  for (uint32_t i = 0; i < table->entries.count; i++) {
    const PerfEntry *entry = &table->entries.items[i];
    if (entry->seen && (!measured_only || (entry->measured && value(entry) > 0))) {
      sorted[count++] = entry;
    }
  }
  qsort(sorted, count, sizeof *sorted, compare_names);
  text_format(out, "\"%s\":{", title);
  for (uint32_t i = 0; i < count; i++) {
    text_add(out, i > 0 ? STR(",") : STR(""));
    add_string(out, sorted[i]->name);
    text_add_char(out, ':');
    add_number(out, value(sorted[i]));
  }
  text_add_char(out, '}');
}

void perf_summary_json(const PerfSession *session, Text *out) {
  text_add(out, STR("{\"schemaVersion\":1,\"entryPath\":"));
  add_string(out, session->options.entry);
  text_format(out, ",\"success\":%s,\"diagnostics\":%u,", session->success ? "true" : "false",
              session->diagnostics);
  add_object(out, "phasesMs", &session->phases, entry_milliseconds, false);
  text_add_char(out, ',');
  add_object(out, "counters", &session->counters, entry_amount, false);
  if (session->overlapped) {
    text_add(out, STR(",\"overlapped\":true"));
  }
  // Beyond the schema of spec 10, after its last field: readers that know only that schema skip it.
  text_add(out, STR(",\"memory\":{"));
  add_object(out, "arenaPeakBytes", &session->phases, entry_arena, true);
  text_add_char(out, ',');
  add_object(out, "residentPeakBytes", &session->phases, entry_resident, true);
  text_add(out, STR("}}"));
}

// --- For people
// ------------------------------------------------------------------------------------------------------

typedef struct Table {
  const PerfSession *session;
  Text *out;
  double total;
  bool color;
  int name_width;
} Table;

enum { BAR_WIDTH = 24 };

static void add_bytes(Text *out, int64_t bytes) {
  if (bytes <= 0) {
    text_format(out, "%10s", "");
  } else if (bytes < 1024 * 1024) {
    text_format(out, "%6.1f KiB", (double)bytes / 1024);
  } else {
    text_format(out, "%6.1f MiB", (double)bytes / (1024 * 1024));
  }
}

// Eighths of a character cell.
static void add_bar(Text *out, double share) {
  static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  int eighths = (int)lround((share > 1 ? 1 : share) * BAR_WIDTH * 8);
  for (int i = 0; i < eighths / 8; i++) {
    text_add(out, STR("█"));
  }
  text_add(out, str_from(parts[eighths % 8]));
}

static void add_phase_row(Table *table, const PerfEntry *entry, int depth) {
  Text *out = table->out;
  double share = table->total > 0 ? entry->value / table->total : 0;
  text_format(out, "%*s%-*.*s %10.3f ms %5.1f %% ", depth * 2, "", table->name_width - depth * 2,
              (int)entry->name.length, entry->name.ptr, entry->value, share * 100);
  add_bytes(out, entry->arena_peak);
  if (table->session->resident) {
    text_add_char(out, ' ');
    add_bytes(out, entry->resident_peak);
  }
  text_add(out, table->color ? STR("  \x1b[36m") : STR("  "));
  add_bar(out, share);
  text_add(out, table->color ? STR("\x1b[0m\n") : STR("\n"));
}

static void add_phases_inside(Table *table, uint32_t parent, int depth) {
  const PerfTable *phases = &table->session->phases;
  for (uint32_t i = 0; i < phases->entries.count; i++) {
    const PerfEntry *entry = &phases->entries.items[i];
    if (entry->parent == parent && entry->seen && i != PERF_PHASE_TOTAL &&
        (entry->value > 0 || entry->open > 0)) {
      add_phase_row(table, entry, depth);
      add_phases_inside(table, i, depth + 1);
    }
  }
}

void perf_summary_table(const PerfSession *session, bool color, Text *out) {
  const PerfEntry *total = &session->phases.entries.items[PERF_PHASE_TOTAL];
  Table table = {session, out, total->value, color, 40};
  text_format(out, "%s%-40s %13s %7s %10s%s%s\n", color ? "\x1b[1m" : "", "phase", "time", "share", "arenas",
              session->resident ? "   resident" : "", color ? "\x1b[0m" : "");
  add_phases_inside(&table, PERF_NO_ENTRY, 0);
  add_phase_row(&table, total, 0);
  bool first = true;
  for (uint32_t i = 0; i < session->counters.entries.count; i++) {
    const PerfEntry *entry = &session->counters.entries.items[i];
    if (entry->seen && entry->value != 0) {
      text_add(out, first ? STR("\ncounters\n") : STR(""));
      text_format(out, "%-56.*s ", STR_ARGS(entry->name));
      add_number(out, entry_milliseconds(entry));
      text_add_char(out, '\n');
      first = false;
    }
  }
  if (session->overlapped) {
    text_add(out, STR("\nAnother compilation of this process shared Binaryen at the same time: times include "
                      "waiting.\n"));
  }
}

void perf_trace_json(const PerfSession *session, Text *out) {
  text_add(out, STR("{\"displayTimeUnit\":\"ms\",\"traceEvents\":["));
  for (uint32_t i = 0; i < session->events.count; i++) {
    const PerfEvent *event = &session->events.items[i];
    text_add(out, i > 0 ? STR(",\n{\"name\":") : STR("\n{\"name\":"));
    add_string(out, session->phases.entries.items[event->entry].name);
    text_format(out, ",\"cat\":\"compile\",\"ph\":\"X\",\"pid\":1,\"tid\":%u,\"ts\":%.3f,\"dur\":%.3f",
                event->thread + 1, event->start * 1000, event->duration * 1000);
    if (event->detail.length > 0) {
      text_add(out, STR(",\"args\":{\"of\":"));
      add_string(out, event->detail);
      text_add_char(out, '}');
    }
    text_add_char(out, '}');
  }
  text_add(out, STR("\n]}\n"));
}
