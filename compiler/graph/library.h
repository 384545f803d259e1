// The index of the standard library: which lines of std a program can mean, so that the others are not read.
//
// A unit is what is read as one: a declaration with its attributes, the head of an impl of a type's own
// methods, one of these methods, or one name that a `use` selects. The index says of each unit which others
// it needs. Which units a program contains follows from the words in it (library.c): an exported name of a
// module that it imports; a method of a type that it contains; an impl whose trait and type it contains.
//
// The build makes the index from the expanded and bound library (names/library_index.c), so it fits the
// embedded texts. All lists are runs of `ids`; words are numbered in the order of their bytes.
#ifndef VOYD_GRAPH_LIBRARY_H
#define VOYD_GRAPH_LIBRARY_H

#include "syntax/syntax.h"

#define LIBRARY_NONE UINT32_MAX

typedef struct LibraryRange {
  uint32_t first, count;
} LibraryRange;

// Module 0 is no file: its exports are what the heads of language.def mean.
typedef struct LibraryModule {
  const char *file;     // below the root of std
  LibraryRange units;   // in the order of their lines
  LibraryRange exports; // in the order of their words
} LibraryModule;

typedef struct LibraryUnit {
  uint32_t module;
  uint32_t start, end; // whole lines of the file, as byte offsets
  uint32_t import;     // of a `use`: offset of the selected name; else LIBRARY_NONE
  LibraryRange needs;  // units
  LibraryRange words;  // in it that may name methods
} LibraryUnit;

typedef struct LibraryExport {
  uint32_t word;
  uint32_t opens; // the module that the name means, or LIBRARY_NONE
  LibraryRange needs;
} LibraryExport;

// `unit`, a method or an impl of a trait, is part of programs that contain `head` (if not LIBRARY_NONE) and,
// one of them is LIBRARY_NONE, the unit `trait` or the word `word`.
typedef struct LibraryRule {
  uint32_t unit;
  uint32_t head;
  uint32_t trait;
  uint32_t word;
} LibraryRule;

typedef struct LibraryIndex {
  const char *const *words;
  const LibraryModule *modules;
  const LibraryUnit *units; // unit 0 is part of every program
  const LibraryExport *exports;
  const LibraryRule *rules;
  const uint32_t *ids;
  uint32_t word_count, module_count, unit_count, export_count, rule_count, id_count;
} LibraryIndex;

// The method that an element of a list may name, or NAME_EMPTY: what follows a dot or a path, and operators.
Name library_method_named(const FormTable *forms, const Form *list, uint32_t index);

// Of the embedded library; no modules in the program that writes it.
extern const LibraryIndex embedded_library_index;

#endif
