// Private to graph/: the loader's state and the rooms' functions.
//
//   files.c     where files come from: virtual, embedded, real
//   packages.c  roots of installed packages and owners of source packages (03 §4)
//   resolve.c   module path -> module (03 §1.3, §2.4, §3.3)
//   uses.c      `use` forms -> entries (01 §14.7, 03 §2.2)
//   load.c      one file -> modules; the work list
//   library.c   which lines of std the program can mean
#ifndef VOYD_GRAPH_STATE_H
#define VOYD_GRAPH_STATE_H

#include "base/bits.h"
#include "graph/graph.h"
#include "graph/library.h"

typedef VECTOR(Str) Paths;
typedef VECTOR(Name) Names;

typedef struct PackageRoots { // of one installed package, in order of preference
  Name name;
  Paths roots;
} PackageRoots;

// See library.c. Sets are over the numbers of the index.
typedef struct Library {
  const LibraryIndex *index; // NULL: std is read whole
  VECTOR(uint32_t) numbers;  // of words, by Name
  uint64_t *said;            // words that the program says
  uint64_t *words;           // those that it or an awake unit says where a method can be meant
  uint64_t *open;            // modules whose exports the program can name
  uint64_t *awake;           // units
  uint32_t *queue;           // awake units in order of waking
  uint32_t queued, followed;
  bool macros;  // the program defines some
  bool read;    // what was awake by then
  bool guessed; // whether a module has a member
} Library;

typedef struct GraphState {
  ModuleGraph *graph;
  const GraphOptions *options; // only while loading
  Arena arena;
  Str source_root;
  Str std_root;              // directory, or `std:`
  IdMap modules;             // printable id -> ModuleId
  IdMap virtual_files;       // path -> index in options->files
  IdMap package_ids;         // printable id -> PackageId
  VECTOR(Str) package_texts; // by PackageId
  bool searched_packages;    // the directories below are known
  Paths package_dirs;        // in order (03 §4.4)
  VECTOR(PackageRoots) package_roots;
  struct Expander *expander;
  IdMap reported; // pairs of MD0006 and MD0001 already reported
  bool awaits;    // some use is `awaited`
  bool settled;   // no macro makes a module any more
  bool prelude_exists;
  Library library;
  bool has_markup; // in a file read so far
} GraphState;

// ---- files.c ----
typedef enum { FILE_ABSENT, FILE_PLAIN, FILE_DIRECTORY, FILE_OTHER } FileKind;
void files_init(GraphState *state);
FileKind files_kind(GraphState *state, Str path);
static inline bool files_is_file(GraphState *state, Str path) {
  return files_kind(state, path) == FILE_PLAIN;
}
// Is the directory embedded, and no virtual file below it?
bool files_are_embedded(GraphState *state, Str directory);
// Text of a file; false with the reason if it cannot be read.
bool files_read(GraphState *state, Str path, Str *text, Str *problem);
// Paths of all .voyd files below a directory, test companions excepted, sorted.
void files_below(GraphState *state, Str directory, Paths *out);
// `directory/name`, `std:name`
Str path_join(Arena *arena, Str directory, Str name);
Str path_directory(Str path);
Str path_last(Str path);
bool path_ends_with(Str path, Str end);
// The part of `path` below `directory`; false if it lies elsewhere.
bool path_below(Str directory, Str path, Str *rest);

// ---- packages.c ----
const Paths *packages_roots(GraphState *state, Name package);
PackageId package_intern(GraphState *state, Str text);
// The package of a file module (03 §4.1).
PackageId package_of_file(GraphState *state, const ModulePath *path, Str file);
// Does the file lie in an installed package's directory? Gives its module path.
bool packages_own(GraphState *state, Str file, ModulePath *path);

// ---- resolve.c ----
ModulePath module_path(GraphState *state, ModuleNamespace space, Name package, const Name *segments,
                       uint32_t count);
ModulePath module_path_add(GraphState *state, const ModulePath *path, Name segment);
Name module_path_id(GraphState *state, const ModulePath *path);
ModuleId module_known(GraphState *state, const ModulePath *path);
// Resolves the module part of an entry of `importer`, loading what it names; reports what is wrong.
void resolve_use(GraphState *state, ModuleId importer, uint32_t use_index);
Name split_segments(GraphState *state, Str relative, Names *out);

// ---- uses.c ----
// Is the form a `use` declaration or re-export? Then its entries are added to the module.
bool uses_read(GraphState *state, ModuleId module, FormId form);

// ---- library.c ----
void library_init(GraphState *state, const LibraryIndex *index);
// The words of the program in the forms made since `from`.
void library_note_words(GraphState *state, FormId from);
// An import of the program, resolved.
void library_note_use(GraphState *state, const UseEntry *use);
// Reads what the program contains by its words and imports so far.
void library_read(GraphState *state);
// How it went, when the graph is complete.
LibraryState library_state(GraphState *state);
// Is the module one of the index?
bool library_is_partial(const GraphState *state, ModuleId module);
// The lines of such a module to read, none before library_read.
uint32_t library_parts(GraphState *state, ModuleId module, const SyntaxPart **parts);
// Drops imports of such a module that its awake units do not need.
void library_drop_uses(GraphState *state, ModuleId module);

// ---- load.c ----
// Reads a file into a new module. Gives 0 if the file system refuses it (reported at `span`).
ModuleId load_file(GraphState *state, const ModulePath *path, Str file, Span span);
// Reads a file of std, by its name below the root, into its module, made if it is new.
void load_library_file(GraphState *state, Str name);
// Resolves the imports that are not resolved yet, of all modules, and loads what they name.
void graph_follow(GraphState *state);
// `(mod name (block item…))`, perhaps under `pub`: the inline module made of it, or INLINE_MODULE_WRONG after
// a report. 0 if the form is none. A module of the same place that an earlier expansion made is filled again.
enum { INLINE_MODULE_WRONG = INT32_MAX };
ModuleId inline_module_read(GraphState *state, ModuleId enclosing, FormId form);

// ---- expand.c ----
struct Expander *expander_new(GraphState *state);
void expander_free(struct Expander *expander);
// Expands the macros of all modules, following the imports that this makes, and reports what failed.
void expand_graph(struct Expander *expander);

// ---- embedded std, generated from runtime-wasm/std ----
typedef struct EmbeddedFile {
  const char *name; // relative to the std root, `array.voyd`
  const unsigned char *bytes;
  uint32_t size;
} EmbeddedFile;
extern const EmbeddedFile embedded_std_files[];
extern const uint32_t embedded_std_file_count;

#endif
