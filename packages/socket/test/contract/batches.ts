import fc from "fast-check";
import { expect, it } from "vitest";
import { DatagramBatch, type Socket, WOULD_BLOCK } from "../../src/index.js";
import { bytes, errorOf, inErrors, type Loopback, text, waitFor } from "../loopback.js";

/** UDP, many datagrams at a time. */
export function batchContract(current: () => Loopback): void {
  /** How many `recvBatch` gives at once: a blocking socket waits for one. */
  const atOnce = (most: number): number => (current().blocking ? 1 : most);

  function contents(batch: DatagramBatch): string[] {
    return Array.from({ length: batch.length }, (_, i) => text(batch.bytesAt(i)));
  }

  /** Receives `count` datagrams, as texts. */
  function receiveTexts(socket: Socket, batch: DatagramBatch, count: number): string[] {
    const texts: string[] = [];
    while (texts.length < count) {
      waitFor(socket, "readable");
      const received = socket.recvBatch(batch);
      expect(received).toBe(batch.length);
      texts.push(...contents(batch));
    }
    return texts;
  }

  it("sends all that was pushed, each to its address, and receives with whom each came from", () => {
    const [left, right, third] = [current().bound(), current().bound(), current().bound()];
    const sent = new DatagramBatch();
    const { localAddress } = right;
    for (const each of ["one", "", "three"]) expect(sent.push(bytes(each), localAddress)).toBe(true);
    expect(sent.push(bytes("elsewhere"), third.localAddress)).toBe(true);
    expect(sent.length).toBe(4);
    expect(sent.addressAt(2)).toEqual(localAddress);
    expect(left.sendBatch(sent)).toBe(4);
    expect(sent.length).toBe(0);

    const received = new DatagramBatch();
    expect(receiveTexts(right, received, 3)).toEqual(["one", "", "three"]);
    expect(receiveTexts(third, received, 1)).toEqual(["elsewhere"]);
    expect(received.addressAt(0)).toEqual(left.localAddress);
    expect(received.truncatedAt(0)).toBe(false);
  });

  it("receives as many as it has room for, and the rest with the next call", () => {
    const [left, right] = current().pair();
    for (const each of ["1", "2", "3", "4", "5"]) left.send(bytes(each));
    waitFor(right, "readable");
    const batch = new DatagramBatch({ capacity: 3, size: 10 });
    expect(right.recvBatch(batch)).toBe(atOnce(3));
    expect(contents(batch)).toEqual(["1", "2", "3"].slice(0, atOnce(3)));
    expect(receiveTexts(right, batch, 5 - atOnce(3))).toEqual(["1", "2", "3", "4", "5"].slice(atOnce(3)));
  });

  it("receives nothing while nothing came, and is empty then", () => {
    const [left, right] = current().pair();
    const batch = new DatagramBatch({ capacity: 2 });
    batch.push(bytes("from before"));
    expect(right.recvBatch(batch)).toBe(WOULD_BLOCK);
    expect(batch.length).toBe(0);
    left.send(bytes("now"));
    waitFor(right, "readable");
    expect(right.recvBatch(batch)).toBe(1);
    expect(contents(batch)).toEqual(["now"]);
  });

  it("receives nothing once its socket was shut down for reading", () => {
    const [left] = current().pair();
    left.shutdown("read");
    const batch = new DatagramBatch();
    expect(left.recvBatch(batch)).toBe(WOULD_BLOCK);
    expect(batch.length).toBe(0);
  });

  it("sends nothing when it holds nothing", () => {
    expect(current().bound().sendBatch(new DatagramBatch())).toBe(0);
  });

  it("says which datagrams were longer than its slots", () => {
    const [left, right] = current().pair();
    for (const each of ["123456", "12345"]) left.send(bytes(each));
    const batch = new DatagramBatch({ capacity: 1, size: 5 });
    expect(receiveTexts(right, batch, 1)).toEqual(["12345"]);
    expect(batch.truncatedAt(0)).toBe(true);
    expect(receiveTexts(right, batch, 1)).toEqual(["12345"]);
    expect(batch.truncatedAt(0)).toBe(false);
  });

  it("goes to the peer of a connected socket without an address", () => {
    const [left, right] = current().pair();
    const batch = new DatagramBatch();
    batch.push(bytes("for"));
    batch.push(new Uint8Array(0));
    batch.push(bytes("you"));
    expect(batch.addressAt(0)).toBeNull();
    expect(left.sendBatch(batch)).toBe(3);
    expect(receiveTexts(right, batch, 3)).toEqual(["for", "", "you"]);
  });

  it("goes back to where it came from as it is", () => {
    const [left, right] = [current().bound(), current().bound()];
    for (const each of ["a", "bc"]) left.sendTo(bytes(each), right.localAddress);
    const batch = new DatagramBatch();
    for (let echoed = 0; echoed < 2; ) {
      waitFor(right, "readable");
      right.recvBatch(batch);
      echoed += right.sendBatch(batch);
    }
    expect(receiveTexts(left, batch, 2)).toEqual(["a", "bc"]);
    expect(batch.addressAt(0)).toEqual(right.localAddress);
  });

  it("goes on after a datagram that cannot be sent", () => {
    const [left, right] = [current().bound(), current().bound()];
    const { localAddress } = right;
    const batch = new DatagramBatch({ capacity: 3, size: 65_535 });
    batch.push(bytes("before"), localAddress);
    batch.push(new Uint8Array(65_530), localAddress);
    batch.push(bytes("after"), localAddress);
    expect(left.sendBatch(batch)).toBe(1);
    expect(batch.length).toBe(2);
    const error = errorOf(() => left.sendBatch(batch));
    const { fields, text } = inErrors(localAddress);
    expect(error).toMatchObject({ ...fields, code: "EMSGSIZE", syscall: "send" });
    expect(error.message).toBe(`send EMSGSIZE ${text}`);
    expect(left.raised(error)).toBe(true);
    expect(contents(batch)).toEqual(["after"]);
    expect(left.sendBatch(batch)).toBe(1);
    expect(receiveTexts(right, batch, 2)).toEqual(["before", "after"]);
  });

  it("carries any datagrams, through slots of any size", () => {
    const [left, right] = current().pair();
    const datagrams = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 10 });
    const number = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(datagrams, number, number, (sent, capacity, size) => {
        const outgoing = new DatagramBatch({ capacity: sent.length, size: 40 });
        for (const each of sent) outgoing.push(each);
        expect(left.sendBatch(outgoing)).toBe(sent.length);

        const incoming = new DatagramBatch({ capacity, size });
        const received: Uint8Array[] = [];
        const truncated: boolean[] = [];
        while (received.length < sent.length) {
          waitFor(right, "readable");
          const count = right.recvBatch(incoming);
          expect(count).toBe(Math.min(atOnce(capacity), sent.length - received.length));
          for (let i = 0; i < count; i++) {
            received.push(incoming.bytesAt(i).slice());
            truncated.push(incoming.truncatedAt(i));
          }
        }
        expect(received).toEqual(sent.map((each) => each.slice(0, size)));
        expect(truncated).toEqual(sent.map((each) => each.length > size));
      }),
      { numRuns: 30 },
    );
  });
}
