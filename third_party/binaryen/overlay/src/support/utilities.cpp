// Replaces Binaryen's support/utilities.cpp for voydc: unreachable code throws instead of aborting, so that a
// library never ends its host. It is caught where the compiler enters Binaryen.

#include "support/utilities.h"

#include <stdexcept>
#include <string>

[[noreturn]] void wasm::handle_unreachable(const char* msg, const char* file, unsigned line) {
  std::string text = msg ? msg : "unreachable code";
  if (file) {
    const char* name = std::strrchr(file, '/');
    text += std::string(" at ") + (name ? name + 1 : file) + ":" + std::to_string(line);
  }
  throw std::logic_error("Binaryen: " + text);
}
