import { once } from "node:events";
import { connect } from "node:net";
import type { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { type MailboxAddress, Poster } from "../../src/index.js";
import { startWorker, toldBy } from "./in-worker.js";
import type { WorkerContext } from "./program.js";
import { Recorder } from "./recorder.js";
import { text } from "./sockets.js";
import { openStage } from "./stage.js";
import type { Subject } from "./subject.js";

/** A machine under load may hold up one end of a worker, but not several in a row. */
const ATTEMPTS = 3;

/** Loops in worker threads, which stand beside the main thread's, and what threads post to each other. */
export function workerContract(subject: Subject): void {
  describe("a worker", () => {
    it("takes what is posted to its loop, and posts to another's", async () => {
      const stage = openStage(subject);
      const told: unknown[] = [];
      const mailbox = stage.loop.mailbox((value) => {
        told.push(value);
        if (value === "over") return mailbox.close();
        // The worker's own address, which came through the mailbox as any value does.
        const poster = new Poster(value as MailboxAddress);
        for (let index = 0; index < 500; index++) poster.post({ index });
        poster.post("end");
        poster.close();
      });
      const ended = once(startWorker(subject, echo, { mailbox }), "exit");
      await stage.run();
      expect(told.slice(1, -1)).toEqual(Array.from({ length: 500 }, (_, index) => ({ index })));
      await ended;
    });

    if (!subject.besideNode) return;

    it("serves from a loop of its own, beside the worker's messages", async () => {
      const worker = startWorker(subject, serve);
      const client = connect((await toldBy(worker)) as number, "127.0.0.1");
      client.write("hello");
      const [answer] = (await once(client, "data")) as [Buffer];
      expect(answer.toString()).toBe("hello");
      worker.postMessage("still there?");
      expect(await toldBy(worker)).toBe("still there?");
      client.destroy();
      await end(subject, worker);
    });

    it("exchanges bytes and values with the main thread's loop and other workers'", async () => {
      const stage = openStage(subject);
      const values: unknown[] = [];
      const received: unknown[] = [];
      const socket = stage.listening();
      const mailbox = stage.loop.mailbox((value) => {
        values.push(value);
        finish();
      });
      const finish = (): void => {
        if (values.length < 300 || received.length < 3) return;
        mailbox.close();
        listener.close();
      };
      const listener = stage.loop.listener(socket, {
        onConnection(peer) {
          const recorder = new Recorder({
            data() {
              if (recorder.length < 100) return void stream.write(text("x"));
              received.push(recorder.length);
              stream.close();
              finish();
            },
          });
          const stream = stage.loop.stream(peer, recorder);
        },
        onError: (error) => void received.push(error),
      });
      const { port } = socket.localAddress;
      const workers = [1, 2, 3].map(() => startWorker(subject, exchange, { mailbox, given: port }));
      const ended = workers.map((worker) => once(worker, "exit"));
      await stage.run();
      expect(received).toEqual([100, 100, 100]);
      expect(values).toHaveLength(300);
      await Promise.all(ended);
    });

    it("is not held up by a poster that it forgot", async () => {
      const stage = openStage(subject);
      const told: unknown[] = [];
      const mailbox = stage.loop.mailbox((value) => void told.push(value));
      const running = stage.run();
      const worker = startWorker(subject, postOnce, { mailbox });
      await once(worker, "exit");
      while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
      mailbox.close();
      await running;
      expect(told).toEqual(["once"]);
    });

    it("learns from its poster that the mailbox was closed", async () => {
      const stage = openStage(subject);
      const mailbox = stage.loop.mailbox(() => mailbox.close());
      const worker = startWorker(subject, postForEver, { mailbox });
      const ended = once(worker, "exit");
      const told = toldBy(worker);
      await stage.run();
      expect(await told).toBe("ERR_MAILBOX_CLOSED");
      await ended;
    });

    if (!subject.terminates) return;

    it.each(Object.entries({ idle, timers, traffic, mailbox, serve }))(
      "is terminated in no time: %s",
      async (_, program) => {
        const took: number[] = [];
        for (let attempt = 0; attempt < ATTEMPTS && !took.some((ms) => ms < subject.terminatesWithinMs); attempt++) {
          const worker = startWorker(subject, program);
          await toldBy(worker);
          const started = performance.now();
          await worker.terminate();
          took.push(performance.now() - started);
        }
        expect(Math.min(...took)).toBeLessThan(subject.terminatesWithinMs);
      },
    );

    it("may be terminated while it posts, and the loop that it posted to goes on", async () => {
      const stage = openStage(subject);
      // What each worker in its turn posted last.
      const last: number[] = [];
      let disorder = 0;
      let heard: (round: number) => void = () => {};
      const mailbox = stage.loop.mailbox((value) => {
        const [round, count] = value as [number, number];
        if (count !== (last[round] ?? -1) + 1) disorder++;
        last[round] = count;
        if (count >= 200) heard(round);
      });
      const running = stage.run();
      for (let round = 0; round < 5; round++) {
        const worker = startWorker(subject, postForEver, { mailbox, given: round });
        await new Promise<void>((resolve) => {
          heard = (from) => {
            if (from === round) resolve();
          };
        });
        await worker.terminate();
      }
      expect(last).toHaveLength(5);
      expect(disorder).toBe(0);
      mailbox.close();
      await running;
    });
  });
}

async function end(subject: Subject, worker: Worker): Promise<void> {
  if (subject.terminates) return void (await worker.terminate());
  worker.postMessage("end");
  await once(worker, "exit");
}

// What follows is handed over to workers as text: each program may use nothing from around it but its parameter.

function idle({ createLoop, run, pair, READABLE, tell }: WorkerContext): void {
  const loop = createLoop();
  for (const socket of pair()) loop.add(socket, {}, READABLE);
  void run(loop);
  setTimeout(() => tell("rests"), 5);
}

function timers({ createLoop, run, tell }: WorkerContext): void {
  const loop = createLoop();
  loop.timers.set(600_000, () => {});
  const again = loop.timers.set(0, () => again.refresh(1));
  loop.timers.set(5, () => tell("ticks"));
  void run(loop);
}

function traffic({ createLoop, run, pair, tell }: WorkerContext): void {
  const loop = createLoop();
  const streams = pair().map((socket) => {
    const stream = loop.stream(socket, {
      onData: (chunk) => void stream.write(chunk),
      onEnd() {},
      onDrain() {},
      onError() {},
    });
    return stream;
  });
  for (const stream of streams) stream.write(new Uint8Array(100_000));
  loop.timers.set(5, () => tell("flows"));
  void run(loop);
}

function mailbox({ createLoop, run, Poster, tell }: WorkerContext): void {
  const loop = createLoop();
  const poster = new Poster(loop.mailbox((value) => poster.post(value)).address());
  poster.post("round and round");
  loop.timers.set(5, () => tell("posts"));
  void run(loop);
}

function serve({ createLoop, run, Socket, parentPort, tell }: WorkerContext): void {
  const loop = createLoop();
  const listening = Socket.open("tcp");
  listening.bind({ address: "127.0.0.1", port: 0 });
  listening.listen();
  loop.listener(listening, {
    onConnection(socket) {
      const stream = loop.stream(socket, {
        onData: (chunk) => void stream.write(chunk),
        onEnd: () => stream.close(),
        onDrain() {},
        onError() {},
      });
    },
    onError(error) {
      throw error;
    },
  });
  void run(loop);
  parentPort.on("message", (message) => {
    if (message === "end") process.exit();
    tell(message);
  });
  tell(listening.localAddress.port);
}

async function echo({ createLoop, run, Poster, address }: WorkerContext): Promise<void> {
  const loop = createLoop();
  const poster = new Poster(address);
  const mailbox = loop.mailbox((value) => {
    if (value !== "end") return poster.post(value);
    mailbox.close();
    poster.post("over");
  });
  const mine = mailbox.address();
  poster.post(mine, [mine.port]);
  await run(loop);
  loop.close();
}

async function exchange({ createLoop, run, Poster, Socket, address, given }: WorkerContext): Promise<void> {
  const loop = createLoop();
  const poster = new Poster(address);
  const socket = Socket.open("tcp");
  socket.connect({ address: "127.0.0.1", port: given as number });
  let sent = 0;
  const send = (): void => {
    poster.post(sent++);
    stream.write(new Uint8Array(1));
  };
  const stream = loop.stream(socket, {
    onData: (chunk) => chunk.forEach(send),
    onEnd: () => stream.close(),
    onDrain() {},
    onError() {},
  });
  send();
  await run(loop);
  loop.close();
}

function postOnce({ Poster, address }: WorkerContext): void {
  new Poster(address).post("once");
}

function postForEver({ Poster, address, given, tell }: WorkerContext): void {
  const poster = new Poster(address);
  let count = 0;
  const post = (): void => {
    try {
      for (let index = 0; index < 50; index++) poster.post([given, count++]);
      setImmediate(post);
    } catch (error) {
      tell((error as { code: string }).code);
    }
  };
  post();
}
