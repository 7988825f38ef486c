import type { CLibrary } from "./c-function.js";
import { win32 as constants } from "./constants/win32.js";
import { noEpoll } from "./epoll-calls.js";
import { win32 as layouts } from "./layouts/win32.js";
import { ffi } from "./load.js";
import { SocketAddressCodec } from "./socket-address.js";
import type { System } from "./system.js";
import { systemError } from "./system-error.js";
import { winsockFunctions } from "./winsock-functions.js";
import { WinsockHandles } from "./winsock-handles.js";
import { WinsockMessage } from "./winsock-message.js";
import { WinsockTimeouts } from "./winsock-timeouts.js";

/** Winsock 2.2, for WSAStartup. */
const VERSION = 0x0202;
/** More than the 408 bytes of a WSADATA, which nobody reads. */
const WSADATA_ROOM = 512;

/**
 * The system calls of Windows, where they behave as those of a Unix do: what Winsock answers differently is put right
 * here. Negative results are what WSAGetLastError said. No signal interrupts a call there.
 *
 * Winsock is started once and never stopped: Node's own sockets use it too.
 *
 * Source: the Windows Sockets 2 reference, under the names of the functions.
 *
 * @param winsock and `kernel`: libraries whose calls end as told, for tests
 */
export function loadWinsock(winsock?: CLibrary, kernel?: CLibrary): System {
  const c = winsockFunctions(winsock ?? ffi().load("ws2_32.dll"), kernel ?? ffi().load("kernel32.dll"));
  const started = c.WSAStartup(VERSION, new Uint8Array(WSADATA_ROOM));
  if (started !== 0) throw systemError("WSAStartup", started);

  const { EAGAIN, ECONNABORTED, ECONNRESET, EINPROGRESS, EINVAL, EMSGSIZE, ENETRESET } = constants;
  const { ESHUTDOWN, ETIMEDOUT } = constants;
  const { POLLIN, POLLOUT, SHUT_WR, SOCK_DGRAM, SO_ERROR, SO_TYPE } = constants;
  const addresses = new SocketAddressCodec(constants, layouts);
  const failed = (): number => -c.WSAGetLastError();
  const zeroOrFailed = (result: number): number => (result === 0 ? 0 : failed());
  const handles = new WinsockHandles(c);
  const timeouts = new WinsockTimeouts(c);
  const message = new WinsockMessage();
  const sent = new Uint32Array(1);
  const length = new Uint32Array(1);
  const withLength = (into: Uint8Array, call: () => number): number => {
    length[0] = into.length;
    return call() === 0 ? length[0] : failed();
  };
  const INFINITE = 0xffff_ffff;
  const sleepMs = (timeoutMs: number): number => (timeoutMs < 0 ? INFINITE : timeoutMs);

  /** A datagram that is longer than the room for it is cut, and what was shut down has ended, as everywhere else. */
  const received = (result: number, room: number): number => {
    if (result >= 0) return result;
    const error = c.WSAGetLastError();
    return error === EMSGSIZE ? room : error === ESHUTDOWN ? 0 : -error;
  };
  const prepare = (handle: number): number => {
    timeouts.forget(handle);
    return handles.setNonBlocking(handle, true);
  };
  const sendResult = (handle: number, result: number): number => {
    if (result >= 0) return result;
    const error = c.WSAGetLastError();
    return error === ETIMEDOUT && timeouts.has(handle, "SO_SNDTIMEO") ? -EAGAIN : -error;
  };
  const connectNow = (handle: number, address: Uint8Array): number => {
    if (c.connect(handle, address, address.length) === 0) return 0;
    const error = c.WSAGetLastError();
    return error === EAGAIN ? -EINPROGRESS : -error;
  };

  return {
    constants,
    layouts,
    addresses,

    socket(domain, type, protocol) {
      const flags = constants.WSA_FLAG_OVERLAPPED | constants.WSA_FLAG_NO_HANDLE_INHERIT;
      const handle = c.WSASocketW(domain, type, protocol, null, 0, flags);
      if (handle < 0) return failed();
      // Or what one peer's machine says of a port would fail the next receive, from whomever.
      if (type === SOCK_DGRAM) handles.reportRefusals(handle, false);
      return handles.closedUnless(handle, prepare(handle));
    },
    bind: (handle, address) => zeroOrFailed(c.bind(handle, address, address.length)),
    listen: (handle, backlog) => zeroOrFailed(c.listen(handle, backlog)),
    accept(handle) {
      if (!timeouts.ready(handle, "SO_RCVTIMEO", POLLIN)) return -EAGAIN;
      const accepted = c.accept(handle, 0, 0);
      if (accepted < 0) {
        const error = c.WSAGetLastError();
        // It was reset while it waited, which Unix calls so.
        return error === ECONNRESET ? -ECONNABORTED : -error;
      }
      const result = handles.setCloseOnExec(accepted);
      return handles.closedUnless(accepted, result < 0 ? result : prepare(accepted));
    },
    connect(handle, address) {
      // A connected one hears only of its peer's machine, and shall, as on Unix.
      if (handles.option(handle, SO_TYPE) === SOCK_DGRAM) handles.reportRefusals(handle, true);
      if (!timeouts.has(handle, "SO_SNDTIMEO")) return connectNow(handle, address);
      handles.setNonBlocking(handle, true);
      let result = connectNow(handle, address);
      const isOver = result === -EINPROGRESS && timeouts.ready(handle, "SO_SNDTIMEO", POLLOUT);
      if (isOver) result = 0 - handles.option(handle, SO_ERROR);
      handles.setNonBlocking(handle, false);
      return result;
    },
    recv(handle, address, size, flags) {
      if (!timeouts.ready(handle, "SO_RCVTIMEO", POLLIN)) return -EAGAIN;
      return received(c.recv(handle, address, size, flags), size);
    },
    send: (handle, address, size) => sendResult(handle, c.send(handle, address, size, 0)),
    recvBytes(handle, into, flags) {
      if (!timeouts.ready(handle, "SO_RCVTIMEO", POLLIN)) return -EAGAIN;
      return received(c.recvBytes(handle, into, into.length, flags), into.length);
    },
    sendBytes: (handle, bytes) => sendResult(handle, c.sendBytes(handle, bytes, bytes.length, 0)),
    sendMessage(handle, address) {
      const { buffers, bufferCount } = message.at(address);
      const result = c.WSASend(handle, buffers, bufferCount, sent, 0, 0, 0);
      return result === 0 ? sent[0]! : sendResult(handle, result);
    },
    recvFrom(handle, address, size, from) {
      if (!timeouts.ready(handle, "SO_RCVTIMEO", POLLIN)) return -EAGAIN;
      for (;;) {
        length[0] = from.length;
        const result = c.recvfrom(handle, address, size, 0, from, length);
        if (result >= 0) return result;
        const error = c.WSAGetLastError();
        if (error === EMSGSIZE) return size + 1;
        if (error === ESHUTDOWN) return -EAGAIN;
        // One that was sent died on its way, which is not about what is received.
        if (error !== ENETRESET) return -error;
      }
    },
    sendTo: (handle, address, size, to) => sendResult(handle, c.sendto(handle, address, size, 0, to, to.length)),
    recvMessages: null,
    sendMessages: null,
    shutdown(handle, how) {
      const result = zeroOrFailed(c.shutdown(handle, how));
      if (result === 0 && how !== SHUT_WR) timeouts.setShutForReading(handle);
      return result;
    },
    close(handle) {
      timeouts.forget(handle);
      return zeroOrFailed(c.closesocket(handle));
    },
    setNonBlocking(handle, enabled) {
      const result = handles.setNonBlocking(handle, enabled);
      if (result === 0) timeouts.setBlocking(handle, !enabled);
      return result;
    },
    setCloseOnExec: (handle) => handles.setCloseOnExec(handle),
    getOption: (handle, level, name, into) => withLength(into, () => c.getsockopt(handle, level, name, into, length)),
    setOption: (handle, level, name, value) => zeroOrFailed(c.setsockopt(handle, level, name, value, value.length)),
    localAddress(handle, into) {
      const result = withLength(into, () => c.getsockname(handle, into, length));
      return result === -EINVAL ? handles.wildcardAddress(handle, addresses, into) : result;
    },
    remoteAddress: (handle, into) => withLength(into, () => c.getpeername(handle, into, length)),

    poll(address, count, timeoutMs) {
      // WSAPoll refuses to wait for nothing.
      if (count === 0) c.Sleep(sleepMs(timeoutMs));
      const result = count === 0 ? 0 : c.WSAPoll(address, count, timeoutMs);
      return result >= 0 ? result : failed();
    },
    pollAsync(address, count, timeoutMs, done) {
      if (count === 0) c.Sleep.async(sleepMs(timeoutMs), done);
      else c.WSAPoll.async(address, count, timeoutMs, done);
    },
    ...noEpoll(constants),
    ioUring: null,
  };
}
