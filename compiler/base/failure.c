// The failure boundary of base/failure.h: one stack of boundaries per thread.
#include "base/failure.h"

#include <stdio.h>
#include <stdlib.h>

static _Thread_local Failure *innermost;

void failure_enter(Failure *failure) {
  failure->outer = innermost;
  failure->kind = FAILURE_NONE;
  failure->file = "";
  failure->line = 0;
  failure->message[0] = '\0';
  innermost = failure;
}

void failure_leave(Failure *failure) {
  innermost = failure->outer;
}

_Noreturn void failure_raise(FailureKind kind, const char *file, int line, const char *message) {
  Failure *failure = innermost;
  if (!failure) {
    fprintf(stderr, "%s:%d: %s\n", file, line, message);
    abort();
  }
  innermost = failure->outer;
  failure->kind = kind;
  failure->file = file;
  failure->line = line;
  snprintf(failure->message, sizeof failure->message, "%s", message);
  longjmp(failure->jump, 1);
}
