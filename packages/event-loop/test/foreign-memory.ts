import type { Socket } from "@p2pnet/socket";
import { type System, system } from "@p2pnet/sys";
import { connectedPair } from "./contract/sockets.js";

/** Reads and writes memory of which only the address is known, as a system call does: its bytes go through two sockets. */
export class ForeignMemory {
  readonly #system: System = system();
  readonly #in: Socket;
  readonly #out: Socket;

  constructor() {
    [this.#in, this.#out] = connectedPair();
  }

  read(address: number, length: number): DataView {
    const bytes = new Uint8Array(length);
    this.#system.send(this.#in.handle, address, length);
    for (let got = 0; got < length; ) got += Math.max(0, this.#out.recv(bytes.subarray(got)));
    return new DataView(bytes.buffer);
  }

  write(address: number, { buffer, byteLength }: DataView): void {
    this.#in.send(new Uint8Array(buffer, 0, byteLength));
    for (let got = 0; got < byteLength; ) {
      got += Math.max(0, this.#system.recv(this.#out.handle, address + got, byteLength - got, 0));
    }
  }

  close(): void {
    this.#in.close();
    this.#out.close();
  }
}
