import { afterEach, beforeEach, describe } from "vitest";
import { byteStreamClosing } from "./byte-stream-closing.js";
import { byteStreamWriting } from "./byte-stream-writing.js";
import { JoinedStreams, type StreamPairUnderTest } from "./joined-streams.js";

export type { StreamPairUnderTest } from "./joined-streams.js";

/**
 * What every `ByteStream` promises, whatever carries its bytes. Waits for events only, so that a pair may take its time.
 *
 * @param makePair called before each test
 */
export function byteStreamContract(name: string, makePair: () => Promise<StreamPairUnderTest>): void {
  describe(`${name}: a byte stream`, () => {
    let pair: JoinedStreams;
    beforeEach(async () => {
      pair = new JoinedStreams(await makePair());
    });
    afterEach(() => pair.cleanup());

    byteStreamWriting(() => pair);
    byteStreamClosing(() => pair);
  });
}
