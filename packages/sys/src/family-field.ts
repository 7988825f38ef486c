import type { Field } from "./layouts/layouts.js";

/** Writes the family that a `sockaddr` begins with: one byte on BSDs, behind the length, and two elsewhere. */
export function setFamily(view: DataView, field: Field, family: number): void {
  if (field.size === 1) view.setUint8(field.offset, family);
  else view.setUint16(field.offset, family, true);
}

export function getFamily(view: DataView, field: Field): number {
  return field.size === 1 ? view.getUint8(field.offset) : view.getUint16(field.offset, true);
}
