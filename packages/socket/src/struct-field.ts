/** Where a number lies in a C struct: bytes from the struct's start, and its length in bytes: 2, 4 or 8. */
export interface StructField {
  readonly offset: number;
  readonly size: number;
}

const TWO_TO_32 = 0x1_0000_0000;

// Little-endian and not negative, as every number is that is read and written here; at most 2^53.

/** The number in a field of the struct that begins at `at`. */
export function readField(view: DataView, at: number, { offset, size }: StructField): number {
  if (size === 2) return view.getUint16(at + offset, true);
  const low = view.getUint32(at + offset, true);
  return size === 4 ? low : low + view.getUint32(at + offset + 4, true) * TWO_TO_32;
}

/** Puts `value` into a field of the struct that begins at `at`. */
export function writeField(view: DataView, at: number, { offset, size }: StructField, value: number): void {
  if (size === 2) return view.setUint16(at + offset, value, true);
  view.setUint32(at + offset, value % TWO_TO_32, true);
  if (size === 8) view.setUint32(at + offset + 4, Math.floor(value / TWO_TO_32), true);
}
