import type { ServerEvent } from "./events.js";
import { showPayload } from "./payload.js";

/** Unprintable characters that JSON allows in its strings as they are, and a terminal should not get. */
const UNPRINTABLE = /[\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{C}/gu;

/** The event as one JSON object, without a line end. A payload's start is in `text` or `hex`; `more` counts the rest. */
export function jsonLine(event: ServerEvent): string {
  const json = JSON.stringify(event.event === "received" ? received(event.client, event.payload) : event);
  return json.replace(UNPRINTABLE, (character) => {
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
}

function received(client: number, payload: Uint8Array): object {
  const { kind, shown, more } = showPayload(payload);
  return { event: "received", client, bytes: payload.length, [kind]: shown, ...(more > 0 ? { more } : {}) };
}
