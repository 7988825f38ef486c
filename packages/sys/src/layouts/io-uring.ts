/** The structs of <linux/io_uring.h>, the same on every processor. Fields of a union have the name that is used here. */
export const ioUringLayouts = {
  io_uring_sqe: {
    size: 64,
    fields: {
      opcode: { offset: 0, size: 1 },
      flags: { offset: 1, size: 1 },
      ioprio: { offset: 2, size: 2 },
      fd: { offset: 4, size: 4 },
      off: { offset: 8, size: 8 },
      addr: { offset: 16, size: 8 },
      len: { offset: 24, size: 4 },
      // Also `msg_flags`, `accept_flags`, `cancel_flags`.
      poll32_events: { offset: 28, size: 4 },
      user_data: { offset: 32, size: 8 },
      buf_group: { offset: 40, size: 2 },
    },
  },
  io_uring_cqe: {
    size: 16,
    fields: {
      user_data: { offset: 0, size: 8 },
      res: { offset: 8, size: 4 },
      flags: { offset: 12, size: 4 },
    },
  },
  io_uring_params: {
    size: 120,
    fields: {
      sq_entries: { offset: 0, size: 4 },
      cq_entries: { offset: 4, size: 4 },
      flags: { offset: 8, size: 4 },
      features: { offset: 20, size: 4 },
      sq_off: { offset: 40, size: 40 },
      cq_off: { offset: 80, size: 40 },
    },
  },
  io_sqring_offsets: {
    size: 40,
    fields: {
      head: { offset: 0, size: 4 },
      tail: { offset: 4, size: 4 },
      flags: { offset: 16, size: 4 },
      array: { offset: 24, size: 4 },
    },
  },
  io_cqring_offsets: {
    size: 40,
    fields: {
      head: { offset: 0, size: 4 },
      tail: { offset: 4, size: 4 },
      cqes: { offset: 20, size: 4 },
      flags: { offset: 24, size: 4 },
    },
  },
  io_uring_getevents_arg: {
    size: 24,
    fields: {
      sigmask: { offset: 0, size: 8 },
      sigmask_sz: { offset: 8, size: 4 },
      ts: { offset: 16, size: 8 },
    },
  },
  io_uring_buf: {
    size: 16,
    fields: {
      addr: { offset: 0, size: 8 },
      len: { offset: 8, size: 4 },
      bid: { offset: 12, size: 2 },
    },
  },
  // The first record's spare field is the ring's tail.
  io_uring_buf_ring: {
    size: 16,
    fields: {
      tail: { offset: 14, size: 2 },
    },
  },
  io_uring_buf_reg: {
    size: 40,
    fields: {
      ring_addr: { offset: 0, size: 8 },
      ring_entries: { offset: 8, size: 4 },
      bgid: { offset: 12, size: 2 },
    },
  },
} as const;

export type IoUringLayouts = typeof ioUringLayouts;
