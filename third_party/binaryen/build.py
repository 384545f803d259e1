#!/usr/bin/env python3
"""Builds the part of Binaryen that voydc links, as one static library, from the unpacked source release.

usage: build.py SOURCE_DIR OUTPUT_DIR [--jobs N] [--keep]

SOURCE_DIR is the release's folder that holds `src/`; it is changed (overlay/ is copied over it). OUTPUT_DIR
receives LICENSE and include/ (the C and the C++ headers) at once, so that others can compile against them
meanwhile, and lib/libbinaryen.a at the end, complete or not at all.

Why not Binaryen's own cmake: an unmodified build takes 19 to 27 CPU-minutes. Here the files are compiled as
a few large units, and what voydc never calls is left out: tools, text parser, wasm2js, DWARF, and the passes
listed in omitted.txt, whose constructors become functions that raise an error.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = "132"

# The flags are part of the cache key (see scripts/bootstrap): the whole folder of this file is hashed.
COMMON_FLAGS = [
    "-std=c++20", "-O2", "-fPIC", "-fno-rtti", "-pthread", "-w",
    "-fvisibility=hidden", "-fvisibility-inlines-hidden", "-ffunction-sections", "-fdata-sections",
    "-DNDEBUG", "-DTHROW_ON_FATAL", "-DSKIP_OUTLINING", '-DPROJECT_VERSION="%s"' % VERSION,
]
# Precompiled once for nearly all units: what most files include.
COMMON_HEADERS = [
    "wasm.h", "pass.h", "wasm-builder.h", "wasm-traversal.h", "wasm-type.h", "ir/utils.h", "ir/module-utils.h",
    "ir/names.h", "ir/find_all.h", "ir/type-updating.h", "ir/properties.h", "ir/eh-utils.h", "ir/effects.h",
    "ir/local-graph.h", "ir/iteration.h", "ir/branch-utils.h", "ir/subtypes.h", "ir/literal-utils.h",
    "ir/localize.h", "ir/drop.h", "ir/import-utils.h", "support/insert_ordered.h",
    "support/unique_deferring_queue.h", "support/topological_sort.h", "support/string.h", "algorithm", "iostream",
    "sstream", "unordered_map", "unordered_set", "map", "set", "functional",
]
# Files that clash with others (equal file-local names, or ambiguous overloads): each set is a unit of its own.
APART = [
    {"ir/possible-contents.cpp", "passes/GUFA.cpp", "passes/TypeRefining.cpp"},
    {"passes/TypeMerging.cpp"}, {"passes/ConstraintAnalysis.cpp"}, {"wasm/wasm-type-shape.cpp"},
]
# Compile time of a file grows with its length; these take longer than their length says.
WEIGHT = {"passes/Precompute.cpp": 6}
UNITS = 14


# Parts of files that need what is left out: (file, from, up to, replacement); both ends are matched literally,
# must occur, and the end stays.
CUTS = [
    ("binaryen-c.cpp", '#include "shell-interface.h"', '#include "support/colors.h"', ""),
    ("binaryen-c.cpp", '#include "wasm-interpreter.h"', '#include "wasm-stack.h"', ""),
    ("binaryen-c.cpp", '#include "wasm2js.h"', "#include <iostream>", ""),
    ("binaryen-c.cpp", "void BinaryenModulePrintAsmjs(", "bool BinaryenModuleValidate(", ""),
    ("binaryen-c.cpp", "void BinaryenModuleInterpret(", "BinaryenIndex BinaryenModuleAddDebugInfoFileName(", ""),
    ("binaryen-c.cpp", "//\n// ========== CFG / Relooper", "//\n// ========= Type builder", ""),
    ("binaryen-c.cpp", '#include "cfg/Relooper.h"', '#include "ir/utils.h"', ""),
    # Precomputing gives up on deeply nested expressions at every node on the way; by an exception through a hundred
    # frames that cost seconds per thousand lines of code that was inlined into one function.
    ("wasm-interpreter.h", 'hostLimit("interpreter recursion limit");', "}\n\n    // Execute the instruction.",
     "depth--;\n      return Flow(NONCONSTANT_FLOW);\n    "),
]


def apply_cuts(source):
    for name, start, end, replacement in CUTS:
        path = os.path.join(source, "src", name)
        with open(path) as text:
            before = text.read()
        first = before.find(start)
        last = before.find(end, first)
        if first < 0 or last < 0:
            sys.exit("%s: cannot find `%s` to cut" % (name, start))
        with open(path, "w") as text:
            text.write(before[:first] + replacement + before[last:])


def omitted_files():
    with open(os.path.join(HERE, "omitted.txt")) as lines:
        return {line.split("#")[0].strip() for line in lines} - {""}


def listed_sources(source):
    """The files that Binaryen's own build lists, as paths under src/."""
    found = ["binaryen-c.cpp"]
    for folder in ("analysis", "asmjs", "cfg", "emscripten-optimizer", "interpreter", "ir", "parser", "passes",
                   "support", "wasm"):
        with open(os.path.join(source, "src", folder, "CMakeLists.txt")) as text:
            found += [folder + "/" + name for name in re.findall(r"^\s+([\w-]+\.cpp)$", text.read(), re.M)]
    return sorted(set(found))


def stubs_for(source, omitted):
    """Definitions for the pass constructors of omitted files, so that the pass registry still links."""
    names = set()
    for name in omitted:
        with open(os.path.join(source, "src", name)) as text:
            names |= set(re.findall(r"^\s*Pass\s*\*\s*(create\w+)\(\s*\)", text.read(), re.M))
    lines = ['#include "passes/passes.h"', '#include "support/utilities.h"', "namespace wasm {"]
    for name in sorted(names):
        lines.append('Pass* %s() { Fatal() << "%s: this pass is not part of the build"; }' % (name, name))
    lines.append("} // namespace wasm")
    return "\n".join(lines) + "\n"


def units_of(source, files):
    """Distributes files over units of about equal cost; heaviest unit first, so that no core idles at the end."""
    def cost(name):
        with open(os.path.join(source, "src", name), "rb") as text:
            return (text.read().count(b"\n") + 800) * WEIGHT.get(name, 1)
    units = [[sum(map(cost, apart)), sorted(apart)] for apart in APART]
    bins = [[0, []] for _ in range(UNITS)]
    for name in sorted((name for name in files if not any(name in apart for apart in APART)), key=lambda name: (-cost(name), name)):
        smallest = min(bins, key=lambda unit: unit[0])
        smallest[0] += cost(name)
        smallest[1].append(name)
    units += bins
    units.sort(key=lambda unit: -unit[0])
    return [sorted(unit[1]) for unit in units]


def publish_headers(source, output):
    if os.path.exists(os.path.join(output, "include")):
        return
    staging = output + ".include"
    shutil.rmtree(staging, ignore_errors=True)
    ignore = shutil.ignore_patterns("*.cpp", "*.txt", "*.js", "*.wat", "*.in", "tools")
    shutil.copytree(os.path.join(source, "src"), staging, ignore=ignore)
    shutil.copytree(os.path.join(source, "third_party/FP16/include"), staging, dirs_exist_ok=True)
    os.makedirs(output, exist_ok=True)
    shutil.copy(os.path.join(source, "LICENSE"), output)
    os.rename(staging, os.path.join(output, "include"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("output")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--keep", action="store_true", help="keep the build folder (for work on this script)")
    options = parser.parse_args()
    started = time.time()
    source, output = os.path.abspath(options.source), os.path.abspath(options.output)
    work = output + ".build"
    os.makedirs(work, exist_ok=True)

    def write(name, text):
        path = os.path.join(work, name)
        if not os.path.exists(path) or open(path).read() != text:  # what did not change is not compiled again
            with open(path, "w") as out:
                out.write(text)

    shutil.copytree(os.path.join(HERE, "overlay"), source, dirs_exist_ok=True)
    cut = os.path.join(source, "cut-for-voydc")
    if not os.path.exists(cut):
        apply_cuts(source)
        open(cut, "w").close()
    publish_headers(source, output)
    omitted = omitted_files()
    files = listed_sources(source)
    unknown = omitted - set(files)
    if unknown:
        sys.exit("omitted.txt names files that the release does not build: " + ", ".join(sorted(unknown)))

    write("config.h", "")
    cxx = os.environ.get("VOYD_BINARYEN_CXX") or shutil.which("clang++") or shutil.which("g++")
    ar = shutil.which("ar") or shutil.which("llvm-ar")
    if not cxx or not ar:
        sys.exit("a C++20 compiler (clang++ or g++) and ar are needed to build Binaryen")
    includes = ["-I" + work, "-I" + os.path.join(source, "src"),
                "-I" + os.path.join(source, "third_party/FP16/include")]
    quote = lambda words: " ".join("'%s'" % word.replace("$", "$$") for word in words)
    clang = "clang" in os.path.basename(cxx)
    compile_command = "%s %s" % (cxx, quote(COMMON_FLAGS + includes))
    use_common = "-include-pch common.h.gch" if clang else "-include common.h"
    write("common.h", "".join("#include <%s>\n" % name for name in COMMON_HEADERS))
    rules = ["rule precompile",
             "  command = %s %s -x c++-header $in -o $out" % (
                 compile_command, "-fpch-instantiate-templates" if clang else ""),
             "  description = Binaryen: precompile common headers",
             "rule cxx_common",
             "  command = %s %s -c $in -o $out" % (compile_command, use_common),
             "  description = Binaryen: compile $out",
             "rule cxx",
             "  command = %s -c $in -o $out" % compile_command,
             "  description = Binaryen: compile $out",
             "rule ar",
             "  command = rm -f $out && %s rcs $out $in" % ar,
             "  description = Binaryen: archive $out"]
    objects = []

    def add(stem, text, common):
        write(stem + ".cpp", text)
        if common:
            rules.append("build %s.o: cxx_common %s.cpp | common.h.gch" % (stem, stem))
        else:
            rules.append("build %s.o: cxx %s.cpp" % (stem, stem))
        objects.append(stem + ".o")

    rules.append("build common.h.gch: precompile common.h")

    for number, unit in enumerate(units_of(source, [name for name in files if name not in omitted])):
        stem = "unit%02d" % number if len(unit) > 1 else re.sub(r"\W", "_", unit[0][:-4])
        # One unit does without the common headers, so that the other core has work while they are precompiled.
        add(stem, "".join('#include "%s"\n' % os.path.join(source, "src", name) for name in unit), number > 0)
    add("omitted", stubs_for(source, omitted), False)
    rules.append("build libbinaryen.a: ar " + " ".join(objects))
    write("build.ninja", "\n".join(rules) + "\n")
    environment = dict(os.environ, NINJA_STATUS="[%f/%t, %es] ")
    subprocess.run(["ninja", "-C", work, "-j", str(options.jobs)], check=True, env=environment)

    os.makedirs(os.path.join(output, "lib"), exist_ok=True)
    os.replace(os.path.join(work, "libbinaryen.a"), os.path.join(output, "lib/libbinaryen.a"))
    if not options.keep:
        shutil.rmtree(work)
    print("Binaryen %s built in %d s" % (VERSION, time.time() - started), flush=True)


if __name__ == "__main__":
    main()
