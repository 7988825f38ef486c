import { expect, it } from "vitest";
import { noResets } from "../capabilities.js";
import { bytes, errorOf, type Loopback, receive, receiveOutcome, text } from "../loopback.js";

/** Shutting down and closing. */
export function closingContract(current: () => Loopback): void {
  it("shuts down writing: the peer reads what was sent, then the end, and may go on sending", () => {
    const [left, right] = current().pair();
    left.send(bytes("last words"));
    left.shutdown();
    expect(text(receive(right, 10))).toBe("last words");
    expect(receiveOutcome(right)).toBe(0);

    right.send(bytes("answer"));
    expect(text(receive(left, 6))).toBe("answer");
    const error = errorOf(() => left.send(bytes("more")));
    expect(error).toMatchObject({ code: "EPIPE", syscall: "write" });
    expect(left.raised(error)).toBe(true);
  });

  it("shuts down reading: its own end comes at once", () => {
    const [left] = current().pair();
    left.shutdown("read");
    expect(left.recv(new Uint8Array(1))).toBe(0);
  });

  it("shuts down both ways", () => {
    const [left, right] = current().pair();
    left.shutdown("both");
    expect(left.recv(new Uint8Array(1))).toBe(0);
    expect(receiveOutcome(right)).toBe(0);
  });

  it("still sends what the system took when it is closed, then the end", () => {
    const [left, right] = current().pair();
    const sent = left.send(new Uint8Array(100_000));
    left.close();
    expect(receive(right, sent).length).toBe(sent);
    expect(receiveOutcome(right)).toBe(0);
  });

  it("shuts down only in a way that there is", () => {
    expect(() =>
      current()
        .open()
        .shutdown("everything" as "both"),
    ).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_ARG_VALUE",
        message: "how: expected read or write or both, got everything",
      }),
    );
  });

  it("may be closed and aborted again and again", () => {
    const [left] = current().pair();
    left.close();
    left.close();
    left.abort();
    expect(left.closed).toBe(true);
  });

  it("aborts before it is connected, too", () => {
    const socket = current().open();
    socket.abort();
    expect(socket.closed).toBe(true);
  });

  it("is closed when its scope ends", () => {
    const socket = current().open();
    socket[Symbol.dispose]();
    expect(socket.closed).toBe(true);
    socket[Symbol.dispose]();
  });

  it("closes a listener: who waits is reset, who comes is refused", () => {
    const listener = current().listener();
    const { localAddress } = listener;
    const waiting = current().open();
    current().connect(waiting, localAddress);
    listener.close();
    if (noResets === null) {
      expect(() => receiveOutcome(waiting)).toThrow(expect.objectContaining({ code: "ECONNRESET" }));
    } else expect(receiveOutcome(waiting)).toBe(0);
    // A path goes with its socket.
    const code = current().kind === "unix" ? "ENOENT" : "ECONNREFUSED";
    expect(() => current().connect(current().open(), localAddress)).toThrow(expect.objectContaining({ code }));
  });
}
