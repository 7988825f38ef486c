import { type AbuseCase, bounds } from "../abuse-case.js";
import { endedWith, exactly } from "../finding.js";
import { HEADER_BYTES, patternedFrame } from "../frames.js";
import { gone, readBytes, readToEnd, settles } from "../raw-clients.js";
import type { Stage } from "../stage.js";

/** Lengths of the messages in the stream that is cut. */
const LENGTHS = [1, 7, 40, 1, 200, 600];
const LIMIT_MS = 5_000;

type Cut = "FIN" | "RST";

export const cutPointsByFin: AbuseCase = cutPoints("FIN");
export const cutPointsByRst: AbuseCase = cutPoints("RST");

function cutPoints(cut: Cut): AbuseCase {
  return {
    name: `every-cut-point-${cut.toLowerCase()}`,
    abuse: `a stream of frames is cut by ${cut} after each of its bytes, on a connection for each`,
    size: { full: streamOf(LENGTHS).length, quick: streamOf(LENGTHS.slice(0, 5)).length },
    server: {},
    bounds: (size) => bounds({ cpuSeconds: 0.3 + size * 0.001 }),
    run: (stage) => cutEverywhere(stage, cut),
  };
}

async function cutEverywhere(stage: Stage, cut: Cut): Promise<void> {
  const stream = streamOf(LENGTHS).subarray(0, stage.size);
  const before = await stage.report();
  let lost = 0;
  let partial = 0;
  await stage.clients.each(
    stream.length + 1,
    async (socket, length) => {
      const whole = wholeFrames(length);
      if (length > whole) partial++;
      if (length > 0) socket.write(stream.subarray(0, length));
      if (cut === "FIN") {
        socket.end();
        const { bytes, clean } = await readToEnd(socket, LIMIT_MS);
        // A frame that is cut resets the connection, and the echoes before it may be lost with it.
        const complete = bytes.equals(stream.subarray(0, whole));
        if (length === whole ? !(complete && clean) : !bytes.equals(stream.subarray(0, bytes.length))) lost++;
      } else {
        // Once the echoes are here the whole frames were delivered: what is left to cut is the rest.
        const echoes = readBytes(socket, whole, LIMIT_MS);
        if (whole > 0 && !((await settles(echoes, LIMIT_MS)) && (await echoes).equals(stream.subarray(0, whole))))
          lost++;
        socket.resetAndDestroy();
        await gone(socket, LIMIT_MS);
      }
    },
    32,
  );
  const after = await stage.reportWhenAlone(LIMIT_MS);
  stage.state(
    exactly("connections with lost or wrong echoes", 0, lost),
    cut === "FIN"
      ? endedWith("ERR_FRAME_TRUNCATED", partial, after.ends)
      : endedWith("ECONNRESET", after.accepted - before.accepted + (before.ends["ECONNRESET"] ?? 0), after.ends),
  );
}

function streamOf(lengths: readonly number[]): Buffer {
  return Buffer.concat(lengths.map(patternedFrame));
}

/** How many of the first `length` bytes are whole frames. */
function wholeFrames(length: number): number {
  let whole = 0;
  for (const payload of LENGTHS) {
    if (whole + HEADER_BYTES + payload > length) break;
    whole += HEADER_BYTES + payload;
  }
  return whole;
}
