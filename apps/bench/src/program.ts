/** A program that is no Node program, or why there is none on this machine. */
export type Program = { readonly path: string } | { readonly missing: string };
