import { describe, expect, it } from "vitest";
import { replaceSystem, system } from "../src/current-system.js";
import { type KqueueCalls, loadKqueue } from "../src/kqueue-calls.js";
import { NativeMemory } from "../src/memory.js";
import { connectedPair, succeeded } from "./handle-pair.js";

const library = process.env["P2PNET_KQUEUE_LIBRARY"];
const hasKqueue = ["darwin", "freebsd"].includes(process.platform) || library !== undefined;
if (!hasKqueue) console.warn("not run: kqueue's calls, since neither the system nor P2PNET_KQUEUE_LIBRARY has them");

/** One record: what it is about, and what happened or shall happen. */
interface Record {
  ident: number;
  filter: number;
  flags: number;
  data: number;
  udata: number;
}

/** Memory for one record. */
class OneRecord {
  readonly #fields: KqueueCalls["layout"]["fields"];
  readonly #memory: NativeMemory;
  readonly #view: DataView;

  constructor(kqueue: KqueueCalls) {
    this.#fields = kqueue.layout.fields;
    this.#memory = new NativeMemory(kqueue.layout.size);
    this.#view = new DataView(this.#memory.bytes.buffer);
  }

  get address(): number {
    return this.#memory.address;
  }

  write({ ident, filter, flags, udata }: Omit<Record, "data">): number {
    this.#view.setBigUint64(this.#fields.ident.offset, BigInt(ident), true);
    this.#view.setInt16(this.#fields.filter.offset, filter, true);
    this.#view.setUint16(this.#fields.flags.offset, flags, true);
    this.#view.setBigUint64(this.#fields.udata.offset, BigInt(udata), true);
    return this.address;
  }

  read(): Record {
    return {
      ident: Number(this.#view.getBigUint64(this.#fields.ident.offset, true)),
      filter: this.#view.getInt16(this.#fields.filter.offset, true),
      flags: this.#view.getUint16(this.#fields.flags.offset, true),
      data: Number(this.#view.getBigInt64(this.#fields.data.offset, true)),
      udata: Number(this.#view.getBigUint64(this.#fields.udata.offset, true)),
    };
  }
}

describe.runIf(hasKqueue)("kqueue", () => {
  const start = () => {
    const kqueue = loadKqueue();
    const pair = connectedPair();
    const queue = succeeded("kqueue", kqueue.create());
    const change = new OneRecord(kqueue);
    const event = new OneRecord(kqueue);
    const { EVFILT_READ, EV_ADD } = kqueue.constants;
    const added = change.write({ ident: pair.right, filter: EVFILT_READ, flags: EV_ADD, udata: 4711 });
    succeeded("kevent", kqueue.kevent(queue, added, 1, 0, 0, 0));
    const close = (): void => {
      system().close(queue);
      pair.close();
    };
    return { kqueue, pair, queue, change, event, close };
  };

  it("says what is readable, how many bytes, and whose it is", () => {
    const { kqueue, pair, queue, event, close } = start();
    expect(kqueue.kevent(queue, 0, 0, event.address, 1, 0)).toBe(0);
    system().sendBytes(pair.left, Uint8Array.of(1, 2, 3));
    expect(kqueue.kevent(queue, 0, 0, event.address, 1, -1)).toBe(1);
    const { EVFILT_READ } = kqueue.constants;
    expect(event.read()).toMatchObject({ ident: pair.right, filter: EVFILT_READ, data: 3, udata: 4711 });
    close();
  });

  it("waits no longer than told", () => {
    const { kqueue, queue, event, close } = start();
    const before = performance.now();
    expect(kqueue.kevent(queue, 0, 0, event.address, 1, 50)).toBe(0);
    expect(performance.now() - before).toBeGreaterThanOrEqual(49);
    close();
  });

  it("says that the peer has finished, and forgets what is deleted", () => {
    const { kqueue, pair, queue, change, event, close } = start();
    const { EVFILT_READ, EV_DELETE, EV_EOF } = kqueue.constants;
    system().shutdown(pair.left, system().constants.SHUT_WR);
    expect(kqueue.kevent(queue, 0, 0, event.address, 1, -1)).toBe(1);
    expect(event.read().flags & EV_EOF).toBe(EV_EOF);
    const deleted = change.write({ ident: pair.right, filter: EVFILT_READ, flags: EV_DELETE, udata: 0 });
    expect(kqueue.kevent(queue, deleted, 1, 0, 0, 0)).toBe(0);
    expect(kqueue.kevent(queue, 0, 0, event.address, 1, 0)).toBe(0);
    close();
  });

  it("waits on another thread, and says when that is over", async () => {
    const { kqueue, pair, queue, event, close } = start();
    const over = new Promise<void>((done) => kqueue.keventAsync(queue, 0, 0, event.address, 1, 60_000, done));
    system().sendBytes(pair.left, Uint8Array.of(1));
    await over;
    expect(kqueue.kevent(queue, 0, 0, event.address, 1, 0)).toBe(1);
    close();
  });

  it("leaves no queue open that it cannot keep from an exec", () => {
    const closed: number[] = [];
    const original = replaceSystem({
      ...system(),
      setCloseOnExec: () => -system().constants.EBADF,
      close: (handle) => closed.push(handle),
    });
    try {
      expect(loadKqueue().create()).toBe(-original.constants.EBADF);
    } finally {
      replaceSystem(original);
    }
    expect(closed.length).toBe(1);
    for (const queue of closed) original.close(queue);
  });

  it("gives the negated errno", () => {
    const { kqueue, queue, change, event, close } = start();
    const { EVFILT_READ, EV_ADD, EV_ERROR } = kqueue.constants;
    const { EBADF, ENOENT } = system().constants;
    // libkqueue looks queues up by their number, and finds none.
    expect([-EBADF, -ENOENT!]).toContain(kqueue.kevent(1_000_000, 0, 0, event.address, 1, 0));
    const wrong = change.write({ ident: 1_000_000, filter: EVFILT_READ, flags: EV_ADD, udata: 0 });
    expect(kqueue.kevent(queue, wrong, 1, event.address, 1, 0)).toBe(1);
    const { flags, data } = event.read();
    expect([flags & EV_ERROR, data]).toEqual([EV_ERROR, EBADF]);
    expect(kqueue.kevent(queue, wrong, 1, 0, 0, 0)).toBe(-EBADF);
    close();
  });
});

describe("loadKqueue", () => {
  it("names the way out where the system has no kqueue and no library is named", () => {
    expect(() => loadKqueue("", "linux")).toThrow(
      expect.objectContaining({
        name: "KqueueUnavailableError",
        code: "ERR_KQUEUE_UNAVAILABLE",
        message:
          "kqueue: expected macOS or FreeBSD, or Linux with libkqueue's path in P2PNET_KQUEUE_LIBRARY, got linux",
      }),
    );
    expect(() => loadKqueue("/lib/libkqueue.so", "win32")).toThrow("got win32");
  });

  it("says which library cannot be loaded, and why", () => {
    const call = (): unknown => loadKqueue("/no/such/libkqueue.so", process.platform === "win32" ? "linux" : undefined);
    expect(call).toThrow(
      expect.objectContaining({ code: "ERR_KQUEUE_UNAVAILABLE", cause: expect.any(Error) }) as unknown as Error,
    );
    expect(call).toThrow("expected to load kqueue and kevent from /no/such/libkqueue.so, got: ");
  });
});
