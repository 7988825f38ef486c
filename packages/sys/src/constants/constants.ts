import { darwin } from "./darwin.js";
import { freebsd } from "./freebsd.js";
import { linux } from "./linux.js";
import { win32 } from "./win32.js";

/**
 * The numbers that a system's C headers give to names, under those names.
 *
 * `null` means that the system has no such thing, so that whoever uses it must decide what to do instead. Bit masks are
 * not negative. The numbers of one system, with the ones it lacks known to the type checker, are in `linux`, `darwin`,
 * `freebsd` and `win32`; `packages/sys/probe` checks each against the headers with a C compiler.
 */
export interface Constants {
  readonly AF_UNIX: number;
  readonly AF_INET: number;
  readonly AF_INET6: number;

  readonly SOCK_STREAM: number;
  readonly SOCK_DGRAM: number;
  /** Flags beside the type, for `socket` and `accept4`. */
  readonly SOCK_NONBLOCK: number | null;
  readonly SOCK_CLOEXEC: number | null;

  readonly IPPROTO_IP: number;
  readonly IPPROTO_TCP: number;
  readonly IPPROTO_UDP: number;
  readonly IPPROTO_IPV6: number;

  readonly SOL_SOCKET: number;
  readonly SO_ACCEPTCONN: number;
  readonly SO_BROADCAST: number;
  readonly SO_DOMAIN: number | null;
  readonly SO_ERROR: number;
  /** Windows only: nobody else may bind the port, whatever options they set. */
  readonly SO_EXCLUSIVEADDRUSE: number | null;
  readonly SO_KEEPALIVE: number;
  /** Its `l_linger` counts seconds, on macOS ticks of 10 ms: use SO_LINGER_SEC there. */
  readonly SO_LINGER: number;
  readonly SO_LINGER_SEC: number | null;
  readonly SO_NOSIGPIPE: number | null;
  readonly SO_PROTOCOL: number | null;
  /** Windows only: gives a WSAPROTOCOL_INFOW, which knows the family of an unbound socket too. */
  readonly SO_PROTOCOL_INFOW: number | null;
  readonly SO_RCVBUF: number;
  readonly SO_RCVTIMEO: number;
  readonly SO_REUSEADDR: number;
  readonly SO_REUSEPORT: number | null;
  /** FreeBSD: as SO_REUSEPORT, and connections are spread over the listeners, as Linux's SO_REUSEPORT does. */
  readonly SO_REUSEPORT_LB: number | null;
  readonly SO_SNDBUF: number;
  readonly SO_SNDTIMEO: number;
  readonly SO_TYPE: number;
  /** The longest backlog that the headers promise. Linux before 5.4 cuts it to 128. */
  readonly SOMAXCONN: number;

  readonly MSG_DONTWAIT: number | null;
  readonly MSG_NOSIGNAL: number | null;
  readonly MSG_PEEK: number;
  readonly MSG_TRUNC: number;
  readonly MSG_WAITALL: number;

  readonly TCP_NODELAY: number;
  readonly TCP_KEEPCNT: number;
  /** In seconds. Named TCP_KEEPALIVE on macOS, and on Windows in older headers. */
  readonly TCP_KEEPIDLE: number;
  /** In seconds. */
  readonly TCP_KEEPINTVL: number;
  /** In milliseconds. */
  readonly TCP_USER_TIMEOUT: number | null;

  readonly IP_ADD_MEMBERSHIP: number;
  readonly IP_DROP_MEMBERSHIP: number;
  readonly IP_MULTICAST_IF: number;
  readonly IP_MULTICAST_LOOP: number;
  readonly IP_MULTICAST_TTL: number;

  readonly IPV6_JOIN_GROUP: number;
  readonly IPV6_LEAVE_GROUP: number;
  readonly IPV6_MULTICAST_HOPS: number;
  readonly IPV6_MULTICAST_IF: number;
  readonly IPV6_MULTICAST_LOOP: number;
  readonly IPV6_V6ONLY: number;

  /** For `shutdown`: SD_RECEIVE, SD_SEND and SD_BOTH on Windows. */
  readonly SHUT_RD: number;
  readonly SHUT_WR: number;
  readonly SHUT_RDWR: number;

  readonly F_GETFD: number | null;
  readonly F_SETFD: number | null;
  readonly F_GETFL: number | null;
  readonly F_SETFL: number | null;
  readonly FD_CLOEXEC: number | null;
  readonly O_NONBLOCK: number | null;
  readonly FIONBIO: number;
  readonly FIONREAD: number;

  readonly WSA_FLAG_OVERLAPPED: number | null;
  readonly WSA_FLAG_NO_HANDLE_INHERIT: number | null;
  readonly HANDLE_FLAG_INHERIT: number | null;
  /** For WSAIoctl: whether an ICMP "port unreachable" makes the next receive of a UDP socket fail. */
  readonly SIO_UDP_CONNRESET: number | null;

  readonly POLLERR: number;
  readonly POLLHUP: number;
  readonly POLLIN: number;
  readonly POLLNVAL: number;
  readonly POLLOUT: number;
  readonly POLLPRI: number;
  readonly POLLRDHUP: number | null;

  readonly EPOLLERR: number | null;
  readonly EPOLLET: number | null;
  readonly EPOLLEXCLUSIVE: number | null;
  readonly EPOLLHUP: number | null;
  readonly EPOLLIN: number | null;
  readonly EPOLLONESHOT: number | null;
  readonly EPOLLOUT: number | null;
  readonly EPOLLPRI: number | null;
  readonly EPOLLRDHUP: number | null;
  readonly EPOLL_CLOEXEC: number | null;
  readonly EPOLL_CTL_ADD: number | null;
  readonly EPOLL_CTL_DEL: number | null;
  readonly EPOLL_CTL_MOD: number | null;
  readonly EFD_CLOEXEC: number | null;
  readonly EFD_NONBLOCK: number | null;

  /** kqueue's filters are negative, as 16 bits. */
  readonly EVFILT_READ: number | null;
  readonly EVFILT_TIMER: number | null;
  readonly EVFILT_USER: number | null;
  readonly EVFILT_WRITE: number | null;
  readonly EV_ADD: number | null;
  readonly EV_CLEAR: number | null;
  readonly EV_DELETE: number | null;
  readonly EV_DISABLE: number | null;
  readonly EV_DISPATCH: number | null;
  readonly EV_ENABLE: number | null;
  readonly EV_EOF: number | null;
  readonly EV_ERROR: number | null;
  readonly EV_ONESHOT: number | null;
  readonly EV_RECEIPT: number | null;
  readonly NOTE_TRIGGER: number | null;

  /** Errors, positive as `errno` has them; on Windows as WSAGetLastError does (WSAEACCES for EACCES, and so on). */
  readonly EACCES: number;
  readonly EADDRINUSE: number;
  readonly EADDRNOTAVAIL: number;
  readonly EAFNOSUPPORT: number;
  readonly EAGAIN: number;
  readonly EALREADY: number;
  readonly EBADF: number;
  readonly ECONNABORTED: number;
  readonly ECONNREFUSED: number;
  readonly ECONNRESET: number;
  readonly EDESTADDRREQ: number;
  readonly EEXIST: number | null;
  readonly EFAULT: number;
  readonly EHOSTDOWN: number;
  readonly EHOSTUNREACH: number;
  readonly EINPROGRESS: number;
  readonly EINTR: number;
  readonly EINVAL: number;
  readonly EISCONN: number;
  readonly EMFILE: number;
  readonly EMSGSIZE: number;
  readonly ENAMETOOLONG: number;
  readonly ENETDOWN: number;
  readonly ENETRESET: number;
  readonly ENETUNREACH: number;
  readonly ENFILE: number | null;
  readonly ENOBUFS: number;
  readonly ENOENT: number | null;
  /** WSA_NOT_ENOUGH_MEMORY on Windows. */
  readonly ENOMEM: number;
  readonly ENONET: number | null;
  readonly ENOPROTOOPT: number;
  readonly ENOSYS: number | null;
  readonly ENOTCONN: number;
  readonly ENOTSOCK: number;
  readonly EOPNOTSUPP: number;
  readonly EPERM: number | null;
  readonly EPIPE: number | null;
  readonly EPROTO: number | null;
  readonly EPROTONOSUPPORT: number;
  readonly EPROTOTYPE: number;
  readonly ESHUTDOWN: number;
  readonly ETIMEDOUT: number;
  readonly EWOULDBLOCK: number;
}

/** The systems that have tables. */
const tables: { readonly [platform in NodeJS.Platform]?: Constants } = { linux, darwin, freebsd, win32 };

/**
 * The constants of a system. Those of Linux are the same on x64 and arm64; other processors (MIPS, PowerPC, SPARC) have
 * numbers of their own.
 *
 * @throws Error for a platform or processor without a table
 */
export function constantsFor(platform: NodeJS.Platform, arch: NodeJS.Architecture): Constants {
  const table = arch === "x64" || arch === "arm64" ? tables[platform] : undefined;
  if (table === undefined) {
    throw new Error(`constants: expected linux, darwin, freebsd or win32 on x64 or arm64, got ${platform} on ${arch}`);
  }
  return table;
}
