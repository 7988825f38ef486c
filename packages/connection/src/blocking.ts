import { encodeFrame, FrameDecoder, type FrameOptions } from "@p2pnet/framing";
import { type Socket, WOULD_BLOCK } from "@p2pnet/socket";
import { ConnectionError } from "./errors.js";

const CHUNK_BYTES = 65_536;

/** What receiving from a socket needs from one message to the next: where chunks go, and what is left of them. */
interface Receiver {
  readonly chunk: Uint8Array;
  readonly decoder: FrameDecoder;
}

const receivers = new WeakMap<Socket, Receiver>();

/**
 * Sends one message over a blocking socket, and returns when the system has taken all of it.
 *
 * @throws ConnectionError `ERR_SEND_TIMEOUT` when the socket's `sendTimeoutMs` passed: part of the frame may be sent, so the
 * socket is of no more use; FrameError `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`; SystemError as `socket.send`
 */
export function sendMessage(socket: Socket, message: Uint8Array, options: FrameOptions = {}): void {
  const frame = encodeFrame(message, options);
  for (let sent = 0; sent < frame.length; ) {
    const taken = socket.send(frame.subarray(sent));
    if (taken === WOULD_BLOCK) {
      throw new ConnectionError(
        "ERR_SEND_TIMEOUT",
        `sendMessage: expected the peer to take ${frame.length} bytes in time, got ${sent}`,
      );
    }
    sent += taken;
  }
}

/**
 * Receives one message from a blocking socket: the message, null when the peer has finished, or `WOULD_BLOCK` when the
 * socket's `receiveTimeoutMs` passed (nothing is lost: call again). It may read ahead: once a socket is read through this
 * function, read it through nothing else. `options` count at the first call for a socket.
 *
 * @throws FrameError `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`, `ERR_FRAME_TRUNCATED`; SystemError as `socket.recv`
 */
export function receiveMessage(socket: Socket, options: FrameOptions = {}): Uint8Array | null | typeof WOULD_BLOCK {
  const { chunk, decoder } = receivers.get(socket) ?? newReceiver(socket, options);
  for (;;) {
    const message = decoder.next();
    if (message !== null) return message;
    const length = socket.recv(chunk);
    if (length === WOULD_BLOCK) return WOULD_BLOCK;
    if (length === 0) {
      decoder.end();
      return null;
    }
    decoder.push(chunk.subarray(0, length));
  }
}

function newReceiver(socket: Socket, options: FrameOptions): Receiver {
  const receiver = { chunk: new Uint8Array(CHUNK_BYTES), decoder: new FrameDecoder({ ...options, copy: true }) };
  receivers.set(socket, receiver);
  return receiver;
}
