// Failures that are not the program's fault: broken invariants and exhausted memory.
//
// A phase never aborts the process that embeds the compiler. `UNREACHABLE` and a failed allocation leave
// through `longjmp` to the innermost boundary of the running thread, which the driver arms around each
// compilation with `FAILURE_GUARD`; the driver reports them as an internal-error diagnostic. Without a
// boundary (unit tests) they abort. A jump must never cross a C++ frame: the Binaryen shim catches everything
// on its own side and returns a status.
#ifndef VOYD_BASE_FAILURE_H
#define VOYD_BASE_FAILURE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { FAILURE_NONE, FAILURE_INTERNAL, FAILURE_OUT_OF_MEMORY } FailureKind;

// One boundary. Lives on the stack of the function that arms it; boundaries nest per thread.
typedef struct Failure {
  jmp_buf jump;
  struct Failure *outer;
  FailureKind kind;
  const char *file; // C source position that raised the failure
  int line;
  char message[256];
} Failure;

// Arms `failure` as the innermost boundary of this thread. Pair with `failure_leave` on every way out; use as
//   if (FAILURE_GUARD(&failure)) { ...guarded work...; failure_leave(&failure); } else { ...failure.kind says
//   why... }
// The boundary is already disarmed when the else branch runs.
#define FAILURE_GUARD(failure) (failure_enter(failure), setjmp((failure)->jump) == 0)

void failure_enter(Failure *failure);
void failure_leave(Failure *failure);

_Noreturn void failure_raise(FailureKind kind, const char *file, int line, const char *message);

#define UNREACHABLE(message) failure_raise(FAILURE_INTERNAL, __FILE__, __LINE__, (message))

// An invariant that holds in every build: a broken one is an internal error, not undefined behaviour.
#define ENSURE(condition)                                                                                    \
  ((condition) ? (void)0                                                                                     \
               : failure_raise(FAILURE_INTERNAL, __FILE__, __LINE__, "invariant broken: " #condition))

#endif
