import { type Level, pino } from "pino";
import type { ServerEvent } from "./events.js";
import { showPayload } from "./payload.js";

/** Unprintable characters that JSON allows in its strings as they are, and a terminal should not get. */
const UNPRINTABLE = /[\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{C}/gu;

/**
 * Writes each event as one JSON object, without a line end: a record of pino with `level`, `time` (milliseconds since 1970)
 * and the event's own fields. A payload's start is in `text` or `hex`; `more` counts the rest.
 */
export function jsonLines(writeLine: (line: string) => void): (event: ServerEvent) => void {
  const destination = { write: (record: string) => writeLine(printable(record.trimEnd())) };
  // Without the process id and the host's name that pino would repeat on each line.
  const log = pino({ level: "debug", base: null }, destination);
  return (event) => log[levelOf(event)](event.event === "received" ? received(event.client, event.payload) : event);
}

function levelOf(event: ServerEvent): Level {
  switch (event.event) {
    case "received":
    case "sent":
    case "relayed":
      return "debug";
    case "error":
      return event.client === undefined ? "error" : "warn";
    default:
      return "info";
  }
}

function printable(json: string): string {
  return json.replace(UNPRINTABLE, (character) => {
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
}

function received(client: number, payload: Uint8Array): object {
  const { kind, shown, more } = showPayload(payload);
  return { event: "received", client, bytes: payload.length, [kind]: shown, ...(more > 0 ? { more } : {}) };
}
