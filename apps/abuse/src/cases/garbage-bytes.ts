import { randomBytes } from "node:crypto";
import { type AbuseCase, bounds } from "../abuse-case.js";
import { atMost, endedWith } from "../finding.js";
import { header } from "../frames.js";
import { gone } from "../raw-clients.js";

const LIMIT_MS = 2_000;

/** What has no business on this port. Each begins with no length that a frame may have. */
const GARBAGE: readonly Buffer[] = [
  header(1024 * 1024 + 1),
  header(0xffffffff),
  header(0),
  Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  // The record header of a ClientHello, RFC 8446 section 5.1, and what looks like the rest of it.
  Buffer.concat([Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]), randomBytes(500)]),
  Buffer.from("SSH-2.0-OpenSSH_9.6\r\n"),
  Buffer.concat([Buffer.from([0xff]), randomBytes(65_536)]),
];
const EMPTY_FRAMES = 1;

export const garbageBytes: AbuseCase = {
  name: "garbage-bytes",
  abuse: "clients send oversized and empty headers, an HTTP request, a TLS hello, an SSH greeting, and noise",
  size: { full: 700, quick: 140 },
  server: {},
  bounds: (size) => bounds({ cpuSeconds: 0.3 + size * 0.001 }),
  run: async (stage) => {
    const times = await stage.clients.each(
      stage.size,
      async (socket, index) => {
        const start = performance.now();
        socket.write(GARBAGE[index % GARBAGE.length]!);
        return (await gone(socket, LIMIT_MS)) ? performance.now() - start : Number.POSITIVE_INFINITY;
      },
      35,
    );
    await stage.newcomer();
    const { ends } = await stage.report();
    const empty = (stage.size * EMPTY_FRAMES) / GARBAGE.length;
    stage.state(
      endedWith("ERR_FRAME_TOO_LARGE", stage.size - empty, ends),
      endedWith("ERR_FRAME_EMPTY", empty, ends),
      atMost("the last one is ended after", 500, Math.max(...times), "ms"),
    );
  },
};
