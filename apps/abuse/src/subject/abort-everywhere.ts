import { connect as connectByNode, type Socket } from "node:net";
import { type ConnectOptions, connect, type MessageConnection } from "@p2pnet/connection";
import type { EventLoop } from "@p2pnet/event-loop";
import { patterned } from "../frames.js";

/** Ports to connect to. */
export interface AbortTargets {
  /** Takes connections, sends nothing and reads nothing. */
  readonly silent: number;
  /** Answers no connection at all. */
  readonly unanswering: number;
  readonly rounds: number;
}

/** What became of the attempts that were given up, by the place where they waited. */
export type AbortOutcomes = Record<string, { settled: number; astray: number }>;

/** Ticks of the loop after which `connect` is given up: each hits another of the places where it waits. */
const TICKS = 8;
const SETTLE_MS = 2_000;
const QUEUED_BYTES = 512 * 1024;

type Attempt = (signal: AbortSignal) => Promise<unknown>;

/** Begins to connect, to read and to send, and gives it up wherever it waits. */
export async function abortEverywhere(loop: EventLoop | null, targets: AbortTargets): Promise<AbortOutcomes> {
  const attempts = loop === null ? attemptsOfNode(targets) : attemptsOfOurs(loop, targets);
  const outcomes: AbortOutcomes = {};
  for (const [place, attempt] of Object.entries(attempts)) {
    const outcome = { settled: 0, astray: 0 };
    outcomes[place] = outcome;
    for (let round = 0; round < targets.rounds; round++) {
      for (let ticks = 0; ticks < TICKS; ticks++) {
        if (await settlesWhenAborted(attempt, ticks)) outcome.settled++;
        else outcome.astray++;
      }
    }
  }
  return outcomes;
}

/** Whether the attempt ends soon after its signal, wherever it is then: given up, or already done. */
async function settlesWhenAborted(attempt: Attempt, ticks: number): Promise<boolean> {
  const controller = new AbortController();
  const settled = attempt(controller.signal).then(
    () => true,
    (error) => error === controller.signal.reason || (error as { code?: string }).code === "ABORT_ERR",
  );
  for (let i = 0; i < ticks; i++) await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    limit = setTimeout(() => resolve(false), SETTLE_MS);
  });
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(limit);
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function attemptsOfOurs(loop: EventLoop, { silent, unanswering }: AbortTargets): Record<string, Attempt> {
  const open = async (signal: AbortSignal, options: Partial<ConnectOptions> = {}): Promise<void> => {
    const connection = await connect({ host: "127.0.0.1", port: silent, signal, loop, ...options } as ConnectOptions);
    connection.abort();
    await connection.closed;
  };
  return {
    resolve: (signal) => open(signal, { host: "nowhere.invalid", resolver: never }),
    connect: (signal) => open(signal, { port: unanswering }),
    "connect, answered": (signal) => open(signal),
    handshake: (signal) => open(signal, { upgrade: never }),
    "next()": (signal) => aborting(loop, silent, signal, (connection) => readOne(connection)),
    "drained()": (signal) =>
      aborting(loop, silent, signal, async (connection) => {
        connection.send(patterned(QUEUED_BYTES));
        await connection.drained();
      }),
    "close()": (signal) => aborting(loop, silent, signal, (connection) => connection.close()),
  };
}

/** Connects, waits for `use`, and aborts the connection with the signal's reason. */
async function aborting(
  loop: EventLoop,
  port: number,
  signal: AbortSignal,
  use: (connection: MessageConnection<unknown>) => Promise<void>,
): Promise<void> {
  const connection = await connect({ host: "127.0.0.1", port, loop, signal });
  const abort = (): void => connection.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await use(connection);
  } finally {
    signal.removeEventListener("abort", abort);
    connection.abort();
    await connection.closed;
  }
}

async function readOne(connection: MessageConnection<unknown>): Promise<void> {
  for await (const _ of connection) return;
}

/** The same as far as `node:net` has it: `signal` destroys the socket. */
function attemptsOfNode({ silent, unanswering }: AbortTargets): Record<string, Attempt> {
  const open = (signal: AbortSignal, options: object, use: (socket: Socket) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connectByNode({ host: "127.0.0.1", port: silent, ...options, ...{ signal } });
      socket.once("error", reject).once("close", () => resolve());
      socket.once("connect", () => use(socket));
    });
  const destroy = (socket: Socket): void => void socket.destroy();
  return {
    resolve: (signal) => open(signal, { host: "nowhere.invalid", lookup: () => {} }, destroy),
    connect: (signal) => open(signal, { port: unanswering }, destroy),
    "connect, answered": (signal) => open(signal, {}, destroy),
    "next()": (signal) => open(signal, {}, (socket) => socket.resume()),
    "drained()": (signal) => open(signal, {}, (socket) => socket.write(patterned(QUEUED_BYTES))),
    "close()": (signal) => open(signal, {}, (socket) => socket.end()),
  };
}
