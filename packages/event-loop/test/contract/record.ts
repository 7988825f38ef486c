import type { Socket } from "@p2pnet/socket";
import { type Interest, READABLE } from "../../src/index.js";
import type { Stage } from "./stage.js";

/** Adds a reader that keeps what it is told, one small piece at a time, and stops at the end or the error. */
export function record({ loop }: Stage, socket: Socket, interest: Interest = READABLE): string[] {
  const told: string[] = [];
  const piece = new Uint8Array(3);
  const onReadable = (): void => {
    const length = socket.recv(piece);
    told.push(length === 0 ? "<end>" : Buffer.from(piece.subarray(0, length)).toString());
    if (length === 0) loop.stop();
  };
  const onError = (error: Error): void => {
    told.push(`${error.message}, ${loop.size} registered`);
    loop.stop();
  };
  loop.add(socket, { onReadable, onError }, interest);
  return told;
}
