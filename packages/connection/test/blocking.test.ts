import { encodeFrame, FrameEncoder } from "@p2pnet/framing";
import { type Socket, WOULD_BLOCK } from "@p2pnet/socket";
import { afterEach, describe, expect, it } from "vitest";
import { receiveMessage, sendMessage } from "../src/index.js";
import { BlockingPeer, type Step } from "./blocking-peer.js";
import { bytes, pattern, same, text } from "./bytes.js";
import { socketPair } from "./socket-carrier.js";

/** How long a blocking call waits before it gives up. */
const TIMEOUT_MS = 20;

const peers: BlockingPeer[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer[Symbol.asyncDispose]();
});

async function socketWithPeer(...steps: Step[]): Promise<Socket> {
  const peer = await BlockingPeer.start(...steps);
  peers.push(peer);
  return peer.socket;
}

/** The next message, however often the wait for it times out. */
function nextMessage(socket: Socket): Uint8Array | null {
  for (;;) {
    const message = receiveMessage(socket);
    if (message !== WOULD_BLOCK) return message;
  }
}

const code = (call: () => unknown): string => {
  try {
    return `returned ${String(call())}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
};

describe("sendMessage and receiveMessage", () => {
  it("carry messages both ways, whatever their sizes", async () => {
    const socket = await socketWithPeer({ do: "echo" });
    for (const size of [1, 2, 1_000, 65_536, 70_000, 1_048_576]) {
      const message = pattern(size, size);
      sendMessage(socket, message);
      expect(same(receiveMessage(socket) as Uint8Array, message)).toBe(true);
    }
  });

  it("give every message of one segment, then null at the peer's end, again and again", async () => {
    const words = ["one", "two", "three"];
    const sent = new FrameEncoder().encodeBatch(words.map(bytes));
    const socket = await socketWithPeer({ do: "send", bytes: sent }, { do: "end" });
    expect(words.map(() => text(receiveMessage(socket) as Uint8Array))).toEqual(words);
    expect([receiveMessage(socket), receiveMessage(socket)]).toEqual([null, null]);
  });

  it("give WOULD_BLOCK when nothing comes in time, and lose nothing of a message that was cut", async () => {
    const frame = encodeFrame(bytes("hello"));
    const socket = await socketWithPeer(
      { do: "send", bytes: frame.subarray(0, 2) },
      { do: "hear" },
      { do: "send", bytes: frame.subarray(2, 6) },
      { do: "hear" },
      { do: "send", bytes: frame.subarray(6) },
    );
    socket.options.receiveTimeoutMs = TIMEOUT_MS;
    expect(receiveMessage(socket)).toBe(WOULD_BLOCK);
    socket.send(bytes("go on"));
    expect(receiveMessage(socket)).toBe(WOULD_BLOCK);
    socket.send(bytes("go on"));
    expect(text(nextMessage(socket)!)).toBe("hello");
  });

  it("give messages that are the user's to keep", async () => {
    const socket = await socketWithPeer({ do: "echo" });
    const words = ["one", "two", "three"];
    const messages = words.map((word) => {
      sendMessage(socket, bytes(word));
      return receiveMessage(socket) as Uint8Array;
    });
    expect(messages.map(text)).toEqual(words);
  });

  it("keep the bytes of different sockets apart", async () => {
    const [one, two] = [encodeFrame(bytes("one")), encodeFrame(bytes("two"))];
    const cut = async (frame: Uint8Array): Promise<Socket> => {
      const socket = await socketWithPeer(
        { do: "send", bytes: frame.subarray(0, 5) },
        { do: "hear" },
        { do: "send", bytes: frame.subarray(5) },
      );
      socket.options.receiveTimeoutMs = TIMEOUT_MS;
      return socket;
    };
    const sockets = [await cut(one), await cut(two)];
    expect(sockets.map((socket) => receiveMessage(socket))).toEqual([WOULD_BLOCK, WOULD_BLOCK]);
    for (const socket of sockets) socket.send(bytes("go on"));
    expect(sockets.map((socket) => text(nextMessage(socket)!))).toEqual(["one", "two"]);
  });

  it.each([
    ["inside a header", [0, 0, 0], "ERR_FRAME_TRUNCATED"],
    ["inside a payload", [0, 0, 0, 2, 65], "ERR_FRAME_TRUNCATED"],
    ["after a length of 0", [0, 0, 0, 0], "ERR_FRAME_EMPTY"],
    ["after a length above 1 MiB", [0, 0x10, 0, 1], "ERR_FRAME_TOO_LARGE"],
  ])("throw when the peer ends %s, after what it said before, and ever after", async (_, broken, expected) => {
    const socket = await socketWithPeer(
      { do: "send", bytes: encodeFrame(bytes("fine")) },
      { do: "send", bytes: Uint8Array.from(broken) },
      { do: "end" },
    );
    expect(text(receiveMessage(socket) as Uint8Array)).toBe("fine");
    expect([code(() => receiveMessage(socket)), code(() => receiveMessage(socket))]).toEqual([expected, expected]);
  });

  it("throw when the peer resets", async () => {
    const socket = await socketWithPeer({ do: "hear" }, { do: "reset" });
    sendMessage(socket, bytes("hello"));
    expect(code(() => receiveMessage(socket))).toBe("ECONNRESET");
  });

  it("refuse what is no message before a byte leaves", async () => {
    const socket = await socketWithPeer({ do: "echo" });
    expect(code(() => sendMessage(socket, new Uint8Array(1_048_577)))).toBe("ERR_FRAME_TOO_LARGE");
    expect(code(() => sendMessage(socket, new Uint8Array(0)))).toBe("ERR_FRAME_EMPTY");
    expect(code(() => sendMessage(socket, "text" as unknown as Uint8Array))).toBe("ERR_INVALID_ARG_TYPE");
    sendMessage(socket, bytes("fine"));
    expect(text(receiveMessage(socket) as Uint8Array)).toBe("fine");
  });

  it("give up with ERR_SEND_TIMEOUT when the peer takes nothing in time", async () => {
    const socket = await socketWithPeer({ do: "stall" });
    socket.options.sendTimeoutMs = TIMEOUT_MS;
    socket.options.sendBufferSize = 16_384;
    const message = new Uint8Array(1_048_576);
    const fill = (): void => {
      for (let sent = 0; sent < 100; sent++) sendMessage(socket, message);
    };
    expect(fill).toThrow(
      expect.objectContaining({
        name: "ConnectionError",
        code: "ERR_SEND_TIMEOUT",
        message: expect.stringMatching(/^sendMessage: expected the peer to take 1048580 bytes in time, got \d+$/),
      }),
    );
  });

  it("frame messages as the options say", async () => {
    const frame = { lengthField: 1, allowEmpty: true } as const;
    const socket = await socketWithPeer({ do: "echo" });
    sendMessage(socket, bytes("hi"), frame);
    sendMessage(socket, new Uint8Array(0), frame);
    expect([...(receiveMessage(socket, frame) as Uint8Array)]).toEqual([104, 105]);
    expect(receiveMessage(socket, frame)).toEqual(new Uint8Array(0));
  });

  it("give WOULD_BLOCK at once on a socket that does not block", () => {
    const [left, right] = socketPair();
    try {
      expect(receiveMessage(left)).toBe(WOULD_BLOCK);
      sendMessage(right, bytes("hello"));
      expect(text(nextMessage(left)!)).toBe("hello");
    } finally {
      left.close();
      right.close();
    }
  });
});
