// Test programs on disk. A `.voyd` file is one program; a folder with a `main.voyd` is one program of
// several files.

import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

function voydFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((item) => item.isFile() && item.name.endsWith('.voyd'))
    .map((item) => join(item.parentPath, item.name))
    .sort();
}

/**
 * All programs under `root`, sorted: `{id, chapter, entry, files}`. `id` is the path below `root`,
 * `chapter` its first folder, `entry` the file to compile, `files` all files of the program, the entry
 * first.
 */
export function findPrograms(root, below = '') {
  const programs = [];
  const folder = join(root, below);
  const items = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const item of items) {
    const id = below ? `${below}/${item.name}` : item.name;
    const chapter = id.split('/')[0];
    const path = join(root, id);
    if (item.isFile() && item.name.endsWith('.voyd')) {
      programs.push({ id, chapter, entry: path, files: [path] });
    } else if (item.isDirectory() && existsSync(join(path, 'main.voyd'))) {
      const entry = join(path, 'main.voyd');
      const others = voydFiles(path).filter((file) => file !== entry);
      programs.push({ id, chapter, entry, files: [entry, ...others] });
    } else if (item.isDirectory()) {
      programs.push(...findPrograms(root, id));
    }
  }
  return programs;
}

/** Source files by path, read once: their bytes, since spans count bytes. */
export class Sources {
  #files = new Map();

  bytes(path) {
    if (!this.#files.has(path)) this.#files.set(path, existsSync(path) ? readFileSync(path) : null);
    return this.#files.get(path);
  }

  /** The text that a span covers; null when its file is not on disk. */
  text({ file, start, end }) {
    const bytes = this.bytes(file);
    return bytes === null ? null : bytes.subarray(start, end).toString();
  }
}
