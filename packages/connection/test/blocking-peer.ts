import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Socket } from "@p2pnet/socket";

/** What the peer does, one step after the other, while the test's own thread is blocked. */
export type Step =
  | { readonly do: "send"; readonly bytes: Uint8Array }
  /** Waits until something has come. Reads only here, and in "echo". */
  | { readonly do: "hear" }
  | { readonly do: "echo" }
  /** Stays, and reads nothing. */
  | { readonly do: "stall" }
  | { readonly do: "end" }
  | { readonly do: "reset" };

const PROGRAM = `
  const { createServer } = require("node:net");
  const { parentPort, workerData } = require("node:worker_threads");
  const server = createServer(async (socket) => {
    server.close();
    socket.on("error", () => {});
    socket.pause();
    for (const step of workerData) {
      if (step.do === "send") socket.write(step.bytes);
      if (step.do === "hear") await new Promise((resolve) => socket.once("data", () => resolve(socket.pause())).resume());
      if (step.do === "echo") socket.pipe(socket);
      if (step.do === "stall") setInterval(() => {}, 1_000);
      if (step.do === "end") socket.end();
      if (step.do === "reset") socket.resetAndDestroy();
    }
  });
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

/** A blocking socket whose peer, in a thread of its own, takes the given steps. */
export class BlockingPeer implements AsyncDisposable {
  readonly socket: Socket;
  readonly #worker: Worker;

  static async start(...steps: readonly Step[]): Promise<BlockingPeer> {
    const worker = new Worker(PROGRAM, { eval: true, workerData: steps });
    const [port] = (await once(worker, "message")) as [number];
    return new BlockingPeer(worker, port);
  }

  private constructor(worker: Worker, port: number) {
    this.#worker = worker;
    this.socket = Socket.open("tcp");
    this.socket.setNonBlocking(false);
    this.socket.connect({ address: "127.0.0.1", port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.#worker.terminate();
  }
}
