import { type ByteStream, streamPair } from "@p2pnet/stream";

/** A Noise message on its way, with its header. */
interface Passing {
  readonly frame: Uint8Array;
  /** Of all that passed, in both directions: 0 to 2 are the handshake. */
  readonly number: number;
  /** Ends the direction after what is returned. */
  end(): void;
  /** Sends bytes to the one that the frame is of. */
  back(bytes: Uint8Array): void;
}

/** What goes on instead of a frame. */
export type Meddle = (passing: Passing) => Uint8Array[];

/** Two streams with somebody between them who can do whatever to the frames that pass. */
export function framesBetween(meddle: Meddle): { left: ByteStream; right: ByteStream } {
  const [left, nearLeft] = streamPair();
  const [nearRight, right] = streamPair();
  let number = 0;
  const carry = (from: ByteStream, to: ByteStream): void => {
    let held: Uint8Array = new Uint8Array(0);
    let ended = false;
    from.start({
      onData(chunk) {
        held = new Uint8Array(Buffer.concat([held, chunk]));
        while (held.length >= 2 && held.length >= 2 + held[0]! * 256 + held[1]!) {
          const length = 2 + held[0]! * 256 + held[1]!;
          const end = (): void => {
            ended = true;
          };
          const back = (bytes: Uint8Array): void => from.write(bytes);
          for (const frame of meddle({ frame: held.slice(0, length), number: number++, end, back })) to.write(frame);
          if (ended) to.end();
          held = held.slice(length);
        }
      },
      onEnd: () => to.end(),
      onDrain() {},
      onError: () => to.abort(),
    });
    from.resume();
  };
  carry(nearLeft, nearRight);
  carry(nearRight, nearLeft);
  return { left, right };
}
