import { constantsFor, layoutsFor, SocketAddressCodec, type System } from "@p2pnet/sys";
import { describe, expect, it } from "vitest";
import { DatagramSlots } from "../src/datagram-slots.js";
import { readField, type StructField } from "../src/struct-field.js";

// The headers are written for the system that reads them, so here they are read as that system would.
describe.each(["linux", "freebsd"] as const)("the headers of a batch on %s", (platform) => {
  const constants = constantsFor(platform, "x64");
  const layouts = layoutsFor(platform, "x64");
  const system = { constants, layouts, addresses: new SocketAddressCodec(constants, layouts) } as System;
  const mmsghdr = layouts.mmsghdr!;
  const slots = new DatagramSlots(system, 3, 100);
  const headers = slots.headers!;
  const view = new DataView(slots.payloads[0]!.buffer);
  const base = headers.at(0);

  /** What a record says of its message, with addresses as offsets. */
  function message(i: number): { name: number; nameLength: number; vectors: number; base: number; length: number } {
    const { msg_name, msg_namelen, msg_iov, msg_iovlen } = layouts.msghdr.fields;
    const { iov_base, iov_len } = layouts.iovec.fields;
    const at = headers.at(i) - base + mmsghdr.fields.msg_hdr.offset;
    const field = (where: StructField): number => readField(view, at, where);
    const vector = field(msg_iov) - base;
    return {
      name: field(msg_name) - base,
      nameLength: field(msg_namelen),
      vectors: field(msg_iovlen),
      base: readField(view, vector, iov_base) - base,
      length: readField(view, vector, iov_len),
    };
  }

  it("point at the slots, with all their room to receive", () => {
    headers.forReceiving(3);
    for (let i = 0; i < 3; i++) {
      expect(message(i)).toEqual({
        name: slots.addresses[i]!.byteOffset,
        nameLength: slots.addresses[i]!.length,
        vectors: 1,
        base: slots.payloads[i]!.byteOffset,
        length: 100,
      });
      expect(slots.payloadAt(i) - base).toBe(slots.payloads[i]!.byteOffset);
    }
  });

  it("give what is to be sent only", () => {
    headers.forSending(1, 16, 7);
    expect(message(1)).toMatchObject({ nameLength: 16, length: 7 });
  });

  it("tell how long a datagram was, and whether it was cut", () => {
    const { msg_hdr, msg_len } = mmsghdr.fields;
    const at = headers.at(2) - base;
    view.setUint32(at + msg_len.offset, 99, true);
    expect([headers.receivedLength(2), headers.cut(2, constants.MSG_TRUNC)]).toEqual([99, false]);
    const flags = at + msg_hdr.offset + layouts.msghdr.fields.msg_flags.offset;
    view.setUint32(flags, constants.MSG_TRUNC | constants.MSG_PEEK, true);
    expect(headers.cut(2, constants.MSG_TRUNC)).toBe(true);
  });

  it("lie where structs may", () => {
    expect([0, 1, 2].map((i) => headers.at(i) % 8)).toEqual([0, 0, 0]);
  });
});
