/** The start of a payload in a form that is safe on a terminal: no control characters, nothing invisible. */
export interface ShownPayload {
  /** "text": its characters, unescaped. "hex": its bytes as two digits each, with blanks between. */
  readonly kind: "text" | "hex";
  readonly shown: string;
  /** Bytes that are not shown. */
  readonly more: number;
}

export const SHOWN_TEXT_BYTES = 80;
export const SHOWN_HEX_BYTES = 32;

/**
 * What must not reach a terminal as it is: control characters, invisible ones that reorder or hide text (all of Unicode's
 * category C, except the joiners that some scripts and emoji need), and line and paragraph separators.
 */
const UNPRINTABLE = /[\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{C}/u;
const BLANKS = /[\t\r\n]/g;
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text where the start of `payload` is UTF-8 of printable characters, tabs and line ends; else hex. */
export function showPayload(payload: Uint8Array): ShownPayload {
  const end = endOfCharacter(payload, SHOWN_TEXT_BYTES);
  const text = decode(payload.subarray(0, end));
  if (text !== null && !UNPRINTABLE.test(text.replace(BLANKS, ""))) {
    return { kind: "text", shown: text, more: payload.length - end };
  }
  const bytes = payload.subarray(0, SHOWN_HEX_BYTES);
  const shown = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return { kind: "hex", shown, more: payload.length - bytes.length };
}

/** For a line of text: `"Hello"`, or `00 ff`, and how much more there is. */
export function formatPayload(payload: Uint8Array): string {
  const { kind, shown, more } = showPayload(payload);
  const start = kind === "text" ? quote(shown) : shown;
  return more === 0 ? start : `${start}... (${more} bytes more)`;
}

/** The last place at or before `limit` that does not cut a UTF-8 character. */
function endOfCharacter(bytes: Uint8Array, limit: number): number {
  if (bytes.length <= limit) return bytes.length;
  let end = limit;
  while (end > limit - 4 && (bytes[end]! & 0xc0) === 0x80) end--;
  return end;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\r": "\\r",
  "\n": "\\n",
  '"': '\\"',
  "\\": "\\\\",
};

function quote(text: string): string {
  return `"${text.replace(/[\t\r\n"\\]/g, (character) => ESCAPES[character]!)}"`;
}
