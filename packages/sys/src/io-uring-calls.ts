import type { CFunction, CLibrary } from "./c-function.js";
import type { Constants } from "./constants/constants.js";
import { type IoUringConstants, ioUringConstants } from "./constants/io-uring.js";
import { type IoUringLayouts, ioUringLayouts } from "./layouts/io-uring.js";
import type { Layouts } from "./layouts/layouts.js";
import { ffi } from "./load.js";
import type { MappedMemory } from "./mapped-memory.js";
import { NativeMemory } from "./memory.js";
import { Timespec } from "./timespec.js";

/**
 * io_uring(7), in the manner of `System`: results are what the system returned, or the negated errno. The C library has no
 * functions for these calls, so they go through syscall(2). Source: io_uring_setup(2), io_uring_enter(2),
 * io_uring_register(2) of liburing.
 */
export interface IoUringCalls {
  readonly constants: IoUringConstants;
  readonly layouts: IoUringLayouts;
  /** A ring that no exec inherits. `parameters` is an `io_uring_params`, which it fills. */
  setup(entries: number, parameters: Uint8Array): number;
  /**
   * Submits so many entries, does what the ring has put off, and waits until `completions` are there, for up to `timeoutMs`
   * milliseconds (-1: for ever). That the time is over or a signal came is 0. How many were submitted is the ring's to say:
   * its head has moved.
   */
  enter(ring: number, submissions: number, completions: number, timeoutMs: number): number;
  /** `argument` is an address, of what `operation` needs. */
  register(ring: number, operation: number, argument: number, count: number): number;
  /** Maps `length` bytes of the ring's memory, from `offset` on; or the negated errno. */
  map(ring: number, offset: number, length: number): MappedMemory | number;
  /** An eventfd(2) that does not block and that no exec inherits: readable while it counts something. */
  event(): number;
  /** Adds one to what it counts. */
  raise(event: number): number;
  /** Has it count nothing. */
  lower(event: number): number;
}

export function ioUringCalls(libc: CLibrary, constants: Constants, layouts: Layouts, errno: Int32Array): IoUringCalls {
  const { EINTR, EFD_CLOEXEC, EFD_NONBLOCK } = constants;
  const numbers = ioUringConstants;
  const { IORING_ENTER_GETEVENTS, IORING_ENTER_EXT_ARG, ETIME } = numbers;
  const c = functions(libc);
  const failed = (): number => -errno[0]!;
  const told = (result: number): number => (result >= 0 ? result : failed());

  // One for all rings: the call reads it before it waits, and nothing else runs on this thread meanwhile.
  const timeout = new Timespec(layouts);
  const { size, fields } = ioUringLayouts.io_uring_getevents_arg;
  const wait = new NativeMemory(size);
  new DataView(wait.bytes.buffer).setBigUint64(fields.ts.offset, BigInt(timeout.address), true);

  const one = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);
  const count = new Uint8Array(8);

  return {
    constants: ioUringConstants,
    layouts: ioUringLayouts,
    setup(entries, parameters) {
      return told(c.setup(numbers.__NR_io_uring_setup, entries, parameters));
    },
    enter(ring, submissions, completions, timeoutMs) {
      let flags: number = IORING_ENTER_GETEVENTS;
      let argument = 0;
      if (completions > 0 && timeoutMs >= 0) {
        flags |= IORING_ENTER_EXT_ARG;
        timeout.set(timeoutMs);
        argument = wait.address;
      }
      const length = argument === 0 ? 0 : size;
      const result = c.enter(numbers.__NR_io_uring_enter, ring, submissions, completions, flags, argument, length);
      if (result >= 0) return result;
      return errno[0] === EINTR || errno[0] === ETIME ? 0 : failed();
    },
    register(ring, operation, argument, count) {
      return told(c.register(numbers.__NR_io_uring_register, ring, operation, argument, count));
    },
    map(ring, offset, length) {
      const { PROT_READ, PROT_WRITE, MAP_SHARED, MAP_POPULATE } = numbers;
      const address = c.mmap(0, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, offset);
      if (address === -1) return failed();
      return mapped(address, length, c.munmap);
    },
    // None of these waits, so that no signal interrupts them.
    event: () => told(c.eventfd(0, EFD_CLOEXEC! | EFD_NONBLOCK!)),
    raise: (event) => told(c.write(event, one, one.length)),
    lower: (event) => told(c.read(event, count, count.length)),
  };
}

function functions(libc: CLibrary) {
  return {
    setup: libc.func("intptr_t syscall(intptr_t, uint32_t, void*)"),
    enter: libc.func("intptr_t syscall(intptr_t, uint32_t, uint32_t, uint32_t, uint32_t, uintptr_t, size_t)"),
    register: libc.func("intptr_t syscall(intptr_t, uint32_t, uint32_t, uintptr_t, uint32_t)"),
    mmap: libc.func("intptr_t mmap(uintptr_t, size_t, int, int, int, intptr_t)"),
    munmap: libc.func("int munmap(uintptr_t, size_t)"),
    eventfd: libc.func("int eventfd(unsigned int, int)"),
    read: libc.func("intptr_t read(int, void*, size_t)"),
    write: libc.func("intptr_t write(int, void*, size_t)"),
  };
}

function mapped(address: number, length: number, munmap: CFunction): MappedMemory {
  let isMapped = true;
  return {
    bytes: new Uint8Array(ffi().view(address, length)),
    unmap() {
      if (isMapped) munmap(address, length);
      isMapped = false;
    },
  };
}
