// What the tables of features are written with.

/** An expression over operands of `types`; `voyd` and `js` spell it from the texts of the operands. */
export function shape(types, voyd, js) {
  return (generator, depth, scope) => {
    const operands = types.map((type) => generator.expression(type, depth, scope));
    return [voyd(...operands.map(([text]) => text)), js(...operands.map(([, text]) => text))];
  };
}

export function indent(lines) {
  return lines.map((line) => `  ${line}`);
}

/** A scope with more variables: `{name, type, kind}`. */
export function scopeWith(scope, variables) {
  return { ...scope, variables: [...scope.variables, ...variables] };
}
