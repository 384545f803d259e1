#!/usr/bin/env python3
"""Writes a file as a C array. Usage: embed.py OUTPUT.c HEADER NAME FILE   (the array is NAME, its length NAME_length)"""
import sys


def main():
    output, header, name, path = sys.argv[1:]
    data = open(path, "rb").read()
    with open(output, "w", encoding="ascii") as out:
        out.write(f'#include "{header}"\n\nconst unsigned char {name}[] = {{\n')
        for start in range(0, len(data), 24):
            out.write(",".join(str(byte) for byte in data[start : start + 24]) + ",\n")
        out.write(f"}};\nconst size_t {name}_length = {len(data)};\n")


main()
