/** FreeBSD 14 and later on x64 and arm64. See `Layouts`. */
export const freebsd = {
  sockaddr_in: {
    size: 16,
    fields: {
      sin_len: { offset: 0, size: 1 },
      sin_family: { offset: 1, size: 1 },
      sin_port: { offset: 2, size: 2 },
      sin_addr: { offset: 4, size: 4 },
    },
  },
  sockaddr_in6: {
    size: 28,
    fields: {
      sin6_len: { offset: 0, size: 1 },
      sin6_family: { offset: 1, size: 1 },
      sin6_port: { offset: 2, size: 2 },
      sin6_flowinfo: { offset: 4, size: 4 },
      sin6_addr: { offset: 8, size: 16 },
      sin6_scope_id: { offset: 24, size: 4 },
    },
  },
  sockaddr_un: {
    size: 106,
    fields: {
      sun_len: { offset: 0, size: 1 },
      sun_family: { offset: 1, size: 1 },
      sun_path: { offset: 2, size: 104 },
    },
  },
  sockaddr_storage: {
    size: 128,
    fields: {
      ss_len: { offset: 0, size: 1 },
      ss_family: { offset: 1, size: 1 },
    },
  },
  pollfd: {
    size: 8,
    fields: {
      fd: { offset: 0, size: 4 },
      events: { offset: 4, size: 2 },
      revents: { offset: 6, size: 2 },
    },
  },
  epoll_event: null,
  linger: {
    size: 8,
    fields: {
      l_onoff: { offset: 0, size: 4 },
      l_linger: { offset: 4, size: 4 },
    },
  },
  timeval: {
    size: 16,
    fields: {
      tv_sec: { offset: 0, size: 8 },
      tv_usec: { offset: 8, size: 8 },
    },
  },
  timespec: {
    size: 16,
    fields: {
      tv_sec: { offset: 0, size: 8 },
      tv_nsec: { offset: 8, size: 8 },
    },
  },
  iovec: {
    size: 16,
    fields: {
      iov_base: { offset: 0, size: 8 },
      iov_len: { offset: 8, size: 8 },
    },
  },
  msghdr: {
    size: 48,
    fields: {
      msg_name: { offset: 0, size: 8 },
      msg_namelen: { offset: 8, size: 4 },
      msg_iov: { offset: 16, size: 8 },
      msg_iovlen: { offset: 24, size: 4 },
      msg_control: { offset: 32, size: 8 },
      msg_controllen: { offset: 40, size: 4 },
      msg_flags: { offset: 44, size: 4 },
    },
  },
  mmsghdr: {
    size: 56,
    fields: {
      msg_hdr: { offset: 0, size: 48 },
      msg_len: { offset: 48, size: 8 },
    },
  },
  ip_mreq: {
    size: 8,
    fields: {
      imr_multiaddr: { offset: 0, size: 4 },
      imr_interface: { offset: 4, size: 4 },
    },
  },
  ip_mreqn: {
    size: 12,
    fields: {
      imr_multiaddr: { offset: 0, size: 4 },
      imr_address: { offset: 4, size: 4 },
      imr_ifindex: { offset: 8, size: 4 },
    },
  },
  ipv6_mreq: {
    size: 20,
    fields: {
      ipv6mr_multiaddr: { offset: 0, size: 16 },
      ipv6mr_interface: { offset: 16, size: 4 },
    },
  },
  kevent: {
    size: 64,
    fields: {
      ident: { offset: 0, size: 8 },
      filter: { offset: 8, size: 2 },
      flags: { offset: 10, size: 2 },
      fflags: { offset: 12, size: 4 },
      data: { offset: 16, size: 8 },
      udata: { offset: 24, size: 8 },
    },
  },
  WSAPROTOCOL_INFOW: null,
} as const;
