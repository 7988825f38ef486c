import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import koffi from "koffi";
import { describe, expect, it } from "vitest";
import { isSystemError, NativeMemory, nodeLoop, system, systemError } from "../src/index.js";
import { PollRecord } from "./contract/poll-record.js";
import { connectedPair, listening, succeeded } from "./handle-pair.js";

const hasWinsock = system().constants.WSA_FLAG_OVERLAPPED !== null;
if (!hasWinsock) console.warn("not run: the calls of Windows, since this is none");

describe.runIf(hasWinsock)("Windows", () => {
  const sys = system();
  const { constants } = sys;

  it("goes on with Node's own networking after the last socket is closed", async () => {
    connectedPair().close();
    const server = createServer((socket) => socket.end("still here")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const [data] = await once(client, "data");
    expect(`${data}`).toBe("still here");
    client.destroy();
    server.close();
  });

  it("lets no process inherit a handle", () => {
    const information = koffi.load("kernel32.dll").func("int GetHandleInformation(intptr_t, void*)");
    const flagsOf = (handle: number): number => {
      const flags = new Uint32Array(1);
      expect(information(handle, flags)).not.toBe(0);
      return flags[0]!;
    };
    const { handle: listener, address } = listening();
    sys.setNonBlocking(listener, false);
    const client = succeeded("socket", sys.socket(constants.AF_INET, constants.SOCK_STREAM, 0));
    sys.connect(client, address);
    const accepted = succeeded("accept", sys.accept(listener));
    for (const handle of [listener, client, accepted]) {
      expect(flagsOf(handle) & constants.HANDLE_FLAG_INHERIT!).toBe(0);
      expect(sys.setCloseOnExec(handle)).toBe(0);
      sys.close(handle);
    }
  });

  it("says ENOTSOCK of a closed handle, alone in poll too, and POLLNVAL of one beside others", () => {
    const pair = connectedPair();
    const { handle: closed } = listening();
    sys.close(closed);
    expect(sys.recvBytes(closed, new Uint8Array(1), 0)).toBe(-constants.ENOTSOCK);
    expect(isSystemError(systemError("read", constants.ENOTSOCK), "ENOTSOCK")).toBe(true);
    const alone = new PollRecord(sys, closed, constants.POLLIN);
    expect(alone.wait(0)).toBe(-constants.ENOTSOCK);
    expect(alone.found).toBe(constants.POLLNVAL);

    const { size, fields } = sys.layouts.pollfd;
    const records = new NativeMemory(2 * size);
    const view = new DataView(records.bytes.buffer);
    for (const [i, handle] of [closed, pair.right].entries()) {
      view.setBigInt64(i * size + fields.fd.offset, BigInt(handle), true);
      view.setInt16(i * size + fields.events.offset, constants.POLLIN, true);
    }
    sys.sendBytes(pair.left, Uint8Array.of(1));
    sys.poll(records.address, 2, 1000);
    expect(view.getInt16(fields.revents.offset, true)).toBe(constants.POLLNVAL);
    pair.close();
  });

  it("has no epoll, no batches of datagrams, and no descriptor of Node's loop", () => {
    expect(sys.epollCreate()).toBe(-constants.EOPNOTSUPP);
    expect([sys.recvMessages, sys.sendMessages, nodeLoop()]).toEqual([null, null, null]);
  });
});
