/** A field of a protobuf message whose value has a length (wire type 2), or is a number (wire type 0). */
export interface Field {
  readonly number: number;
  readonly value: Uint8Array | number;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * The fields of a protobuf message, in order, without those of fixed size: nothing here has any. Null if it is no such message.
 * Source: protobuf.dev, "Encoding".
 */
export function decodeFields(message: Uint8Array): Field[] | null {
  const fields: Field[] = [];
  const reader = new Reader(message);
  while (reader.offset < message.length) {
    const tag = reader.varint();
    if (tag === null || tag < 8) return null;
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case VARINT: {
        const value = reader.varint();
        if (value === null) return null;
        fields.push({ number, value });
        break;
      }
      case LENGTH_DELIMITED: {
        const value = reader.bytes(reader.varint());
        if (value === null) return null;
        fields.push({ number, value });
        break;
      }
      case FIXED64:
        if (reader.bytes(8) === null) return null;
        break;
      case FIXED32:
        if (reader.bytes(4) === null) return null;
        break;
      default:
        return null;
    }
  }
  return fields;
}

export function encodeFields(fields: readonly Field[]): Uint8Array {
  const bytes: number[] = [];
  for (const { number, value } of fields) {
    if (typeof value === "number") {
      bytes.push(...varint(number * 8 + VARINT), ...varint(value));
    } else {
      bytes.push(...varint(number * 8 + LENGTH_DELIMITED), ...varint(value.length), ...value);
    }
  }
  return Uint8Array.from(bytes);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

class Reader {
  offset = 0;
  readonly #message: Uint8Array;

  constructor(message: Uint8Array) {
    this.#message = message;
  }

  /** Null if it is cut, or above 2^53. */
  varint(): number | null {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const byte = this.#message[this.offset++];
      if (byte === undefined) return null;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : null;
    }
    return null;
  }

  bytes(length: number | null): Uint8Array | null {
    if (length === null || length > this.#message.length - this.offset) return null;
    const start = this.offset;
    this.offset += length;
    return this.#message.subarray(start, this.offset);
  }
}
