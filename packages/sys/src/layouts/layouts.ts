import { darwin } from "./darwin.js";
import { freebsd } from "./freebsd.js";
import { linux, packedEpollEvent } from "./linux.js";
import { win32 } from "./win32.js";

/** Where a field lies: bytes from the start of its struct, and its length in bytes. */
export interface Field {
  readonly offset: number;
  readonly size: number;
}

/** A C struct: its length in bytes, padding at the end included, and its fields. */
interface Struct<Name extends string> {
  readonly size: number;
  readonly fields: { readonly [name in Name]: Field };
}

/** The structs that hold a socket address begin with their length on BSDs, where `Length` names that byte. */
interface AddressStruct<Name extends string, Length extends string> {
  readonly size: number;
  readonly fields: { readonly [name in Name]: Field } & { readonly [name in Length]: Field | null };
}

/**
 * The C structs that system calls read and write, under the names of their headers.
 *
 * Every system here is 64-bit and little-endian, so numbers are little-endian, except those that a field's note calls
 * big-endian. `null` means that the system has no such struct. `packages/sys/probe` checks sizes and offsets against
 * the headers with a C compiler.
 */
export interface Layouts {
  /** `sin_port` is big-endian. Source: <netinet/in.h>. */
  readonly sockaddr_in: AddressStruct<"sin_family" | "sin_port" | "sin_addr", "sin_len">;
  /** `sin6_port` and `sin6_flowinfo` are big-endian. Source: <netinet/in.h>, RFC 3493, section 3.3. */
  readonly sockaddr_in6: AddressStruct<
    "sin6_family" | "sin6_port" | "sin6_flowinfo" | "sin6_addr" | "sin6_scope_id",
    "sin6_len"
  >;
  /** Source: <sys/un.h>; <afunix.h> on Windows. */
  readonly sockaddr_un: AddressStruct<"sun_family" | "sun_path", "sun_len">;
  /** Large enough for every socket address. Source: <sys/socket.h>. */
  readonly sockaddr_storage: AddressStruct<"ss_family", "ss_len">;
  /** WSAPOLLFD on Windows, whose `fd` is a 64-bit SOCKET. Source: <poll.h>; <winsock2.h>. */
  readonly pollfd: Struct<"fd" | "events" | "revents">;
  /** Packed on x64 only. Source: <sys/epoll.h>. */
  readonly epoll_event: Struct<"events" | "data"> | null;
  /** The value of SO_LINGER. Source: <sys/socket.h>; <winsock2.h>. */
  readonly linger: Struct<"l_onoff" | "l_linger">;
  /** The value of SO_RCVTIMEO and SO_SNDTIMEO; null on Windows, where that is 32 bits of milliseconds. */
  readonly timeval: Struct<"tv_sec" | "tv_usec"> | null;
  /** What kevent waits for at most. Source: <time.h>. */
  readonly timespec: Struct<"tv_sec" | "tv_nsec"> | null;
  /** WSABUF on Windows, its `len` and `buf` under these names. Source: <sys/uio.h>; <ws2def.h>. */
  readonly iovec: Struct<"iov_base" | "iov_len">;
  /** WSAMSG on Windows, its fields under these names. Source: <sys/socket.h>; <ws2def.h>. */
  readonly msghdr: Struct<
    "msg_name" | "msg_namelen" | "msg_iov" | "msg_iovlen" | "msg_control" | "msg_controllen" | "msg_flags"
  >;
  /** Source: <sys/socket.h>, for `sendmmsg` and `recvmmsg`. */
  readonly mmsghdr: Struct<"msg_hdr" | "msg_len"> | null;
  /** Source: <netinet/in.h>; <ws2ipdef.h>. */
  readonly ip_mreq: Struct<"imr_multiaddr" | "imr_interface">;
  readonly ip_mreqn: Struct<"imr_multiaddr" | "imr_address" | "imr_ifindex"> | null;
  readonly ipv6_mreq: Struct<"ipv6mr_multiaddr" | "ipv6mr_interface">;
  /** FreeBSD's has 32 bytes more, `ext`, which are zero. Source: <sys/event.h>. */
  readonly kevent: Struct<"ident" | "filter" | "flags" | "fflags" | "data" | "udata"> | null;
  /** Source: <winsock2.h>. */
  readonly WSAPROTOCOL_INFOW: Struct<"iAddressFamily"> | null;
}

/** The systems that have tables. Only Linux lays anything out differently on different processors. */
const tables: { readonly [system: string]: Layouts } = {
  "linux x64": { ...linux, epoll_event: packedEpollEvent },
  "linux arm64": linux,
  "darwin x64": darwin,
  "darwin arm64": darwin,
  "freebsd x64": freebsd,
  "freebsd arm64": freebsd,
  "win32 x64": win32,
  "win32 arm64": win32,
};

/**
 * The layouts of a system.
 *
 * @throws Error for a platform or processor without a table
 */
export function layoutsFor(platform: NodeJS.Platform, arch: NodeJS.Architecture): Layouts {
  const table = tables[`${platform} ${arch}`];
  if (table === undefined) {
    throw new Error(`layouts: expected linux, darwin, freebsd or win32 on x64 or arm64, got ${platform} on ${arch}`);
  }
  return table;
}
