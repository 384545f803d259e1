// What a host must know of a compiled module: the signature of every exported function, and where in the
// source it is. Signatures are read from the module's own type section; the custom section `voyd.abi`
// refines it where a Wasm type says too little (README.md). Pure functions over bytes: no engine, no
// platform. Invariant: a malformed module gives an Error, never an endless loop.

const SECTION_CUSTOM = 0;
const SECTION_TYPE = 1;
const SECTION_IMPORT = 2;
const SECTION_FUNCTION = 3;
const SECTION_EXPORT = 7;

const FORM_FUNCTION = 0x60;
const FORM_STRUCT = 0x5f;
const FORM_ARRAY = 0x5e;
const FORM_SUB = 0x50;
const FORM_SUB_FINAL = 0x4f;
const FORM_RECURSIVE_GROUP = 0x4e;
const TYPE_REF_NULL = 0x63;
const TYPE_REF = 0x64;
const TYPE_I16 = 0x77;

const EXTERNAL_FUNCTION = 0;
const EXTERNAL_TABLE = 1;
const EXTERNAL_MEMORY = 2;
const EXTERNAL_GLOBAL = 3;
const EXTERNAL_TAG = 4;

const NUMBER_TYPES = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
]);

export const ABI_SECTION = 'voyd.abi';
export const DIAGNOSTICS_SECTION = 'voyd.runtime_diagnostics';
export const ABI_VERSION = 1;

class ModuleReader {
  constructor(bytes, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  byte() {
    if (this.position >= this.end) throw new Error('the module ends too early');
    return this.bytes[this.position++];
  }

  // LEB128 of at most 64 bits, as a number: exact for all lengths and indices that a module can hold.
  unsigned() {
    let result = 0;
    let scale = 1;
    for (let index = 0; index < 10; index++) {
      const byte = this.byte();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
      scale *= 128;
    }
    throw new Error('a number of the module is too long');
  }

  take(length) {
    const start = this.position;
    if (length > this.end - start) throw new Error('the module ends too early');
    this.position = start + length;
    return new ModuleReader(this.bytes, start, start + length);
  }

  text() {
    const part = this.take(this.unsigned());
    return new TextDecoder('utf-8', { fatal: true }).decode(this.bytes.subarray(part.position, part.end));
  }

  // The name of a scalar type; 'raw' for every reference, whose values only the module understands.
  valueType() {
    const code = this.byte();
    if (code === TYPE_REF || code === TYPE_REF_NULL) this.unsigned();
    return NUMBER_TYPES.get(code) ?? 'raw';
  }

  field() {
    if (this.bytes[this.position] === TYPE_I16 || this.bytes[this.position] === TYPE_I16 + 1) this.byte();
    else this.valueType();
    this.byte();
  }

  valueTypes() {
    return Array.from({ length: this.count() }, () => this.valueType());
  }

  // A vector's length; each element takes at least one byte, so a longer one is a damaged module.
  count() {
    const count = this.unsigned();
    if (count > this.end - this.position) throw new Error('the module ends too early');
    return count;
  }

  skipLimits() {
    const flags = this.byte();
    this.unsigned();
    if (flags & 1) this.unsigned();
  }
}

function readSubtype(reader, types) {
  let form = reader.byte();
  if (form === FORM_SUB || form === FORM_SUB_FINAL) {
    for (let left = reader.count(); left > 0; left--) reader.unsigned();
    form = reader.byte();
  }
  if (form === FORM_FUNCTION) {
    const params = reader.valueTypes();
    types.push({ params, results: reader.valueTypes() });
    return;
  }
  if (form === FORM_STRUCT) {
    for (let left = reader.count(); left > 0; left--) reader.field();
  } else if (form === FORM_ARRAY) {
    reader.field();
  } else {
    throw new Error(`unknown type form 0x${form.toString(16)} in the module`);
  }
  types.push(null);
}

function readTypes(reader) {
  const types = [];
  for (let left = reader.count(); left > 0; left--) {
    if (reader.bytes[reader.position] !== FORM_RECURSIVE_GROUP) {
      readSubtype(reader, types);
      continue;
    }
    reader.byte();
    for (let members = reader.count(); members > 0; members--) readSubtype(reader, types);
  }
  return types;
}

function readImportedFunctions(reader) {
  const functions = [];
  for (let left = reader.count(); left > 0; left--) {
    reader.text();
    reader.text();
    const kind = reader.byte();
    if (kind === EXTERNAL_FUNCTION) {
      functions.push(reader.unsigned());
    } else if (kind === EXTERNAL_TABLE) {
      reader.valueType();
      reader.skipLimits();
    } else if (kind === EXTERNAL_MEMORY) {
      reader.skipLimits();
    } else if (kind === EXTERNAL_GLOBAL) {
      reader.valueType();
      reader.byte();
    } else if (kind === EXTERNAL_TAG) {
      reader.byte();
      reader.unsigned();
    } else {
      throw new Error(`unknown import kind ${kind} in the module`);
    }
  }
  return functions;
}

function resultOf(results) {
  if (results.length === 0) return 'void';
  return results.length === 1 ? results[0] : 'raw';
}

function readExport(section, types, functions, signatures) {
  const name = section.text();
  const kind = section.byte();
  const index = section.unsigned();
  if (kind !== EXTERNAL_FUNCTION) return;
  const type = types[functions[index]];
  if (!type) throw new Error(`export '${name}' has no function type`);
  signatures.set(name, { params: type.params, result: resultOf(type.results) });
}

function applyAbiSection(text, signatures) {
  const section = JSON.parse(text);
  if (section.version !== ABI_VERSION) {
    const versions = `version ${section.version} of ${ABI_SECTION}, this host version ${ABI_VERSION}`;
    throw new Error(`the module speaks ${versions}`);
  }
  for (const [name, { params, result, wire, omits }] of Object.entries(section.exports)) {
    const signature = signatures.get(name);
    if (!signature) throw new Error(`${ABI_SECTION} describes '${name}', which the module does not export`);
    if (params) signature.params = params;
    if (result) signature.result = result;
    if (wire) signature.wire = wire;
    if (omits) signature.omits = omits;
  }
  return { types: section.types ?? [], operations: section.imports ?? [] };
}

/**
 * What a module says about itself: `{signatures, types, operations, diagnostics}`. `signatures` is a Map from export name to
 * `{params: [schema], result: schema}` for all exported functions; a schema is 'bool', 'i32', 'i64', 'f32',
 * 'f64', 'void', or 'raw' for what this host cannot convert (references, several results). A signature
 * with `wire` ('params', 'result' or 'both') has compound schemas there, which name `types` by index; `omits` of its
 * last parameters may be left out.
 * `operations` are the effect operations that the module asks its host for: `{module, name, params, result}`.
 * `diagnostics` is the text of the section `voyd.runtime_diagnostics`, or null. Throws an Error when `bytes` (Uint8Array) is
 * not a module or speaks a newer `voyd.abi`.
 */
export function readModule(bytes) {
  const reader = new ModuleReader(bytes);
  if (reader.take(8) && (bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d)) {
    throw new Error('not a WebAssembly module');
  }
  let types = [];
  let functions = [];
  const signatures = new Map();
  const custom = new Map();
  while (reader.position < reader.end) {
    const id = reader.byte();
    const section = reader.take(reader.unsigned());
    if (id === SECTION_TYPE) {
      types = readTypes(section);
    } else if (id === SECTION_IMPORT) {
      functions = readImportedFunctions(section);
    } else if (id === SECTION_FUNCTION) {
      for (let left = section.count(); left > 0; left--) functions.push(section.unsigned());
    } else if (id === SECTION_EXPORT) {
      for (let left = section.count(); left > 0; left--) readExport(section, types, functions, signatures);
    } else if (id === SECTION_CUSTOM) {
      custom.set(section.text(), bytes.subarray(section.position, section.end));
    }
  }
  const textOf = (name) => (custom.has(name) ? new TextDecoder().decode(custom.get(name)) : null);
  const abi = textOf(ABI_SECTION);
  const described = abi === null ? { types: [], operations: [] } : applyAbiSection(abi, signatures);
  return { signatures, ...described, diagnostics: textOf(DIAGNOSTICS_SECTION) };
}
