import type { System } from "@p2pnet/sys";
import { expectInteger } from "./errors.js";
import type { SocketType } from "./kind.js";
import { interfaceText, interfaceValue } from "./multicast.js";
import { OptionAccess } from "./option-access.js";

/** The options of datagrams to many. Source: ip(7), ipv6(7), RFC 3493, section 5.2. */
export abstract class DatagramOptions extends OptionAccess {
  protected readonly of: SocketType;

  constructor(system: System, handle: () => number, of: SocketType = { kind: "tcp", family: 4 }) {
    super(system, handle);
    this.of = of;
  }

  /** UDP over IPv4: whether it may send to broadcast addresses, which are EACCES otherwise. */
  get broadcast(): boolean {
    return this.getNumber(this.system.constants.SOL_SOCKET, this.system.constants.SO_BROADCAST, "broadcast") !== 0;
  }
  set broadcast(on: boolean) {
    const { SOL_SOCKET, SO_BROADCAST } = this.system.constants;
    this.setNumber(SOL_SOCKET, SO_BROADCAST, "broadcast", on ? 1 : 0);
  }

  /** Routers that a datagram to a group may pass, plus one: 1, the default, stays in the local network; 0 on the machine. */
  get multicastTtl(): number {
    return this.#get("TTL", "multicastTtl");
  }
  set multicastTtl(hops: number) {
    this.#set("TTL", "multicastTtl", expectInteger("multicastTtl", hops, 0, 255));
  }

  /** Whether what is sent to a group also comes to members on this machine. On by default. */
  get multicastLoop(): boolean {
    return this.#get("LOOP", "multicastLoop") !== 0;
  }
  set multicastLoop(on: boolean) {
    this.#set("LOOP", "multicastLoop", on ? 1 : 0);
  }

  /**
   * The interface through which datagrams to groups leave. Set it by name (`eth0`), or, for IPv4, by one of its addresses
   * (`0.0.0.0` for the system's choice), for IPv6 by number (`0` for the system's choice). It reads as the address or number.
   */
  get multicastInterface(): string {
    const into = new Uint8Array(4);
    this.read(this.#level, this.#names.IF, "multicastInterface", into);
    return interfaceText(into, this.of.family);
  }
  set multicastInterface(name: string) {
    const value = interfaceValue(this.system, name, this.of.family);
    this.write(this.#level, this.#names.IF, "multicastInterface", value);
  }

  #get(name: "TTL" | "LOOP", label: string): number {
    return this.getNumber(this.#level, this.#names[name], label);
  }

  #set(name: "TTL" | "LOOP", label: string, value: number): void {
    this.setNumber(this.#level, this.#names[name], label, value);
  }

  get #level(): number {
    const { IPPROTO_IP, IPPROTO_IPV6 } = this.system.constants;
    return this.of.family === 6 ? IPPROTO_IPV6 : IPPROTO_IP;
  }

  get #names(): { TTL: number; LOOP: number; IF: number } {
    const c = this.system.constants;
    return this.of.family === 6
      ? { TTL: c.IPV6_MULTICAST_HOPS, LOOP: c.IPV6_MULTICAST_LOOP, IF: c.IPV6_MULTICAST_IF }
      : { TTL: c.IP_MULTICAST_TTL, LOOP: c.IP_MULTICAST_LOOP, IF: c.IP_MULTICAST_IF };
  }
}
