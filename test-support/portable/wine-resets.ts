// Loaded before tests under Wine 8, whose recv tells an end where Windows tells a reset, while its WSAPoll tells the two
// apart: an error with the hang-up.
import { NativeMemory, replaceSystem, system } from "../../packages/sys/src/index.js";

const real = system();
const { ECONNRESET, POLLERR, POLLIN } = real.constants;
const { size, fields } = real.layouts.pollfd;
const record = new NativeMemory(size);
const view = new DataView(record.bytes.buffer);

function wasReset(handle: number): boolean {
  view.setBigUint64(fields.fd.offset, BigInt(handle), true);
  view.setInt16(fields.events.offset, POLLIN, true);
  view.setInt16(fields.revents.offset, 0, true);
  return real.poll(record.address, 1, 0) > 0 && (view.getInt16(fields.revents.offset, true) & POLLERR) !== 0;
}

replaceSystem({
  ...real,
  recv(handle, address, length, flags) {
    const result = real.recv(handle, address, length, flags);
    return result === 0 && length > 0 && wasReset(handle) ? -ECONNRESET : result;
  },
  recvBytes(handle, into, flags) {
    const result = real.recvBytes(handle, into, flags);
    return result === 0 && into.length > 0 && wasReset(handle) ? -ECONNRESET : result;
  },
});
