#!/usr/bin/env python3
"""Builds the part of Binaryen that voydc links, as one static library, from the unpacked source release.

usage: build.py SOURCE_DIR OUTPUT_DIR [--jobs N] [--keep]

SOURCE_DIR is the release's folder that holds `src/`; it is changed (overlay/ is copied over it). OUTPUT_DIR
receives lib/libbinaryen.a, include/ (the C and the C++ headers) and LICENSE, and appears only when complete.

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
# Files whose file-local names clash with those of other files: each is a unit of its own.
ALONE = {"passes/TypeMerging.cpp", "passes/ConstraintAnalysis.cpp", "wasm/wasm-type-shape.cpp"}
# Compile time of a file grows with its length; these take longer than their length says.
WEIGHT = {"passes/Precompute.cpp": 6, "ir/possible-contents.cpp": 2}
UNITS = 20


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
            return (text.read().count(b"\n") + 400) * WEIGHT.get(name, 1)
    units = [[cost(name), [name]] for name in files if name in ALONE]
    bins = [[0, []] for _ in range(UNITS)]
    for name in sorted((name for name in files if name not in ALONE), key=lambda name: (-cost(name), name)):
        smallest = min(bins, key=lambda unit: unit[0])
        smallest[0] += cost(name)
        smallest[1].append(name)
    units += bins
    units.sort(key=lambda unit: -unit[0])
    return [sorted(unit[1]) for unit in units]


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
        with open(os.path.join(work, name), "w") as out:
            out.write(text)

    shutil.copytree(os.path.join(HERE, "overlay"), source, dirs_exist_ok=True)
    if not os.path.exists(os.path.join(work, "cut")):
        apply_cuts(source)
        write("cut", "")
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
    rules = ["rule cxx",
             "  command = %s %s -c $in -o $out" % (cxx, quote(COMMON_FLAGS + includes)),
             "  description = Binaryen: compile $out",
             "rule ar",
             "  command = rm -f $out && %s rcs $out $in" % ar,
             "  description = Binaryen: archive $out"]
    objects = []

    def add(stem, text):
        write(stem + ".cpp", text)
        rules.append("build %s.o: cxx %s.cpp" % (stem, stem))
        objects.append(stem + ".o")

    for number, unit in enumerate(units_of(source, [name for name in files if name not in omitted])):
        stem = "unit%02d" % number if len(unit) > 1 else re.sub(r"\W", "_", unit[0][:-4])
        add(stem, "".join('#include "%s"\n' % os.path.join(source, "src", name) for name in unit))
    add("omitted", stubs_for(source, omitted))
    rules.append("build libbinaryen.a: ar " + " ".join(objects))
    write("build.ninja", "\n".join(rules) + "\n")
    environment = dict(os.environ, NINJA_STATUS="[%f/%t, %es] ")
    subprocess.run(["ninja", "-C", work, "-j", str(options.jobs)], check=True, env=environment)

    staging = output + ".new"
    shutil.rmtree(staging, ignore_errors=True)
    os.makedirs(os.path.join(staging, "lib"))
    shutil.copy(os.path.join(work, "libbinaryen.a"), os.path.join(staging, "lib"))
    headers = shutil.ignore_patterns("*.cpp", "*.txt", "*.js", "*.wat", "*.in", "tools")
    shutil.copytree(os.path.join(source, "src"), os.path.join(staging, "include"), ignore=headers)
    shutil.copytree(os.path.join(source, "third_party/FP16/include"), os.path.join(staging, "include"),
                    dirs_exist_ok=True)
    shutil.copy(os.path.join(source, "LICENSE"), staging)
    shutil.rmtree(output, ignore_errors=True)
    os.rename(staging, output)
    if not options.keep:
        shutil.rmtree(work)
    print("Binaryen %s built in %d s" % (VERSION, time.time() - started), flush=True)


if __name__ == "__main__":
    main()
