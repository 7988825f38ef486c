import type { ServerEvent } from "./events.js";
import { formatPayload } from "./payload.js";

/** The event as a line for people, without its line end. */
export function textLine(event: ServerEvent): string {
  switch (event.event) {
    case "listening":
      return `[OK] Server listening on ${endpoint(event.address, event.port)} (backend ${event.backend})`;
    case "started":
      return `[EVENT_LOOP] Started (monitoring ${event.sockets} sockets)`;
    case "secured":
      return `[OK] Secure as ${event.peerId} (${event.fingerprint}), open to ${audience(event.allowed)}`;
    case "metrics":
      return `[OK] Metrics at http://${endpoint(event.address, event.port)}/metrics`;
    case "connected":
      return `[OK] New client connected (total: ${event.total})${peer(event.peerId, event.fingerprint)}`;
    case "received":
      return `[RECV] (${event.payload.length} bytes) ${formatPayload(event.payload)}`;
    case "sent":
      return "[SEND] Echoed message back";
    case "relayed":
      return `[SEND] Relayed to ${event.to} ${event.to === 1 ? "client" : "clients"}`;
    case "disconnected":
      return `[INFO] Client disconnected gracefully (total: ${event.total})`;
    case "error":
      return event.client === undefined
        ? `[ERROR] Server error: ${event.code} (${event.message})`
        : `[ERROR] Client error: ${event.code} (disconnecting)`;
    case "stopped":
      return `[OK] Server stopped (clients: ${event.clients}, messages: ${event.messages}, bytes: ${event.bytes})`;
  }
}

function audience(allowed: number | null): string {
  if (allowed === null) return "everybody";
  return allowed === 1 ? "1 peer" : `${allowed} peers`;
}

function peer(peerId: string | undefined, fingerprint: string | undefined): string {
  return peerId === undefined ? "" : `: ${peerId} (${fingerprint})`;
}

/** `127.0.0.1:8080`, `[::1]:8080` */
export function endpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
