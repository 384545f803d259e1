// The engine process: finding it, starting it, talking to it.
//
// Both directions of one socket carry blocks: a 32-bit little-endian length, then that many bytes (the
// protocol's other side is runtime-wasm/host/engine-main.mjs). Invariant: the engine reads the whole job
// before it writes, so neither side can wait for the other for ever.
#include "cli/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/engine_host.h"

extern char **environ;

// The descriptor at which the engine finds its end of the socket; ours are kept above it.
enum { ENGINE_CHANNEL = 3, FIRST_FREE_DESCRIPTOR = 16, OUTCOME_BLOCKS = 3 };

#ifdef MSG_NOSIGNAL
enum { SEND_FLAGS = MSG_NOSIGNAL };
#else
enum { SEND_FLAGS = 0 };
#endif

// Reads what the socket brings, takes the first block as the host and starts it; everything else is the
// host's business.
static const char BOOTSTRAP[] = "const bytes = require('fs').readFileSync(3);"
                                "const end = 4 + bytes.readUInt32LE(0);"
                                "const source = bytes.toString('utf8', 4, end);"
                                "(0, eval)('(function (require, source, job) {' + source + '\\n})')"
                                "(require, source, bytes.subarray(end));";

static const char *const STATUS_NAMES[] = {
    [ENGINE_VALUE] = "value", [ENGINE_TRAP] = "trap", [ENGINE_TIMEOUT] = "timeout", [ENGINE_ERROR] = "error"};

static EngineOutcome unavailable(Arena *arena, Str message) {
  Text json = text_new(arena);
  text_add(&json, STR("{\"error\":{\"message\":\""));
  text_add_json(&json, message);
  text_add(&json, STR("\"}}"));
  return (EngineOutcome){ENGINE_UNAVAILABLE, text_str(&json),
                         arena_format(arena, "error: %.*s", STR_ARGS(message))};
}

static bool is_program(const char *path) {
  return access(path, X_OK) == 0;
}

static Str engine_from_cache(Arena *arena) {
  const char *cache = getenv("XDG_CACHE_HOME");
  const char *home = getenv("HOME");
  Str file;
  if (cache && *cache) {
    file = arena_format(arena, "%s/voydc/engine", cache);
  } else if (home && *home) {
    file = arena_format(arena, "%s/.cache/voydc/engine", home);
  } else {
    return STR("");
  }
  FILE *stream = fopen(file.ptr, "re");
  if (!stream) {
    return STR("");
  }
  char line[4096];
  bool read = fgets(line, sizeof line, stream) != NULL;
  fclose(stream);
  if (!read) {
    return STR("");
  }
  line[strcspn(line, "\r\n")] = '\0';
  return is_program(line) ? arena_format(arena, "%s", line) : STR("");
}

static Str engine_from_path(Arena *arena) {
  const char *path = getenv("PATH");
  while (path && *path) {
    size_t length = strcspn(path, ":");
    if (length > 0) {
      Str candidate = arena_format(arena, "%.*s/node", (int)length, path);
      if (is_program(candidate.ptr)) {
        return candidate;
      }
    }
    path += length + (path[length] == ':');
  }
  return STR("");
}

Str engine_find(Arena *arena) {
  const char *chosen = getenv("VOYD_NODE");
  if (chosen && *chosen) {
    return arena_format(arena, "%s", chosen);
  }
  Str cached = engine_from_cache(arena);
  return cached.length > 0 ? cached : engine_from_path(arena);
}

static bool send_all(int channel, const void *bytes, size_t size) {
  const char *next = bytes;
  while (size > 0) {
    ssize_t sent = send(channel, next, size, SEND_FLAGS);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      return false;
    }
    next += sent;
    size -= (size_t)sent;
  }
  return true;
}

static bool send_block(int channel, Str block) {
  if (block.length > UINT32_MAX) {
    return false;
  }
  unsigned char length[4];
  for (int i = 0; i < 4; i++) {
    length[i] = (unsigned char)(block.length >> (8 * i));
  }
  return send_all(channel, length, sizeof length) && send_all(channel, block.ptr, block.length);
}

static bool send_job(int channel, Arena *arena, const EngineJob *job) {
  Str blocks[] = {{(const char *)engine_host_source, engine_host_source_length},
                  job->entry,
                  job->arguments,
                  arena_format(arena, "%u", job->timeout_ms),
                  job->module};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
    if (!send_block(channel, blocks[i])) {
      return false;
    }
  }
  return shutdown(channel, SHUT_WR) == 0;
}

static Str receive_all(int channel, Arena *arena) {
  Text received = text_new(arena);
  char buffer[4096];
  for (;;) {
    ssize_t count = read(channel, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return text_str(&received);
    }
    text_add(&received, (Str){buffer, (size_t)count});
  }
}

// Takes one block off the front; false when the bytes do not hold one.
static bool take_block(Str *bytes, Str *block) {
  if (bytes->length < 4) {
    return false;
  }
  size_t length = 0;
  for (int i = 0; i < 4; i++) {
    length |= (size_t)(unsigned char)bytes->ptr[i] << (8 * i);
  }
  if (length > bytes->length - 4) {
    return false;
  }
  *block = (Str){bytes->ptr + 4, length};
  *bytes = (Str){block->ptr + length, bytes->length - 4 - length};
  return true;
}

static bool parse_outcome(Str bytes, EngineOutcome *outcome) {
  Str blocks[OUTCOME_BLOCKS];
  for (int i = 0; i < OUTCOME_BLOCKS; i++) {
    if (!take_block(&bytes, &blocks[i])) {
      return false;
    }
  }
  for (int status = ENGINE_VALUE; status <= ENGINE_ERROR; status++) {
    if (str_equal(blocks[0], str_from(STATUS_NAMES[status]))) {
      *outcome = (EngineOutcome){(EngineStatus)status, blocks[1], blocks[2]};
      return true;
    }
  }
  return false;
}

// Opens the socket, its ends out of the way of ENGINE_CHANNEL and closed in every process started meanwhile.
static bool open_channel(int ends[2]) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
    return false;
  }
  for (int i = 0; i < 2; i++) {
    ends[i] = fcntl(pair[i], F_DUPFD_CLOEXEC, FIRST_FREE_DESCRIPTOR);
    close(pair[i]);
  }
  if (ends[0] >= 0 && ends[1] >= 0) {
    return true;
  }
  for (int i = 0; i < 2; i++) {
    if (ends[i] >= 0) {
      close(ends[i]);
    }
  }
  return false;
}

static int start_engine(Str engine, int channel, pid_t *process) {
  posix_spawn_file_actions_t actions;
  int error = posix_spawn_file_actions_init(&actions);
  if (error != 0) {
    return error;
  }
  error = posix_spawn_file_actions_adddup2(&actions, channel, ENGINE_CHANNEL);
  if (error == 0) {
    char *arguments[] = {(char *)engine.ptr, "--eval", (char *)BOOTSTRAP, NULL};
    error = posix_spawn(process, engine.ptr, &actions, NULL, arguments, environ);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

static int wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

EngineOutcome engine_run(Arena *arena, const EngineJob *job) {
  Str engine = engine_find(arena);
  if (engine.length == 0) {
    return unavailable(
        arena, STR("no engine to run the program with: install Node 24.15 or later, or set VOYD_NODE to the "
                   "path of one"));
  }
  int ends[2];
  if (!open_channel(ends)) {
    return unavailable(arena,
                       arena_format(arena, "cannot open a channel to the engine: %s", strerror(errno)));
  }
  pid_t process = 0;
  int error = start_engine(engine, ends[1], &process);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return unavailable(arena,
                       arena_format(arena,
                                    "cannot start the engine %s: %s (set VOYD_NODE to the path of a Node "
                                    "24.15 or later)",
                                    engine.ptr, strerror(error)));
  }
  // A job that cannot be sent is an engine that ended: its status says more than the failed write.
  send_job(ends[0], arena, job);
  Str received = receive_all(ends[0], arena);
  close(ends[0]);
  int status = wait_for(process);
  EngineOutcome outcome;
  if (parse_outcome(received, &outcome)) {
    return outcome;
  }
  if (WIFSIGNALED(status)) {
    return unavailable(
        arena, arena_format(arena, "the engine %s was ended by signal %d", engine.ptr, WTERMSIG(status)));
  }
  return unavailable(arena, arena_format(arena, "the engine %s ended with status %d and no result",
                                         engine.ptr, WEXITSTATUS(status)));
}
