import { once } from "node:events";
import { system } from "@p2pnet/sys";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { availableBackends, defaultLoop, EventLoop, type MailboxAddress, Poster } from "../src/index.js";
import { MailboxState } from "../src/mailbox-state.js";
import { inChild } from "./contract/child.js";
import { startWorker, toldBy } from "./contract/in-worker.js";
import type { WorkerContext } from "./contract/program.js";
import { subjectOf } from "./contract/subject.js";

const SUBJECT = subjectOf(availableBackends()[0]!, "nested");
const MAILBOX_CLOSED = expect.objectContaining({ code: "ERR_MAILBOX_CLOSED" });
/** Deno does not say when the other end of a port is gone. */
const noticesEnds = process.versions["deno"] === undefined;

const nodeTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function openLoop(): EventLoop {
  const loop = new EventLoop({ backend: SUBJECT.backend });
  onTestFinished(() => loop.close());
  return loop;
}

const isOpen = (handle: number): boolean => system().localAddress(handle, new Uint8Array(128)) >= 0;

describe("a mailbox", () => {
  it("tells each poster's values in order, whatever is posted when", async () => {
    const posts = fc.array(fc.record({ poster: fc.nat(2), count: fc.nat(150), rest: fc.boolean() }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(posts, async (schedule) => {
        const loop = new EventLoop({ backend: SUBJECT.backend });
        const told: number[][] = [[], [], []];
        const mailbox = loop.mailbox((value) => {
          if (value === "end") return mailbox.close();
          const [poster, number] = value as [number, number];
          told[poster]!.push(number);
        });
        const posters = told.map(() => new Poster(mailbox.address()));
        const posted = [0, 0, 0];
        const running = loop.run();
        for (const { poster, count, rest } of schedule) {
          for (let index = 0; index < count; index++) posters[poster]!.post([poster, posted[poster]!++]);
          if (rest) await nodeTurn();
        }
        while (told.some((values, poster) => values.length < posted[poster]!)) await nodeTurn();
        posters[0]!.post("end");
        await running;
        loop.close();
        expect(told).toEqual(posted.map((count) => Array.from({ length: count }, (_, index) => index)));
      }),
      { numRuns: 25 },
    );
  });

  it("takes floods from several workers at once", async () => {
    const loop = openLoop();
    const last = new Map<string, number>();
    let disorder = 0;
    let ended = 0;
    const mailbox = loop.mailbox((value) => {
      const [name, count] = value as [string, number];
      if (count !== (last.get(name) ?? -1) + 1) disorder++;
      last.set(name, count);
      if (count === 4_999 && ++ended === 3) mailbox.close();
    });
    const workers = ["a", "b", "c"].map((name) => once(startWorker(SUBJECT, flood, { mailbox, given: name }), "exit"));
    await loop.run();
    await Promise.all(workers);
    expect({ disorder, sizes: [...last.values()] }).toEqual({ disorder: 0, sizes: [4_999, 4_999, 4_999] });
  });

  it("runs the default loop of its thread, until it is closed", async () => {
    const loop = defaultLoop();
    const told: unknown[] = [];
    const mailbox = loop.mailbox((value) => {
      told.push(value);
      if (told.length === 2) mailbox.close();
    });
    expect(loop.running).toBe(true);
    const workers = [1, 2].map(() => startWorker(SUBJECT, answerFromDefaultLoop, { mailbox }));
    await Promise.all(workers.map((worker) => once(worker, "exit")));
    while (loop.running) await nodeTurn();
    expect(told).toEqual(["default loop", "default loop"]);
  });

  it("lets the process end once it is closed, whatever posters are left in workers", async () => {
    const { told, code, stderr } = await inChild(SUBJECT, ({ createLoop, run, tell, threads, Poster }) => {
      if (!threads.isMainThread) {
        const poster = new Poster(threads.workerData.address);
        return poster.post("forgotten");
      }
      const loop = createLoop();
      const mailbox = loop.mailbox((value) => {
        tell(value);
        mailbox.close();
      });
      const mine = mailbox.address();
      // This program again.
      new threads.Worker(process.argv[1]!, { workerData: { address: mine }, transferList: [mine.port] });
      void run(loop);
    });
    expect({ told, code, stderr }).toEqual({ told: ["forgotten"], code: 0, stderr: "" });
  });

  it("lets the process end while it is open, if its loop is not to keep it running", async () => {
    const { told, code, stderr } = await inChild(SUBJECT, ({ createLoop, run, tell, Poster }) => {
      const loop = createLoop();
      const poster = new Poster(
        loop
          .mailbox((value) => {
            tell(value);
            loop.unref();
          })
          .address(),
      );
      poster.post("open");
      process.on("exit", () => tell("exit"));
      void run(loop).then(() => tell("returned"));
    });
    expect({ told, code, stderr }).toEqual({ told: ["open", "exit"], code: 0, stderr: "" });
  });
});

describe("closing a mailbox", () => {
  it("waits for a thread that is ringing", async () => {
    let left = false;
    // On a machine under load the other thread may not get its turn in time, but it does sooner or later.
    for (let attempt = 0; attempt < 10 && !left; attempt++) {
      const mailbox = openLoop().mailbox(() => {});
      const { state, handle } = mailbox.address();
      new MailboxState(state).enter();
      const worker = startWorker(SUBJECT, leaveWhenClosed, { given: state });
      expect(await toldBy(worker)).toBe("inside");
      mailbox.close();
      left = !isOpen(handle);
      if (!left) system().close(handle);
    }
    expect(left).toBe(true);
  });

  it("gives up on a thread that was terminated while it rang, and leaves the handle open", () => {
    const mailbox = openLoop().mailbox(() => {});
    const { state, handle } = mailbox.address();
    new MailboxState(state).enter();
    const started = performance.now();
    mailbox.close();
    const took = performance.now() - started;
    expect(took).toBeGreaterThan(90);
    expect(took).toBeLessThan(1_000);
    expect(isOpen(handle)).toBe(true);
    system().close(handle);
  });
});

describe.runIf(noticesEnds)("the end of a thread", () => {
  it("is no reason to wait, although it was ringing", async () => {
    const loop = openLoop();
    const mailbox = loop.mailbox(() => {});
    const { port, handle, state } = mailbox.address();
    new MailboxState(state).enter();
    // As the end of its thread does.
    port.close();
    while (!new MailboxState(state).closed) await nodeTurn();
    const started = performance.now();
    mailbox.close();
    expect(performance.now() - started).toBeLessThan(90);
    expect(isOpen(handle)).toBe(false);
  });

  it("closes the posters to its mailbox", async () => {
    const worker = startWorker(SUBJECT, offerMailbox);
    const poster = new Poster((await toldBy(worker)) as MailboxAddress);
    poster.post("heard");
    expect(await toldBy(worker)).toBe("heard");
    expect(poster.closed).toBe(false);
    worker.postMessage("end");
    await once(worker, "exit");
    while (!poster.closed) await nodeTurn();
    expect(() => poster.post("not heard")).toThrow(MAILBOX_CLOSED);
  });
});

// What follows is handed over to workers as text: each program may use nothing from around it but its parameter.

function flood({ Poster, address, given }: WorkerContext): void {
  const poster = new Poster(address);
  for (let count = 0; count < 5_000; count++) poster.post([given, count]);
}

function answerFromDefaultLoop({ defaultLoop, Poster, address }: WorkerContext): void {
  const mailbox = defaultLoop().mailbox((value) => {
    new Poster(address).post(value);
    mailbox.close();
  });
  new Poster(mailbox.address()).post("default loop");
}

function leaveWhenClosed({ given, tell }: WorkerContext): void {
  const [users, closed] = [2, 3];
  const words = new Int32Array(given as SharedArrayBuffer);
  tell("inside");
  while (Atomics.load(words, closed) === 0);
  Atomics.sub(words, users, 1);
  Atomics.notify(words, users);
}

function offerMailbox({ createLoop, run, tell, parentPort }: WorkerContext): void {
  const loop = createLoop();
  const address = loop.mailbox(tell).address();
  parentPort.once("message", () => loop.unref());
  // Its port goes with it.
  parentPort.postMessage(address, [address.port]);
  void run(loop);
}
