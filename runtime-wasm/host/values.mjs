// Values at the boundary between a Voyd program and its host, in four shapes: what Wasm takes and returns,
// what JavaScript code holds (spec 06 §15), JSON (`voydc run --json`, `--args`, the test suites), and the
// text that `voydc run` prints (spec 03 §12.2). Every conversion is directed by the schema of the export
// (abi.mjs).

const I32_MIN = -(2 ** 31);
const I32_MAX = 2 ** 31 - 1;
const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;
const FLOATS_OUTSIDE_JSON = new Map([
  ['-0', -0],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** What an Error calls a value of the wrong kind. */
export function kindOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isNaN(value) ? 'NaN' : typeof value;
}

function mismatch(path, schema, value) {
  return new Error(`${path} expected ${schema}, got ${kindOf(value)}`);
}

/** A JavaScript value of a scalar schema, `i64` as a bigint. Throws as `toWasm` does. */
export function checkScalar(value, schema, path) {
  if (schema === 'void') return undefined;
  const checked = toWasm(value, schema, path);
  return schema === 'bool' ? value : checked;
}

/**
 * A JavaScript value as the Wasm argument of a parameter. `path` opens the message of the Error that a
 * value of the wrong kind or range gives, for example `typed export add arg0` (texts: spec 06 §15).
 */
export function toWasm(value, schema, path) {
  switch (schema) {
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch(path, schema, value);
      return value ? 1 : 0;
    case 'i32':
      if (!Number.isInteger(value) || value < I32_MIN || value > I32_MAX) throw mismatch(path, schema, value);
      return value;
    case 'i64': {
      const wide = Number.isSafeInteger(value) ? BigInt(value) : value;
      if (typeof wide !== 'bigint' || wide < I64_MIN || wide > I64_MAX) throw mismatch(path, schema, value);
      return wide;
    }
    case 'f32':
    case 'f64':
      if (typeof value !== 'number') throw mismatch(path, schema, value);
      return value;
    case 'void':
      return undefined;
    default:
      throw new Error(`${path} has a type that only Voyd code can make`);
  }
}

/** The JavaScript value of a Wasm result. */
export function fromWasm(value, schema, path) {
  if (schema === 'bool') return value !== 0;
  if (schema === 'raw') throw new Error(`${path} has a type that only Voyd code can read`);
  return value;
}

const isBytes = (json) => Array.isArray(json) && json.every((item) => Number.isInteger(item) && item >= 0 && item < 256);

/**
 * A JSON value (already parsed) as the JavaScript value that `schema` asks for; other shapes pass through for
 * toWasm to judge.
 */
export function fromJson(json, schema, types = []) {
  if (json === null || typeof json !== 'object') return json;
  if (schema === 'bytes') return isBytes(json) ? Uint8Array.from(json) : json;
  if (schema !== null && typeof schema === 'object') return compoundFromJson(json, schema, types);
  const keys = Object.keys(json);
  if (keys.length !== 1) return json;
  if (schema === 'i64' && keys[0] === 'i64' && /^-?[0-9]+$/.test(json.i64)) return BigInt(json.i64);
  const isFloat = schema === 'f32' || schema === 'f64';
  if (isFloat && keys[0] === 'f64') return FLOATS_OUTSIDE_JSON.get(json.f64) ?? json;
  return json;
}

function fieldsFromJson(json, fields, types) {
  const schemas = new Map(fields.map(([name, schema]) => [name, schema]));
  const entries = Object.entries(json).map(([name, value]) => [name, fromJson(value, schemas.get(name), types)]);
  return Object.fromEntries(entries);
}

function compoundFromJson(json, schema, types) {
  if (schema.array !== undefined) {
    return Array.isArray(json) ? json.map((item) => fromJson(item, schema.array, types)) : json;
  }
  if (Array.isArray(json)) return json;
  const type = types[schema.type];
  if (type.record) return fieldsFromJson(json, type.record, types);
  const variant = type.variant.find(([name]) => name === (json.tag ?? json.$variant));
  return variant ? fieldsFromJson(json, variant[1], types) : json;
}

/**
 * JSON text of a JavaScript value: one line, numbers that JSON lacks as `{"i64":"…"}` and `{"f64":"…"}`,
 * nothing as `null`.
 */
export function toJson(value) {
  if (value === undefined) return 'null';
  if (typeof value === 'bigint') return `{"i64":"${value}"}`;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return `[${Array.from(value, toJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${toJson(member)}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value !== 'number') return JSON.stringify(value);
  if (Number.isFinite(value) && !Object.is(value, -0)) return String(value);
  return `{"f64":"${Object.is(value, -0) ? '-0' : value}"}`;
}

// A structured value as JSON.stringify takes it; `above` are the objects that enclose it.
function printable(value, above) {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return 0;
  if (value === null || typeof value !== 'object') return value;
  if (above.includes(value)) return '[Circular]';
  const inside = [...above, value];
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, member]) => [key, printable(member, inside)]));
  }
  if (Array.isArray(value) || value instanceof Set || ArrayBuffer.isView(value)) {
    return Array.from(value, (member) => printable(member, inside));
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, printable(member, inside)]));
}

/** The text that a run prints for its result, without the final newline; '' for nothing (spec 03 §12.2). */
export function toText(value) {
  if (value === undefined || value === null) return '';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'object') return JSON.stringify(printable(value, []), null, 2);
  return Object.is(value, -0) ? '-0' : String(value);
}
