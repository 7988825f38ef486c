import type { ByteStreamHandlers } from "@p2pnet/stream";

type What = "data" | "end" | "drain" | "error";

/** A stream's handlers that keep what they are told, in order. */
export class Recorder implements ByteStreamHandlers {
  /** Such as `data hello`, `end`, `drain`, `error ECONNRESET`. Data that comes in a row is joined. */
  readonly told: string[] = [];
  length = 0;
  readonly #on: Partial<Record<What, () => void>>;

  /** @param on called after an event of that name was kept */
  constructor(on: Partial<Record<What, () => void>> = {}) {
    this.#on = on;
  }

  onData(chunk: Uint8Array): void {
    const last = this.told.length - 1;
    const data = Buffer.from(chunk).toString("latin1");
    this.length += chunk.length;
    if (this.told[last]?.startsWith("data ")) this.told[last] += data;
    else this.told.push(`data ${data}`);
    this.#on.data?.();
  }

  onEnd(): void {
    this.told.push("end");
    this.#on.end?.();
  }

  onDrain(): void {
    this.told.push("drain");
    this.#on.drain?.();
  }

  onError(error: Error): void {
    this.told.push(`error ${(error as NodeJS.ErrnoException).code}`);
    this.#on.error?.();
  }
}
