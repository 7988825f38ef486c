import { type System, systemError } from "@p2pnet/sys";
import { expectInteger, SocketError } from "./errors.js";

const MAX_INT = 0x7fffffff;

/**
 * A socket's options. Reading asks the system, writing tells it; what it refuses is a `SystemError`, what the platform
 * does not have is `ERR_INVALID_ARG_VALUE`. Source: socket(7), tcp(7), ipv6(7).
 */
export class SocketOptions {
  readonly #system: System;
  readonly #handle: () => number;

  constructor(system: System, handle: () => number) {
    this.#system = system;
    this.#handle = handle;
  }

  /** Small messages leave at once instead of waiting for more (Nagle's algorithm off). */
  get noDelay(): boolean {
    return this.#get(this.#system.constants.IPPROTO_TCP, this.#system.constants.TCP_NODELAY, "noDelay") !== 0;
  }
  set noDelay(on: boolean) {
    this.#set(this.#system.constants.IPPROTO_TCP, this.#system.constants.TCP_NODELAY, "noDelay", on ? 1 : 0);
  }

  /** Probes an idle peer, and fails the connection when it stays silent. */
  get keepAlive(): boolean {
    return this.#getSocket(this.#system.constants.SO_KEEPALIVE, "keepAlive") !== 0;
  }
  set keepAlive(on: boolean) {
    this.#setSocket(this.#system.constants.SO_KEEPALIVE, "keepAlive", on ? 1 : 0);
  }

  /** Seconds of silence before the first probe. */
  get keepAliveIdleSeconds(): number {
    return this.#get(this.#system.constants.IPPROTO_TCP, this.#system.constants.TCP_KEEPIDLE, "keepAliveIdleSeconds");
  }
  set keepAliveIdleSeconds(seconds: number) {
    this.#setTcp(this.#system.constants.TCP_KEEPIDLE, "keepAliveIdleSeconds", seconds, 32_767);
  }

  /** Seconds between probes. */
  get keepAliveIntervalSeconds(): number {
    const { IPPROTO_TCP, TCP_KEEPINTVL } = this.#system.constants;
    return this.#get(IPPROTO_TCP, TCP_KEEPINTVL, "keepAliveIntervalSeconds");
  }
  set keepAliveIntervalSeconds(seconds: number) {
    this.#setTcp(this.#system.constants.TCP_KEEPINTVL, "keepAliveIntervalSeconds", seconds, 32_767);
  }

  /** Unanswered probes before the connection fails. */
  get keepAliveProbes(): number {
    return this.#get(this.#system.constants.IPPROTO_TCP, this.#system.constants.TCP_KEEPCNT, "keepAliveProbes");
  }
  set keepAliveProbes(count: number) {
    this.#setTcp(this.#system.constants.TCP_KEEPCNT, "keepAliveProbes", count, 127);
  }

  /**
   * Seconds, at most 65,535, that `close` may wait for what was sent to be acknowledged, blocking the thread even for a
   * non-blocking socket; 0 makes closing a reset; null, the default, sends in the background.
   */
  get linger(): number | null {
    const value = new Uint8Array(this.#system.layouts.linger.size);
    this.#read(this.#system.constants.SOL_SOCKET, this.#lingerName, "linger", value);
    const { l_onoff, l_linger } = this.#system.layouts.linger.fields;
    return readField(value, l_onoff) === 0 ? null : readField(value, l_linger);
  }
  set linger(seconds: number | null) {
    if (seconds !== null) expectInteger("linger", seconds, 0, 65_535);
    const value = new Uint8Array(this.#system.layouts.linger.size);
    const { l_onoff, l_linger } = this.#system.layouts.linger.fields;
    writeField(value, l_onoff, seconds === null ? 0 : 1);
    writeField(value, l_linger, seconds ?? 0);
    this.#write(this.#system.constants.SOL_SOCKET, this.#lingerName, "linger", value);
  }

  /** Bytes of the system's send buffer. Linux keeps twice what it is told, for its own bookkeeping. */
  get sendBufferSize(): number {
    return this.#getSocket(this.#system.constants.SO_SNDBUF, "sendBufferSize");
  }
  set sendBufferSize(bytes: number) {
    this.#setSocket(
      this.#system.constants.SO_SNDBUF,
      "sendBufferSize",
      expectInteger("sendBufferSize", bytes, 1, MAX_INT),
    );
  }

  /** Bytes of the system's receive buffer; see `sendBufferSize`. */
  get receiveBufferSize(): number {
    return this.#getSocket(this.#system.constants.SO_RCVBUF, "receiveBufferSize");
  }
  set receiveBufferSize(bytes: number) {
    const checked = expectInteger("receiveBufferSize", bytes, 1, MAX_INT);
    this.#setSocket(this.#system.constants.SO_RCVBUF, "receiveBufferSize", checked);
  }

  /** Binds although old connections of the address linger; never steals an address that another socket listens on. */
  get reuseAddress(): boolean {
    const { SO_EXCLUSIVEADDRUSE, SO_REUSEADDR } = this.#system.constants;
    // Windows' SO_REUSEADDR would let a second server steal the port.
    return this.#getSocket(SO_EXCLUSIVEADDRUSE ?? SO_REUSEADDR, "reuseAddress") !== 0;
  }
  set reuseAddress(on: boolean) {
    const { SO_EXCLUSIVEADDRUSE, SO_REUSEADDR } = this.#system.constants;
    this.#setSocket(SO_EXCLUSIVEADDRUSE ?? SO_REUSEADDR, "reuseAddress", on ? 1 : 0);
  }

  /** Several sockets of one user bind the same address, and the system spreads connections over them. */
  get reusePort(): boolean {
    return this.#getSocket(this.#reusePortName, "reusePort") !== 0;
  }
  set reusePort(on: boolean) {
    this.#setSocket(this.#reusePortName, "reusePort", on ? 1 : 0);
  }

  /** IPv6 sockets only: false also takes IPv4 peers, as `::ffff:a.b.c.d`. Set it before `bind`. */
  get ipv6Only(): boolean {
    return this.#get(this.#system.constants.IPPROTO_IPV6, this.#system.constants.IPV6_V6ONLY, "ipv6Only") !== 0;
  }
  set ipv6Only(on: boolean) {
    this.#set(this.#system.constants.IPPROTO_IPV6, this.#system.constants.IPV6_V6ONLY, "ipv6Only", on ? 1 : 0);
  }

  /** Blocking sockets: milliseconds that `recv` and `accept` wait before they give `WOULD_BLOCK` or null; 0 for ever. */
  get receiveTimeoutMs(): number {
    return this.#getTimeout(this.#system.constants.SO_RCVTIMEO, "receiveTimeoutMs");
  }
  set receiveTimeoutMs(ms: number) {
    this.#setTimeout(this.#system.constants.SO_RCVTIMEO, "receiveTimeoutMs", ms);
  }

  /**
   * Blocking sockets: milliseconds that `send` waits for room before it gives `WOULD_BLOCK`, and `connect` for an answer
   * before it gives false; 0 for ever.
   */
  get sendTimeoutMs(): number {
    return this.#getTimeout(this.#system.constants.SO_SNDTIMEO, "sendTimeoutMs");
  }
  set sendTimeoutMs(ms: number) {
    this.#setTimeout(this.#system.constants.SO_SNDTIMEO, "sendTimeoutMs", ms);
  }

  /** The system's number for the socket's type (`SOCK_STREAM`, ...). */
  get type(): number {
    return this.#getSocket(this.#system.constants.SO_TYPE, "type");
  }

  /** Reads and clears the pending error: the system's own number, or 0. */
  takeError(): number {
    return this.#getSocket(this.#system.constants.SO_ERROR, "error");
  }

  #getSocket(name: number | null, label: string): number {
    return this.#get(this.#system.constants.SOL_SOCKET, name, label);
  }

  #setSocket(name: number | null, label: string, value: number): void {
    this.#set(this.#system.constants.SOL_SOCKET, name, label, value);
  }

  #setTcp(name: number | null, label: string, value: number, max: number): void {
    this.#set(this.#system.constants.IPPROTO_TCP, name, label, expectInteger(label, value, 1, max));
  }

  #get(level: number, name: number | null, label: string): number {
    const value = new Int32Array(1);
    this.#read(level, name, label, new Uint8Array(value.buffer));
    return value[0]!;
  }

  #set(level: number, name: number | null, label: string, value: number): void {
    this.#write(level, name, label, new Uint8Array(Int32Array.of(value).buffer));
  }

  /** FreeBSD's plain SO_REUSEPORT gives all connections to one socket. */
  get #reusePortName(): number | null {
    return this.#system.constants.SO_REUSEPORT_LB ?? this.#system.constants.SO_REUSEPORT;
  }

  /** macOS counts SO_LINGER in ticks. */
  get #lingerName(): number {
    return this.#system.constants.SO_LINGER_SEC ?? this.#system.constants.SO_LINGER;
  }

  // A timeval of seconds and microseconds on Unix, 32 bits of milliseconds on Windows.
  #getTimeout(name: number, label: string): number {
    const { timeval } = this.#system.layouts;
    const value = new Uint8Array(timeval?.size ?? 4);
    this.#read(this.#system.constants.SOL_SOCKET, name, label, value);
    if (timeval === null) return readField(value, { offset: 0, size: 4 });
    const { tv_sec, tv_usec } = timeval.fields;
    return readField(value, tv_sec) * 1000 + readField(value, tv_usec) / 1000;
  }

  #setTimeout(name: number, label: string, ms: number): void {
    expectInteger(label, ms, 0, MAX_INT);
    const { timeval } = this.#system.layouts;
    const value = new Uint8Array(timeval?.size ?? 4);
    if (timeval === null) writeField(value, { offset: 0, size: 4 }, ms);
    else {
      writeField(value, timeval.fields.tv_sec, Math.floor(ms / 1000));
      writeField(value, timeval.fields.tv_usec, (ms % 1000) * 1000);
    }
    this.#write(this.#system.constants.SOL_SOCKET, name, label, value);
  }

  #read(level: number, name: number | null, label: string, into: Uint8Array): void {
    const result = this.#system.getOption(this.#handle(), level, this.#known(name, label), into);
    if (result < 0) throw systemError("getsockopt", -result);
  }

  #write(level: number, name: number | null, label: string, value: Uint8Array): void {
    const result = this.#system.setOption(this.#handle(), level, this.#known(name, label), value);
    if (result < 0) throw systemError("setsockopt", -result);
  }

  #known(name: number | null, label: string): number {
    if (name !== null) return name;
    throw new SocketError("ERR_INVALID_ARG_VALUE", `${label}: expected an option of this platform, got one it lacks`);
  }
}

type Field = { readonly offset: number; readonly size: number };

// Little-endian and at most 2^32, as every value here is: the rest of a wider field stays 0.
function readField(value: Uint8Array, { offset, size }: Field): number {
  const view = new DataView(value.buffer);
  return size === 2 ? view.getUint16(offset, true) : view.getUint32(offset, true);
}

function writeField(value: Uint8Array, { offset, size }: Field, number: number): void {
  const view = new DataView(value.buffer);
  if (size === 2) view.setUint16(offset, number, true);
  else view.setUint32(offset, number, true);
}
