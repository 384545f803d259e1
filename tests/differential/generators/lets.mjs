// Module-level `let`: evaluated once, when first read; an initialiser that trapped is evaluated anew at the next read
// (spec 04 §6.7).

function moduleLet(generator) {
  const type = generator.anyType();
  const x = generator.expression(type, 3, { variables: [], taken: new Set(), performs: false });
  const name = generator.name('g');
  (generator.expressions[type] ??= []).push(() => [name, generator.read(type, `${name}()`)]);
  return [[`let ${name}: ${generator.voydType(type)} = ${x[0]}`], [`const ${name} = lazy(() => ${x[1]});`]];
}

export const lets = {
  js: `
const lazy = (make) => {
  let done = false;
  let value;
  return () => {
    if (!done) {
      value = make();
      done = true;
    }
    return value;
  };
};
`,
  declarations: [moduleLet, moduleLet, moduleLet],
};
