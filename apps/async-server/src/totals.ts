/** What the server has done so far. */
export class Totals {
  /** Clients that have connected. */
  clients = 0;
  /** Clients that are connected now. */
  connected = 0;
  /** Messages echoed, or relayed. */
  messages = 0;
  /** Bytes of their payloads. */
  bytes = 0;

  /** A client has come: its number. */
  clientCame(): number {
    this.connected++;
    return ++this.clients;
  }

  clientLeft(): void {
    this.connected--;
  }

  /** A message of a client was answered, or passed on. */
  served(bytes: number): void {
    this.messages++;
    this.bytes += bytes;
  }
}
