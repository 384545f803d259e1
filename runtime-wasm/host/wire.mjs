// Values that cross to and from a program as bytes in its linear memory, laid out by their schema (README.md,
// "The wire"; spec 06 §15). Writing checks every value, so that no Voyd code runs with a wrong one; reading
// trusts the program's own bytes.

import { checkScalar, kindOf } from './values.mjs';

export const MAX_DEPTH = 128;
const MAX_COLLECTION = 1048576;
const MAX_BYTES = 16777216;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const SIZES = { bool: 1, i32: 4, i64: 8, f32: 4, f64: 8 };

class Writer {
  constructor(types) {
    this.types = types;
    this.bytes = new Uint8Array(256);
    this.view = new DataView(this.bytes.buffer);
    this.length = 0;
    this.open = new Set();
  }

  room(count) {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.length, this.bytes.length * 2));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }

  u32(value) {
    const at = this.room(4);
    this.view.setUint32(at, value, true);
  }

  scalar(value, schema, path) {
    const checked = checkScalar(value, schema, path);
    if (schema === 'void') return;
    const at = this.room(SIZES[schema]);
    if (schema === 'bool') this.view.setUint8(at, checked ? 1 : 0);
    else if (schema === 'i32') this.view.setInt32(at, checked, true);
    else if (schema === 'i64') this.view.setBigInt64(at, checked, true);
    else if (schema === 'f32') this.view.setFloat32(at, checked, true);
    else this.view.setFloat64(at, checked, true);
  }

  string(value, path) {
    if (typeof value !== 'string') throw new Error(`${path} expected String, got ${kindOf(value)}`);
    const bytes = encoder.encode(value);
    if (bytes.length > MAX_BYTES) throw new Error(`${path} exceeds maximum DTO byte length ${MAX_BYTES}`);
    this.raw(bytes);
  }

  raw(bytes) {
    this.u32(bytes.length);
    const at = this.room(bytes.length); // before `this.bytes` is read, which may be new then
    this.bytes.set(bytes, at);
  }

  binary(value, path) {
    if (!(value instanceof Uint8Array)) throw new Error(`${path} expected Uint8Array, got ${kindOf(value)}`);
    if (value.length > MAX_BYTES) throw new Error(`${path} exceeds maximum DTO byte length ${MAX_BYTES}`);
    this.raw(value);
  }

  // Objects on the path from the root: meeting one again is a cycle.
  within(value, path, work) {
    if (this.open.has(value)) throw new Error(`${path} cannot encode cyclic object graph`);
    if (this.open.size >= MAX_DEPTH) throw new Error(`${path} exceeds maximum DTO depth ${MAX_DEPTH}`);
    this.open.add(value);
    work();
    this.open.delete(value);
  }

  value(value, schema, path) {
    if (schema === 'string') {
      this.string(value, path);
    } else if (schema === 'bytes') {
      this.binary(value, path);
    } else if (typeof schema === 'string') {
      this.scalar(value, schema, path);
    } else if (schema.array !== undefined) {
      if (!Array.isArray(value)) throw new Error(`${path} expected array, got ${kindOf(value)}`);
      if (value.length > MAX_COLLECTION) {
        throw new Error(`${path} exceeds maximum DTO collection length ${MAX_COLLECTION}`);
      }
      this.u32(value.length);
      this.within(value, path, () => {
        // By index: a hole counts, as `undefined`.
        for (let index = 0; index < value.length; index++) {
          this.value(value[index], schema.array, `${path}[${index}]`);
        }
      });
    } else {
      this.object(value, this.types[schema.type], path);
    }
  }

  object(given, type, path) {
    const value = given instanceof Map ? Object.fromEntries(given) : given;
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      throw new Error(`${path} expected object, got ${kindOf(value)}`);
    }
    this.within(given, path, () => {
      if (type.record) {
        this.fields(value, type.record, path, []);
        return;
      }
      const tag = value.tag ?? value.$variant;
      const index = type.variant.findIndex(([name]) => name === tag);
      if (index < 0) {
        const names = type.variant.map(([name]) => name).join(' | ');
        throw new Error(`${path} expected variant tag ${names}`);
      }
      this.u32(index);
      this.fields(value, type.variant[index][1], path, ['tag', '$variant']);
    });
  }

  fields(value, fields, path, allowed) {
    for (const name of Object.keys(value)) {
      const known = allowed.includes(name) || fields.some(([field]) => field === name);
      if (!known) throw new Error(`${path} has unknown field ${name}`);
    }
    for (const [name, schema, optional] of fields) {
      if (optional) {
        const present = value[name] !== undefined;
        const at = this.room(1);
        this.view.setUint8(at, present ? 1 : 0);
        if (!present) continue;
      }
      this.value(value[name], schema, `${path}.${name}`);
    }
  }
}

/** The bytes of `values`, one per schema. Throws an Error for a value that does not fit (texts: spec 06 §15). */
export function encode(values, schemas, types, pathOf) {
  const writer = new Writer(types);
  values.forEach((value, index) => writer.value(value, schemas[index], pathOf(index)));
  return writer.bytes.subarray(0, writer.length);
}

class Reader {
  constructor(buffer, types) {
    this.view = new DataView(buffer);
    this.types = types;
    this.position = 0;
  }

  take(count) {
    const at = this.position;
    this.position += count;
    return at;
  }

  value(schema) {
    switch (schema) {
      case 'void':
        return undefined;
      case 'bool':
        return this.view.getUint8(this.take(1)) !== 0;
      case 'i32':
        return this.view.getInt32(this.take(4), true);
      case 'i64':
        return this.view.getBigInt64(this.take(8), true);
      case 'f32':
        return this.view.getFloat32(this.take(4), true);
      case 'f64':
        return this.view.getFloat64(this.take(8), true);
      case 'string': {
        const length = this.view.getUint32(this.take(4), true);
        return decoder.decode(new Uint8Array(this.view.buffer, this.take(length), length));
      }
      case 'bytes': {
        const length = this.view.getUint32(this.take(4), true);
        return new Uint8Array(this.view.buffer, this.take(length), length).slice();
      }
      default:
        return schema.array === undefined ? this.object(this.types[schema.type]) : this.array(schema.array);
    }
  }

  array(schema) {
    const length = this.view.getUint32(this.take(4), true);
    const items = [];
    for (let index = 0; index < length; index++) items.push(this.value(schema));
    return items;
  }

  object(type) {
    if (type.record) return this.fields(type.record);
    const [tag, fields] = type.variant[this.view.getUint32(this.take(4), true)];
    return { ...this.fields(fields), tag };
  }

  fields(fields) {
    const object = {};
    for (const [name, schema, optional] of fields) {
      if (optional && this.view.getUint8(this.take(1)) === 0) continue;
      const value = this.value(schema);
      // Not an assignment: a field may be called `__proto__`.
      Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return object;
  }
}

/** The values of `schemas`, one after another from the start of the program's memory. */
export function decodeAll(buffer, schemas, types) {
  const reader = new Reader(buffer, types);
  return schemas.map((schema) => reader.value(schema));
}

/** The value of `schema` at the start of the program's memory. */
export function decode(buffer, schema, types) {
  return new Reader(buffer, types).value(schema);
}
