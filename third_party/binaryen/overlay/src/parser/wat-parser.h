// Replaces Binaryen's parser/wat-parser.h for voydc, which is built without the text parser.

#ifndef parser_wat_parser_h
#define parser_wat_parser_h

#include <optional>
#include <string>
#include <string_view>

#include "support/result.h"
#include "wasm.h"

namespace wasm::WATParser {

inline Result<> parseModule(Module&, std::string_view, std::optional<std::string> = std::nullopt) {
  return Err{"this build of Binaryen has no text parser"};
}

} // namespace wasm::WATParser

#endif // parser_wat_parser_h
