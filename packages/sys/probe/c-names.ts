/** How a system's headers call what the tables call by the names of POSIX. */
export interface CNames {
  /** The first lines of the C file: the headers. */
  readonly preamble: readonly string[];
  /** Constants of the tables that older headers of a supported system lack: checked where they are there. */
  readonly missingInSomeHeaders: readonly string[];
  constant(name: string): string;
  struct(name: string): string;
  field(struct: string, name: string): string;
}

export function cNames(platform: NodeJS.Platform): CNames {
  if (platform === "win32") return win32;
  if (platform === "linux") return posix(["sys/epoll.h", "sys/eventfd.h"]);
  if (platform === "freebsd") return posix(["sys/event.h", "sys/eventfd.h"]);
  if (platform !== "darwin") throw new Error(`probe: expected linux, darwin, freebsd or win32, got ${platform}`);
  return {
    ...posix(["sys/event.h"]),
    missingInSomeHeaders: ["MSG_NOSIGNAL"],
    constant: (name) => (name === "TCP_KEEPIDLE" ? "TCP_KEEPALIVE" : name),
  };
}

const include = (headers: readonly string[]): string[] => headers.map((header) => `#include <${header}>`);

function posix(headers: readonly string[]): CNames {
  const everywhere = ["sys/types.h", "sys/socket.h", "sys/time.h", "sys/uio.h", "sys/un.h", "sys/ioctl.h"];
  const internet = ["netinet/in.h", "netinet/tcp.h"];
  const rest = ["errno.h", "fcntl.h", "poll.h", "stddef.h"];
  return {
    preamble: ["#define _GNU_SOURCE", ...include([...everywhere, ...internet, ...rest, ...headers])],
    missingInSomeHeaders: [],
    constant: (name) => name,
    struct: (name) => `struct ${name}`,
    field: (_struct, name) => name,
  };
}

const win32Constants: { readonly [name: string]: string } = {
  EAGAIN: "WSAEWOULDBLOCK",
  ENOMEM: "WSA_NOT_ENOUGH_MEMORY",
  SHUT_RD: "SD_RECEIVE",
  SHUT_WR: "SD_SEND",
  SHUT_RDWR: "SD_BOTH",
};

const win32Structs: { readonly [name: string]: string } = {
  pollfd: "WSAPOLLFD",
  iovec: "WSABUF",
  msghdr: "WSAMSG",
  WSAPROTOCOL_INFOW: "WSAPROTOCOL_INFOW",
};

const win32Fields: { readonly [name: string]: string } = {
  "iovec.iov_base": "buf",
  "iovec.iov_len": "len",
  "msghdr.msg_name": "name",
  "msghdr.msg_namelen": "namelen",
  "msghdr.msg_iov": "lpBuffers",
  "msghdr.msg_iovlen": "dwBufferCount",
  "msghdr.msg_control": "Control.buf",
  "msghdr.msg_controllen": "Control.len",
  "msghdr.msg_flags": "dwFlags",
};

const win32: CNames = {
  preamble: [
    "#define _WIN32_WINNT 0x0A00",
    ...include(["winsock2.h", "ws2tcpip.h", "mswsock.h", "afunix.h", "stddef.h"]),
  ],
  missingInSomeHeaders: ["TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT"],
  constant: (name) => win32Constants[name] ?? (/^E[A-Z]+$/.test(name) ? `WSA${name}` : name),
  struct: (name) => win32Structs[name] ?? `struct ${name}`,
  field: (struct, name) => win32Fields[`${struct}.${name}`] ?? name,
};
