// How the test runners show their results.

function pad(text, width, right) {
  return right ? String(text).padStart(width) : String(text).padEnd(width);
}

/** A table as text: `rows` of cells, the first row its head; all columns but the first are numbers. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows
    .map((row) => row.map((cell, column) => pad(cell, widths[column], column > 0)).join('  ').trimEnd())
    .join('\n');
}

/** A heading and one line per item. */
export function list(heading, items) {
  if (items.length > 0) console.log(`\n${heading}\n${items.map((item) => `  ${item}`).join('\n')}`);
}

/** The line that ends every runner. */
export function finish(passed, failed) {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
