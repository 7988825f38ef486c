/** Windows on x64 and arm64: Winsock 2. See `Layouts`. */
export const win32 = {
  sockaddr_in: {
    size: 16,
    fields: {
      sin_len: null,
      sin_family: { offset: 0, size: 2 },
      sin_port: { offset: 2, size: 2 },
      sin_addr: { offset: 4, size: 4 },
    },
  },
  sockaddr_in6: {
    size: 28,
    fields: {
      sin6_len: null,
      sin6_family: { offset: 0, size: 2 },
      sin6_port: { offset: 2, size: 2 },
      sin6_flowinfo: { offset: 4, size: 4 },
      sin6_addr: { offset: 8, size: 16 },
      sin6_scope_id: { offset: 24, size: 4 },
    },
  },
  sockaddr_un: {
    size: 110,
    fields: {
      sun_len: null,
      sun_family: { offset: 0, size: 2 },
      sun_path: { offset: 2, size: 108 },
    },
  },
  sockaddr_storage: {
    size: 128,
    fields: {
      ss_len: null,
      ss_family: { offset: 0, size: 2 },
    },
  },
  pollfd: {
    size: 16,
    fields: {
      fd: { offset: 0, size: 8 },
      events: { offset: 8, size: 2 },
      revents: { offset: 10, size: 2 },
    },
  },
  epoll_event: null,
  linger: {
    size: 4,
    fields: {
      l_onoff: { offset: 0, size: 2 },
      l_linger: { offset: 2, size: 2 },
    },
  },
  timeval: null,
  timespec: null,
  iovec: {
    size: 16,
    fields: {
      iov_base: { offset: 8, size: 8 },
      iov_len: { offset: 0, size: 4 },
    },
  },
  msghdr: {
    size: 56,
    fields: {
      msg_name: { offset: 0, size: 8 },
      msg_namelen: { offset: 8, size: 4 },
      msg_iov: { offset: 16, size: 8 },
      msg_iovlen: { offset: 24, size: 4 },
      msg_control: { offset: 40, size: 8 },
      msg_controllen: { offset: 32, size: 4 },
      msg_flags: { offset: 48, size: 4 },
    },
  },
  mmsghdr: null,
  ip_mreq: {
    size: 8,
    fields: {
      imr_multiaddr: { offset: 0, size: 4 },
      imr_interface: { offset: 4, size: 4 },
    },
  },
  ip_mreqn: null,
  ipv6_mreq: {
    size: 20,
    fields: {
      ipv6mr_multiaddr: { offset: 0, size: 16 },
      ipv6mr_interface: { offset: 16, size: 4 },
    },
  },
  kevent: null,
  WSAPROTOCOL_INFOW: {
    size: 628,
    fields: {
      iAddressFamily: { offset: 76, size: 4 },
    },
  },
} as const;
