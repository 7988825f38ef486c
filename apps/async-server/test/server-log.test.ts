import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { ServerEvent } from "../src/events.js";
import { ServerLog } from "../src/server-log.js";
import { textLine } from "../src/text-lines.js";
import { jsonLine } from "./json-line.js";

function logOfAVisit(): ServerEvent[] {
  const events: ServerEvent[] = [];
  const log = new ServerLog((event) => events.push(event));
  log.listening({ address: "127.0.0.1", port: 8080 }, "epoll");
  log.started(1);
  const first = log.clientConnected({ address: "127.0.0.1", port: 50_001 });
  const second = log.clientConnected({ address: "127.0.0.1", port: 50_002 });
  log.received(second, new TextEncoder().encode("Hello from framed client!"));
  log.totals.served(25);
  log.sent(second, 25);
  log.clientGone(first);
  log.clientGone(second, Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
  log.serverError(Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
  log.stopped();
  return events;
}

describe("what the server tells", () => {
  it("reads like the C library's server", () => {
    expect(logOfAVisit().map(textLine)).toEqual([
      "[OK] Server listening on 127.0.0.1:8080 (backend epoll)",
      "[EVENT_LOOP] Started (monitoring 1 sockets)",
      "[OK] New client connected (total: 1)",
      "[OK] New client connected (total: 2)",
      '[RECV] (25 bytes) "Hello from framed client!"',
      "[SEND] Echoed message back",
      "[INFO] Client disconnected gracefully (total: 1)",
      "[ERROR] Client error: ECONNRESET (disconnecting)",
      "[ERROR] Server error: EMFILE (accept EMFILE)",
      "[OK] Server stopped (clients: 2, messages: 1, bytes: 25)",
    ]);
  });

  it("is one record of pino per line as JSON, with its level and time", () => {
    vi.useFakeTimers({ now: 1_700_000_000_123 });
    onTestFinished(() => void vi.useRealTimers());
    const time = 1_700_000_000_123;
    expect(logOfAVisit().map((event) => JSON.parse(jsonLine(event)))).toEqual([
      { level: 30, time, event: "listening", address: "127.0.0.1", port: 8080, backend: "epoll" },
      { level: 30, time, event: "started", sockets: 1 },
      { level: 30, time, event: "connected", client: 1, address: "127.0.0.1", port: 50_001, total: 1 },
      { level: 30, time, event: "connected", client: 2, address: "127.0.0.1", port: 50_002, total: 2 },
      { level: 20, time, event: "received", client: 2, bytes: 25, text: "Hello from framed client!" },
      { level: 20, time, event: "sent", client: 2, bytes: 25 },
      { level: 30, time, event: "disconnected", client: 1, total: 1 },
      { level: 40, time, event: "error", client: 2, total: 0, code: "ECONNRESET", message: "read ECONNRESET" },
      { level: 50, time, event: "error", code: "EMFILE", message: "accept EMFILE" },
      { level: 30, time, event: "stopped", clients: 2, messages: 1, bytes: 25 },
    ]);
  });

  it("puts IPv6 addresses into brackets", () => {
    expect(textLine({ event: "listening", address: "::1", port: 80, backend: "poll" })).toBe(
      "[OK] Server listening on [::1]:80 (backend poll)",
    );
  });
});
