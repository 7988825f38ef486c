import { DatagramOptions } from "./datagram-options.js";
import { expectInteger } from "./errors.js";
import { readField, writeField } from "./struct-field.js";

const MAX_INT = 0x7fffffff;

/**
 * A socket's options. Reading asks the system, writing tells it; what it refuses is a `SystemError`, what the platform
 * does not have is `ERR_INVALID_ARG_VALUE`. Source: socket(7), tcp(7), ipv6(7).
 */
export class SocketOptions extends DatagramOptions {
  /** Small messages leave at once instead of waiting for more (Nagle's algorithm off). */
  get noDelay(): boolean {
    return this.getNumber(this.system.constants.IPPROTO_TCP, this.system.constants.TCP_NODELAY, "noDelay") !== 0;
  }
  set noDelay(on: boolean) {
    this.setNumber(this.system.constants.IPPROTO_TCP, this.system.constants.TCP_NODELAY, "noDelay", on ? 1 : 0);
  }

  /** Probes an idle peer, and fails the connection when it stays silent. */
  get keepAlive(): boolean {
    return this.#getSocket(this.system.constants.SO_KEEPALIVE, "keepAlive") !== 0;
  }
  set keepAlive(on: boolean) {
    this.#setSocket(this.system.constants.SO_KEEPALIVE, "keepAlive", on ? 1 : 0);
  }

  /** Seconds of silence before the first probe. */
  get keepAliveIdleSeconds(): number {
    return this.getNumber(
      this.system.constants.IPPROTO_TCP,
      this.system.constants.TCP_KEEPIDLE,
      "keepAliveIdleSeconds",
    );
  }
  set keepAliveIdleSeconds(seconds: number) {
    this.#setTcp(this.system.constants.TCP_KEEPIDLE, "keepAliveIdleSeconds", seconds, 32_767);
  }

  /** Seconds between probes. */
  get keepAliveIntervalSeconds(): number {
    const { IPPROTO_TCP, TCP_KEEPINTVL } = this.system.constants;
    return this.getNumber(IPPROTO_TCP, TCP_KEEPINTVL, "keepAliveIntervalSeconds");
  }
  set keepAliveIntervalSeconds(seconds: number) {
    this.#setTcp(this.system.constants.TCP_KEEPINTVL, "keepAliveIntervalSeconds", seconds, 32_767);
  }

  /** Unanswered probes before the connection fails. */
  get keepAliveProbes(): number {
    return this.getNumber(this.system.constants.IPPROTO_TCP, this.system.constants.TCP_KEEPCNT, "keepAliveProbes");
  }
  set keepAliveProbes(count: number) {
    this.#setTcp(this.system.constants.TCP_KEEPCNT, "keepAliveProbes", count, 127);
  }

  /**
   * Seconds, at most 65,535, that `close` may wait for what was sent to be acknowledged, blocking the thread even for a
   * non-blocking socket; 0 makes closing a reset; null, the default, sends in the background.
   */
  get linger(): number | null {
    const value = new Uint8Array(this.system.layouts.linger.size);
    this.read(this.system.constants.SOL_SOCKET, this.#lingerName, "linger", value);
    const { l_onoff, l_linger } = this.system.layouts.linger.fields;
    return readField(view(value), 0, l_onoff) === 0 ? null : readField(view(value), 0, l_linger);
  }
  set linger(seconds: number | null) {
    if (seconds !== null) expectInteger("linger", seconds, 0, 65_535);
    const value = new Uint8Array(this.system.layouts.linger.size);
    const { l_onoff, l_linger } = this.system.layouts.linger.fields;
    writeField(view(value), 0, l_onoff, seconds === null ? 0 : 1);
    writeField(view(value), 0, l_linger, seconds ?? 0);
    this.write(this.system.constants.SOL_SOCKET, this.#lingerName, "linger", value);
  }

  /** Bytes of the system's send buffer. Linux keeps twice what it is told, for its own bookkeeping. */
  get sendBufferSize(): number {
    return this.#getSocket(this.system.constants.SO_SNDBUF, "sendBufferSize");
  }
  set sendBufferSize(bytes: number) {
    this.#setSocket(
      this.system.constants.SO_SNDBUF,
      "sendBufferSize",
      expectInteger("sendBufferSize", bytes, 1, MAX_INT),
    );
  }

  /** Bytes of the system's receive buffer; see `sendBufferSize`. */
  get receiveBufferSize(): number {
    return this.#getSocket(this.system.constants.SO_RCVBUF, "receiveBufferSize");
  }
  set receiveBufferSize(bytes: number) {
    const checked = expectInteger("receiveBufferSize", bytes, 1, MAX_INT);
    this.#setSocket(this.system.constants.SO_RCVBUF, "receiveBufferSize", checked);
  }

  /**
   * TCP: binds although old connections of the address linger; never steals an address that another socket listens on.
   * UDP: several sockets that all have it set bind the same address, as the members of a multicast group on one machine do.
   */
  get reuseAddress(): boolean {
    return this.#getSocket(this.#reuseAddressName, "reuseAddress") !== 0;
  }
  set reuseAddress(on: boolean) {
    this.#setSocket(this.#reuseAddressName, "reuseAddress", on ? 1 : 0);
  }

  /** Several sockets of one user bind the same address, and the system spreads connections, or datagrams, over them. */
  get reusePort(): boolean {
    return this.#getSocket(this.#reusePortName, "reusePort") !== 0;
  }
  set reusePort(on: boolean) {
    this.#setSocket(this.#reusePortName, "reusePort", on ? 1 : 0);
  }

  /** IPv6 sockets only: false also takes IPv4 peers, as `::ffff:a.b.c.d`. Set it before `bind`. */
  get ipv6Only(): boolean {
    return this.getNumber(this.system.constants.IPPROTO_IPV6, this.system.constants.IPV6_V6ONLY, "ipv6Only") !== 0;
  }
  set ipv6Only(on: boolean) {
    this.setNumber(this.system.constants.IPPROTO_IPV6, this.system.constants.IPV6_V6ONLY, "ipv6Only", on ? 1 : 0);
  }

  /** Blocking sockets: milliseconds that `recv` and `accept` wait before they give `WOULD_BLOCK` or null; 0 for ever. */
  get receiveTimeoutMs(): number {
    return this.#getTimeout(this.system.constants.SO_RCVTIMEO, "receiveTimeoutMs");
  }
  set receiveTimeoutMs(ms: number) {
    this.#setTimeout(this.system.constants.SO_RCVTIMEO, "receiveTimeoutMs", ms);
  }

  /**
   * Blocking sockets: milliseconds that `send` waits for room before it gives `WOULD_BLOCK`, and `connect` for an answer
   * before it gives false; 0 for ever.
   */
  get sendTimeoutMs(): number {
    return this.#getTimeout(this.system.constants.SO_SNDTIMEO, "sendTimeoutMs");
  }
  set sendTimeoutMs(ms: number) {
    this.#setTimeout(this.system.constants.SO_SNDTIMEO, "sendTimeoutMs", ms);
  }

  /** The system's number for the socket's type (`SOCK_STREAM`, ...). */
  get type(): number {
    return this.#getSocket(this.system.constants.SO_TYPE, "type");
  }

  /** Reads and clears the pending error: the system's own number, or 0. */
  takeError(): number {
    return this.#getSocket(this.system.constants.SO_ERROR, "error");
  }

  #getSocket(name: number | null, label: string): number {
    return this.getNumber(this.system.constants.SOL_SOCKET, name, label);
  }

  #setSocket(name: number | null, label: string, value: number): void {
    this.setNumber(this.system.constants.SOL_SOCKET, name, label, value);
  }

  #setTcp(name: number | null, label: string, value: number, max: number): void {
    this.setNumber(this.system.constants.IPPROTO_TCP, name, label, expectInteger(label, value, 1, max));
  }

  /** Windows' SO_REUSEADDR would let a second server steal a TCP port, where old connections are in nobody's way. */
  get #reuseAddressName(): number {
    const { SO_EXCLUSIVEADDRUSE, SO_REUSEADDR } = this.system.constants;
    return this.of.kind === "udp" ? SO_REUSEADDR : (SO_EXCLUSIVEADDRUSE ?? SO_REUSEADDR);
  }

  /** FreeBSD's plain SO_REUSEPORT gives all connections to one socket. */
  get #reusePortName(): number | null {
    return this.system.constants.SO_REUSEPORT_LB ?? this.system.constants.SO_REUSEPORT;
  }

  /** macOS counts SO_LINGER in ticks. */
  get #lingerName(): number {
    return this.system.constants.SO_LINGER_SEC ?? this.system.constants.SO_LINGER;
  }

  // A timeval of seconds and microseconds on Unix, 32 bits of milliseconds on Windows.
  #getTimeout(name: number, label: string): number {
    const { timeval } = this.system.layouts;
    const value = new Uint8Array(timeval?.size ?? 4);
    this.read(this.system.constants.SOL_SOCKET, name, label, value);
    if (timeval === null) return readField(view(value), 0, { offset: 0, size: 4 });
    const { tv_sec, tv_usec } = timeval.fields;
    return readField(view(value), 0, tv_sec) * 1000 + readField(view(value), 0, tv_usec) / 1000;
  }

  #setTimeout(name: number, label: string, ms: number): void {
    expectInteger(label, ms, 0, MAX_INT);
    const { timeval } = this.system.layouts;
    const value = new Uint8Array(timeval?.size ?? 4);
    if (timeval === null) writeField(view(value), 0, { offset: 0, size: 4 }, ms);
    else {
      writeField(view(value), 0, timeval.fields.tv_sec, Math.floor(ms / 1000));
      writeField(view(value), 0, timeval.fields.tv_usec, (ms % 1000) * 1000);
    }
    this.write(this.system.constants.SOL_SOCKET, name, label, value);
  }
}

const view = (value: Uint8Array): DataView => new DataView(value.buffer);
