// Replaces Binaryen's compiler-support.h for voydc: WASM_UNREACHABLE, which is undefined behaviour in the
// original's release builds, throws with its place (see support/utilities.cpp).

#ifndef wasm_compiler_support_h
#define wasm_compiler_support_h

#ifndef __has_feature
#define __has_feature(x) 0
#endif

#ifndef __has_builtin
#define __has_builtin(x) 0
#endif

#define WASM_BUILTIN_UNREACHABLE wasm::handle_unreachable(nullptr, __FILE__, __LINE__)

#define BYN_WARN_UNUSED [[gnu::warn_unused]]

#endif // wasm_compiler_support_h
