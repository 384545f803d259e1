// node run.mjs [FIRST [COUNT]]: what emitted modules compute against what an interpreter of their IR computes
// (differential.c). VOYD_BUILD names the build folder. Ends with `N passed, N failed`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [first = "0", count = "200"] = process.argv.slice(2);
const tool = join(process.env.VOYD_BUILD ?? "build", "tests/emission/emission-differential");
const folder = mkdtempSync(join(tmpdir(), "voyd-ir-"));
let passed = 0;
let failed = 0;

const call = (main, a, b) => {
  try {
    const [low, wide] = main(a, b);
    return JSON.stringify([low, String(wide)]);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return "null";
    throw error;
  }
};

try {
  execFileSync(tool, [first, count, folder], { stdio: "inherit" });
  for (const line of readFileSync(join(folder, "cases.jsonl"), "utf8").trim().split("\n")) {
    const { module, cases } = JSON.parse(line);
    const compiled = new WebAssembly.Module(readFileSync(join(folder, `${module}.wasm`)));
    for (const [a, b, expected] of cases) {
      const got = call(new WebAssembly.Instance(compiled).exports.main, a, b);
      if (got === JSON.stringify(expected)) {
        passed++;
      } else {
        failed++;
        console.log(`module ${module}: main(${a}, ${b}) gives ${got}, expected ${JSON.stringify(expected)}`);
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
