// Peak resident memory of the process: `VmHWM`, which Linux can set back through /proc/self/clear_refs.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "perf/session.h"

int64_t perf_resident_peak(void) {
  int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return 0;
  }
  char text[4096];
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) {
    return 0;
  }
  text[length] = '\0';
  const char *line = strstr(text, "VmHWM:");
  return line ? strtoll(line + strlen("VmHWM:"), NULL, 10) * 1024 : 0;
}

bool perf_resident_reset(void) {
  int file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (file < 0) {
    return false;
  }
  bool written = write(file, "5", 1) == 1;
  close(file);
  return written;
}
