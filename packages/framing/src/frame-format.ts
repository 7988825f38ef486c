import { ArgumentTypeError, ArgumentValueError } from "./errors.js";
import { FixedLengthField } from "./fixed-length-field.js";
import type { LengthField } from "./length-field.js";
import { DEFAULT_MAX_LENGTH, type FrameOptions } from "./options.js";
import { Uint32Field } from "./uint32-field.js";
import { VarintField } from "./varint-field.js";

/** Options that were checked, with their defaults filled in. */
export interface FrameFormat {
  readonly field: LengthField;
  /** The shortest payload in bytes: 0 or 1. */
  readonly minLength: number;
  /** The longest payload in bytes. */
  readonly maxLength: number;
}

/**
 * Checks options and fills in what they leave out.
 *
 * @throws ArgumentTypeError (`ERR_INVALID_ARG_TYPE`), ArgumentValueError (`ERR_INVALID_ARG_VALUE`)
 */
export function frameFormat(options: FrameOptions = {}): FrameFormat {
  if (typeof options !== "object" || options === null) {
    throw new ArgumentTypeError(`options: expected an object, got ${options === null ? "null" : typeof options}`);
  }
  const field = lengthField(options);
  return {
    field,
    minLength: expectBoolean("allowEmpty", options.allowEmpty) ? 0 : 1,
    maxLength: maxLength(options, field),
  };
}

/** A boolean option, off by default. */
export function expectBoolean(label: string, value: boolean | undefined): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new ArgumentTypeError(`${label}: expected a boolean, got ${typeof value}`);
}

function lengthField({ lengthField: size = 4, byteOrder = "big" }: FrameOptions): LengthField {
  if (byteOrder !== "big" && byteOrder !== "little") {
    throw new ArgumentValueError(`byteOrder: expected "big" or "little", got ${String(byteOrder)}`);
  }
  switch (size) {
    case "varint":
      return new VarintField();
    case 4:
      return byteOrder === "big" ? new Uint32Field() : new FixedLengthField(4, true);
    case 1:
    case 2:
    case 3:
    case 8:
      return new FixedLengthField(size, byteOrder === "little");
    default:
      throw new ArgumentValueError(`lengthField: expected 1, 2, 3, 4, 8 or "varint", got ${String(size)}`);
  }
}

function maxLength({ maxLength: asked }: FrameOptions, field: LengthField): number {
  if (asked === undefined) return Math.min(DEFAULT_MAX_LENGTH, field.maximum);
  if (typeof asked !== "number") {
    throw new ArgumentTypeError(`maxLength: expected a number of bytes, got ${typeof asked}`);
  }
  if (!Number.isInteger(asked) || asked < 1 || asked > field.maximum) {
    throw new ArgumentValueError(`maxLength: expected an integer from 1 to ${field.maximum}, got ${asked}`);
  }
  return asked;
}
