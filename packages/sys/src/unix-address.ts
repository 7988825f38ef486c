import { AddressError } from "./address-error.js";
import { setFamily } from "./family-field.js";
import type { Layouts } from "./layouts/layouts.js";

/** The address of a Unix socket: a name in the file system, or beside it. */
export interface UnixSocketAddress {
  readonly family: "unix";
  /**
   * A path. On Linux one that begins with `"\0"` is an abstract name, which is no file and ends with its socket; all
   * that follows belongs to it. `""` is unnamed, as sockets are that nobody bound.
   */
  readonly address: string;
  /** 0: there are no ports. */
  readonly port: number;
}

const encoder = new TextEncoder();
// A path may begin with U+FEFF, as any character.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The bytes of a `sockaddr_un`, with a NUL after a path and none after an abstract name. A path that is too long makes
 * them too many, which `bind` and `connect` answer with the system's own error.
 *
 * Source: unix(7), <sys/un.h>.
 *
 * @throws AddressError `ERR_INVALID_UNIX_PATH` for a NUL within a path, where the system would end it
 */
export function encodeUnix(address: string, AF_UNIX: number, layout: Layouts["sockaddr_un"]): Uint8Array<ArrayBuffer> {
  const { sun_len, sun_family, sun_path } = layout.fields;
  const isPath = address !== "" && !address.startsWith("\0");
  if (isPath && address.includes("\0")) {
    throw new AddressError("ERR_INVALID_UNIX_PATH", `path: expected no NUL in it, got ${JSON.stringify(address)}`);
  }
  const name = encoder.encode(address);
  // A path may fill all of the struct, and then has no NUL.
  const terminator = isPath && name.length !== sun_path.size ? 1 : 0;
  const bytes = new Uint8Array(sun_path.offset + name.length + terminator);
  if (sun_len !== null) bytes[sun_len.offset] = bytes.length;
  setFamily(new DataView(bytes.buffer), sun_family, AF_UNIX);
  bytes.set(name, sun_path.offset);
  return bytes;
}

/** @param bytes as many as the system said, because only their number tells where an abstract name ends */
export function decodeUnix(bytes: Uint8Array, layout: Layouts["sockaddr_un"]): UnixSocketAddress {
  const name = bytes.subarray(layout.fields.sun_path.offset);
  // BSDs fill the unnamed one with zeros, where Linux gives no bytes at all.
  const isAbstract = name[0] === 0 && name.some((byte) => byte !== 0);
  const nul = name.indexOf(0);
  const end = isAbstract || nul === -1 ? name.length : nul;
  return { family: "unix", address: decoder.decode(name.subarray(0, end)), port: 0 };
}
