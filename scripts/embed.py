#!/usr/bin/env python3
"""Writes a file as a C array. Usage: embed.py OUTPUT.c HEADER NAME FILE   (the array is NAME, its length NAME_length)"""
import sys


def write_array(output, header, name, data):
    """Writes the bytes `data` as the C source `output`, which includes `header` for the declarations."""
    with open(output, "w", encoding="ascii") as out:
        out.write(f'#include "{header}"\n\nconst unsigned char {name}[] = {{\n')
        for start in range(0, len(data), 24):
            out.write(",".join(str(byte) for byte in data[start : start + 24]) + ",\n")
        out.write(f"}};\nconst size_t {name}_length = {len(data)};\n")


if __name__ == "__main__":
    with open(sys.argv[4], "rb") as source:
        write_array(*sys.argv[1:4], source.read())
