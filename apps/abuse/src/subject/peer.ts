/** What behaviours need of a connection: a `MessageConnection` has it, and so has the one by hand over `node:net`. */
export interface Peer {
  onMessage: ((message: Uint8Array) => void) | null;
  onDrain: (() => void) | null;
  onEnd: (() => void) | null;
  onClose: ((error?: Error) => void) | null;
  readonly open: boolean;
  /** Bytes that were sent, and not yet taken by the system. */
  readonly bufferedBytes: number;
  send(message: Uint8Array): boolean;
  pause(): void;
  resume(): void;
  close(): unknown;
  abort(): void;
}
