import type { Socket } from "node:net";
import { startAnswering } from "./wrong-server.js";

/** What is wrong with a chat room. */
export interface RoomFaults {
  /** How often the message is relayed that comes as the `count`th, from 1. */
  readonly copies?: (count: number) => number;
  readonly change?: (payload: Buffer) => Buffer;
  /** Who said it gets it, too. */
  readonly toSelf?: boolean;
  /** Everybody is shown out after so many messages. */
  readonly endsAfter?: number;
}

/** A chat room over node:net, as wrong as it is told to be. Returns its port. */
export async function startRoom({ copies = () => 1, change, toSelf = false, endsAfter }: RoomFaults): Promise<number> {
  const members = new Set<Socket>();
  let count = 0;
  const relay = (from: Socket, frame: Buffer, times: number): void => {
    for (const member of members) {
      if ((member === from && !toSelf) || member.writableEnded) continue;
      for (let copy = 0; copy < times; copy++) member.write(frame);
    }
  };
  const answer = (socket: Socket, frame: Buffer): void => {
    if (isCall(frame)) return relay(socket, frame, 1);
    relay(socket, changed(frame, change), copies(++count));
    if (count === endsAfter) for (const member of members) member.end();
  };
  return await startAnswering(answer, (socket) => members.add(socket));
}

/** Before the test, when the members find out whether all are in. */
function isCall(frame: Buffer): boolean {
  return frame.length === 5;
}

function changed(frame: Buffer, change: RoomFaults["change"]): Buffer {
  if (change === undefined) return frame;
  const payload = change(Buffer.from(frame.subarray(4)));
  const header = Buffer.alloc(4);
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}
