#!/usr/bin/env python3
"""Joins the JavaScript host into one script and writes it as a C array, for voydc to carry inside.

Usage: bundle.py OUTPUT.c HEADER NAME MODULE.mjs...   (modules in dependency order)

The array is NAME, its length NAME_length, both declared in HEADER.

Modules are plain: named imports on one line, `export` before declarations, no name declared twice over all
modules. Imports between the modules disappear, those of Node's modules become `require`; the script is the
body of a function (require, source, job), or a worker's code.
"""
import pathlib
import re
import sys

sys.dont_write_bytecode = True  # nothing is to appear among the sources
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from embed import write_array  # noqa: E402

IMPORT = re.compile(r"^import \{ (.+) \} from '(.+)';$")
DECLARATION = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)")
ENTRY = "engineMain(typeof source === 'undefined' ? '' : source, typeof job === 'undefined' ? null : job);\n"


def joined(paths):
    lines, origin, required = ["'use strict';"], {}, set()
    for path in paths:
        for line in open(path, encoding="utf-8").read().splitlines():
            imported = IMPORT.match(line)
            if imported:
                if imported[2].startswith("."):
                    continue
                for name in imported[1].split(", "):
                    if name not in required:
                        lines.append(f"const {{ {name} }} = require('{imported[2]}');")
                        required.add(name)
                continue
            if line.startswith("import "):
                sys.exit(f"{path}: cannot bundle: {line}")
            line = re.sub(r"^export ", "", line)
            declared = DECLARATION.match(line)
            if declared:
                if declared[1] in origin:
                    sys.exit(f"{path}: '{declared[1]}' is also declared in {origin[declared[1]]}")
                origin[declared[1]] = path
            lines.append(line)
    return "\n".join(lines) + "\n" + ENTRY


def main():
    output, header, name, paths = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    write_array(output, header, name, joined(paths).encode("utf-8"))


main()
