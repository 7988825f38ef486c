import type { IoUringCalls, System } from "@p2pnet/sys";

/** An entry that the kernel is not to carry out itself. */
interface Kept {
  readonly call: () => number;
}

/** The memory of one ring, as the kernel sees it. */
interface TappedRing {
  readonly parameters: DataView;
  words: Int32Array | null;
  entries: DataView | null;
  /** By user data: what is still to be called when the kernel says that it is time, and what came of what was called. */
  readonly waiting: Map<bigint, Kept>;
  readonly results: Map<bigint, number>;
  /** Completions up to here have been looked at. */
  seen: number;
}

/**
 * The same system, on whose rings sends and accepts are carried out by its own `send`, `sendMessage` and `accept`: faults that
 * a test injects there reach a backend that makes no such calls.
 */
export function callsOverRing(system: System): System {
  const { ioUring } = system;
  if (ioUring === null) return system;
  const rings = new Map<number, TappedRing>();
  return {
    ...system,
    ioUring: {
      ...ioUring,
      setup(entries, parameters) {
        const ring = ioUring.setup(entries, parameters);
        const view = new DataView(parameters.buffer);
        const nothing = { words: null, entries: null, waiting: new Map(), results: new Map(), seen: 0 };
        if (ring >= 0) rings.set(ring, { parameters: view, ...nothing });
        return ring;
      },
      map(ring, offset, length) {
        const memory = ioUring.map(ring, offset, length);
        const tapped = rings.get(ring);
        if (tapped === undefined || typeof memory === "number") return memory;
        if (offset === ioUring.constants.IORING_OFF_SQES) tapped.entries = new DataView(memory.bytes.buffer);
        else tapped.words = new Int32Array(memory.bytes.buffer);
        return memory;
      },
      enter(ring, submissions, completions, timeoutMs) {
        const tapped = rings.get(ring);
        if (tapped?.words && tapped.entries) takeOver(system, ioUring, tapped, tapped.entries, tapped.words);
        const result = ioUring.enter(ring, submissions, completions, timeoutMs);
        if (tapped?.words) tellResults(ioUring, tapped, tapped.words);
        return result;
      },
    },
  };
}

/** Carries out what is about to be submitted, or has the kernel wait until it can be. */
function takeOver(
  system: System,
  { constants, layouts }: IoUringCalls,
  { parameters, waiting, results }: TappedRing,
  entries: DataView,
  words: Int32Array,
): void {
  const at = layouts.io_uring_params.fields;
  const { head, tail } = layouts.io_sqring_offsets.fields;
  const word = (field: { offset: number }): number =>
    words[parameters.getUint32(at.sq_off.offset + field.offset, true) / 4]!;
  const { fields, size } = layouts.io_uring_sqe;
  const mask = parameters.getUint32(at.sq_entries.offset, true) - 1;
  for (let index = word(head); index !== word(tail); index = (index + 1) | 0) {
    const entry = (index & mask) * size;
    const handle = entries.getInt32(entry + fields.fd.offset, true);
    const address = Number(entries.getBigUint64(entry + fields.addr.offset, true));
    const length = entries.getUint32(entry + fields.len.offset, true);
    const userData = entries.getBigUint64(entry + fields.user_data.offset, true);
    const code = entries.getUint8(entry + fields.opcode.offset);
    const become = (operation: number, events = 0): void => {
      entries.setUint32(entry + fields.opcode.offset, operation, true);
      entries.setBigUint64(entry + fields.addr.offset, 0n, true);
      entries.setUint32(entry + fields.len.offset, 0, true);
      entries.setUint32(entry + fields.poll32_events.offset, events, true);
    };
    if (code === constants.IORING_OP_SEND || code === constants.IORING_OP_SENDMSG) {
      become(constants.IORING_OP_NOP);
      const isMessage = code === constants.IORING_OP_SENDMSG;
      const result = isMessage ? system.sendMessage(handle, address) : system.send(handle, address, length);
      results.set(userData, result);
    } else if (code === constants.IORING_OP_ACCEPT) {
      become(constants.IORING_OP_POLL_ADD, system.constants.POLLIN);
      waiting.set(userData, { call: () => system.accept(handle) });
    }
  }
}

/** Puts what the calls gave into the completions. */
function tellResults({ layouts }: IoUringCalls, ring: TappedRing, words: Int32Array): void {
  const { parameters, waiting, results } = ring;
  const at = layouts.io_uring_params.fields;
  const { tail, cqes } = layouts.io_cqring_offsets.fields;
  const offset = (field: { offset: number }): number => parameters.getUint32(at.cq_off.offset + field.offset, true) / 4;
  const mask = parameters.getUint32(at.cq_entries.offset, true) - 1;
  const { size, fields } = layouts.io_uring_cqe;
  const completions = new DataView(words.buffer);
  for (; ring.seen !== words[offset(tail)]; ring.seen = (ring.seen + 1) | 0) {
    const completion = offset(cqes) * 4 + (ring.seen & mask) * size;
    const userData = completions.getBigUint64(completion + fields.user_data.offset, true);
    const isCancelled = completions.getInt32(completion + fields.res.offset, true) < 0;
    const result = (isCancelled ? undefined : waiting.get(userData)?.call()) ?? results.get(userData);
    waiting.delete(userData);
    results.delete(userData);
    if (result === undefined) continue;
    completions.setInt32(completion + fields.res.offset, result, true);
    completions.setUint32(completion + fields.flags.offset, 0, true);
  }
}
