/**
 * The numbers of io_uring(7), which only Linux has: those of <linux/io_uring.h> and what its calls need beside it. The same on
 * every processor.
 */
export const ioUringConstants = {
  // Operations.
  IORING_OP_NOP: 0,
  IORING_OP_POLL_ADD: 6,
  IORING_OP_SENDMSG: 9,
  IORING_OP_ACCEPT: 13,
  IORING_OP_ASYNC_CANCEL: 14,
  IORING_OP_SEND: 26,
  IORING_OP_RECV: 27,
  IOSQE_BUFFER_SELECT: 0x20,
  IORING_RECV_MULTISHOT: 0x2,
  IORING_ACCEPT_MULTISHOT: 0x1,

  // io_uring_setup(2)
  IORING_SETUP_CQSIZE: 0x8,
  IORING_SETUP_SUBMIT_ALL: 0x80,
  IORING_SETUP_TASKRUN_FLAG: 0x200,
  IORING_SETUP_SINGLE_ISSUER: 0x1000,
  IORING_SETUP_DEFER_TASKRUN: 0x2000,
  IORING_FEAT_SINGLE_MMAP: 0x1,
  IORING_FEAT_NODROP: 0x2,
  IORING_FEAT_SUBMIT_STABLE: 0x4,
  IORING_FEAT_FAST_POLL: 0x20,
  IORING_FEAT_EXT_ARG: 0x100,
  IORING_OFF_SQ_RING: 0,
  IORING_OFF_SQES: 0x10000000,

  // io_uring_enter(2)
  IORING_ENTER_GETEVENTS: 0x1,
  IORING_ENTER_EXT_ARG: 0x8,
  IORING_SQ_CQ_OVERFLOW: 0x2,
  IORING_SQ_TASKRUN: 0x4,
  IORING_CQ_EVENTFD_DISABLED: 0x1,
  IORING_CQE_F_BUFFER: 0x1,
  IORING_CQE_F_MORE: 0x2,
  IORING_CQE_BUFFER_SHIFT: 16,

  // io_uring_register(2)
  IORING_REGISTER_EVENTFD: 4,
  IORING_REGISTER_PBUF_RING: 22,

  // <asm-generic/unistd.h>, and the same on x64.
  __NR_io_uring_setup: 425,
  __NR_io_uring_enter: 426,
  __NR_io_uring_register: 427,

  // <bits/mman-linux.h>, <bits/mman-map-flags-generic.h>
  PROT_READ: 1,
  PROT_WRITE: 2,
  MAP_SHARED: 1,
  MAP_POPULATE: 0x8000,

  // <asm-generic/errno-base.h>, <asm-generic/errno.h>
  EBUSY: 16,
  ECANCELED: 125,
  ETIME: 62,
} as const;

export type IoUringConstants = typeof ioUringConstants;
