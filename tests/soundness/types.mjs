// The types that the generator knows, as data; `show` is how they are written, and equal types are written alike.

export const I32 = { kind: 'i32' };
export const I64 = { kind: 'i64' };
export const F64 = { kind: 'f64' };
export const BOOL = { kind: 'bool' };
export const STRING = { kind: 'String' };
export const PRIMITIVES = [I32, I64, F64, BOOL];
export const NUMBERS = [I32, I64, F64];

export const optional = (of) => ({ kind: 'optional', of });
export const array = (of) => ({ kind: 'array', of });
export const tuple = (of) => ({ kind: 'tuple', of });
export const record = (fields) => ({ kind: 'record', fields });
export const box = (of) => ({ kind: 'box', of });
export const fn = (parameters, result) => ({ kind: 'fn', parameters, result });
/** An object or value type of the program. */
export const named = (declaration) => ({ kind: 'named', declaration });
export const union = (declaration) => ({ kind: 'union', declaration });
export const trait = (declaration) => ({ kind: 'trait', declaration });

export function show(type) {
  switch (type.kind) {
    case 'optional':
      return `Optional<${show(type.of)}>`;
    case 'array':
      return `Array<${show(type.of)}>`;
    case 'box':
      return `Box<${show(type.of)}>`;
    case 'tuple':
      return `(${type.of.map(show).join(', ')})`;
    case 'record':
      return `{ ${type.fields.map(([name, of]) => `${name}: ${show(of)}`).join(', ')} }`;
    case 'fn':
      return `fn(${type.parameters.map(show).join(', ')}) -> ${show(type.result)}`;
    case 'named':
    case 'union':
    case 'trait':
      return type.declaration.name;
    default:
      return type.kind;
  }
}

export const same = (a, b) => show(a) === show(b);

/** Types whose values may stand where `type` is expected, besides its own. */
export function narrower(type, world) {
  switch (type.kind) {
    case 'optional':
      return type.of.kind === 'optional' ? [] : [type.of];
    case 'union':
      return type.declaration.members.map(named);
    case 'trait':
      return world.objects.filter((object) => object.traits.includes(type.declaration)).map(named);
    case 'named':
      return world.objects.filter((object) => object.base === type.declaration).map(named);
    case 'record':
      return world.objects
        .filter((object) => type.fields.every(([name, of]) => fieldOf(object, name, of)))
        .map(named);
    default:
      return [];
  }
}

function fieldOf(object, name, of) {
  return object.fields.some(([own, type]) => own === name && same(type, of));
}
