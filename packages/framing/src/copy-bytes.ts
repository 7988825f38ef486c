/** Up to this many bytes a loop beats `set`, which needs a view of the source first. */
const LOOP_LIMIT = 32;

/** Copies the bytes from `start` to before `end` of `source` into `target` at `offset`. */
export function copyBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, offset: number): void {
  if (end - start > LOOP_LIMIT) {
    target.set(source.subarray(start, end), offset);
    return;
  }
  for (let from = start, to = offset; from < end; from++, to++) target[to] = source[from]!;
}
