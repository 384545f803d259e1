#!/usr/bin/env python3
"""Writes the standard library as C arrays, for voydc to carry inside.

Usage: embed.py OUTPUT.c ROOT FILE.voyd...   (files are named relative to ROOT in the table)
"""
import os
import sys


def main():
    output, root, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    lines = ['#include "graph/state.h"', ""]
    table = []
    for index, path in enumerate(files):
        data = open(path, "rb").read()
        name = os.path.relpath(path, root).replace(os.sep, "/")
        lines.append(f"static const unsigned char file_{index}[] = {{")
        for start in range(0, len(data), 24):
            lines.append("  " + ",".join(str(byte) for byte in data[start : start + 24]) + ",")
        lines += ["  0};", ""]
        table.append(f'  {{"{name}", file_{index}, {len(data)}}},')
    lines += ["const EmbeddedFile embedded_std_files[] = {", *table, "};"]
    lines.append(f"const uint32_t embedded_std_file_count = {len(files)};")
    with open(output, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


main()
