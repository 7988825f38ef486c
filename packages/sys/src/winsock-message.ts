import { win32 as layouts } from "./layouts/win32.js";
import { ffi } from "./load.js";

const { size, fields } = layouts.msghdr;

/**
 * Reads a WSAMSG by its address, because WSASendMsg refuses TCP: WSASend takes the buffers apart from the rest. The view
 * is kept for the next call, which is mostly with the same address.
 */
export class WinsockMessage {
  #address = 0;
  #view = new DataView(new ArrayBuffer(0));

  /** @param address of a WSAMSG, whose owner keeps it alive until the next call */
  at(address: number): this {
    if (address !== this.#address) {
      this.#view = new DataView(ffi().view(address, size));
      this.#address = address;
    }
    return this;
  }

  /** The address of the first WSABUF. */
  get buffers(): number {
    return Number(this.#view.getBigUint64(fields.msg_iov.offset, true));
  }

  get bufferCount(): number {
    return this.#view.getUint32(fields.msg_iovlen.offset, true);
  }
}
