/** What a client sends; clients and messages are numbered from 1. */
export type Payloads = (client: number, message: number) => Uint8Array;

/** Whose message a payload is, or null where it cannot be one of the test's. */
export type RecognizePayload = (payload: Uint8Array) => { client: number; message: number } | null;

interface SizeOptions {
  /** Messages of each client. */
  readonly messages: number;
  readonly size?: number;
}

interface PayloadOptions extends SizeOptions {
  readonly text?: string;
}

const encoder = new TextEncoder();
/** Of a client, where their number is not known before. */
const MOST_MESSAGES = 1_000_000_000;

/** The payloads of a test: by default `Message 1 from client 8`, or one text for all, or texts of `size` bytes. */
export function choosePayloads({ messages, size, text }: PayloadOptions): Payloads {
  if (text !== undefined) {
    const payload = encoder.encode(text);
    return () => payload;
  }
  if (size === undefined) return (client, message) => encoder.encode(label(client, message));
  return (client, message) => encoder.encode(sized(size, client, message, messages));
}

function label(client: number, message: number): string {
  return `Message ${message} from client ${client}`;
}

/** The label, repeated to the length. Where it is too long, a number in base 36, which differs as long as it fits. */
function sized(size: number, client: number, message: number, messages: number): string {
  const text = label(client, message);
  if (text.length <= size) return `${text} `.repeat(Math.ceil(size / (text.length + 1))).slice(0, size);
  const index = (client - 1) * Math.min(messages, MOST_MESSAGES) + (message - 1);
  return index.toString(36).padStart(size, "0").slice(-size);
}

/** The other way round, for payloads that are not all one text. It looks at the beginning only. */
export function recognizePayloads({ messages, size }: SizeOptions): RecognizePayload {
  return (payload) => {
    const text = Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.length, 64)).toString("latin1");
    const named = /^Message (\d+) from client (\d+)/.exec(text);
    if (named !== null) return { message: Number(named[1]), client: Number(named[2]) };
    if (payload.length !== size || !/^[0-9a-z]+$/.test(text)) return null;
    const index = Number.parseInt(text, 36);
    return { client: Math.floor(index / messages) + 1, message: (index % messages) + 1 };
  };
}

/** The fewest bytes in which all messages of all clients differ. */
export function leastSize(clients: number, messages: number): number {
  return (clients * messages - 1).toString(36).length;
}
