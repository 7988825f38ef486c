import { type IoUringConstants, type System, system } from "@p2pnet/sys";
import { Gather } from "../../streams/gather.js";
import type { StreamLoop } from "../../streams/stream-loop.js";
import type { WriteQueue } from "../../streams/write-queue.js";
import type { Operation } from "./operation.js";
import { ReceiveBuffers } from "./receive-buffers.js";
import type { Ring } from "./ring.js";
import { SendOperation, type SendPool } from "./send-operation.js";

/** The only group of buffers. */
const GROUP = 0;
/** Kept for reuse; more are left to the garbage collector. */
const KEPT_SENDS = 1024;
const KEPT_GATHERS = 64;

/** What the streams and listeners of a ring share. */
export class Transfers implements SendPool {
  readonly ring: Ring;
  readonly system: System = system();
  readonly #numbers: IoUringConstants;
  readonly #noSignal: number;
  readonly #sends: SendOperation[] = [];
  readonly #gathers: Gather[] = [];
  /** The loop that the ring is of. */
  #loop: StreamLoop | null = null;
  /** Streams whose receive is under way. */
  receiving = 0;
  #buffers: ReceiveBuffers | null = null;
  /** When there were not enough buffers last. */
  #shortTurn = -1;

  constructor(ring: Ring) {
    this.ring = ring;
    this.#numbers = this.system.ioUring!.constants;
    this.#noSignal = this.system.constants.MSG_NOSIGNAL!;
  }

  /** A ring is one loop's. */
  belongTo(loop: StreamLoop): void {
    this.#loop = loop;
  }

  get buffers(): ReceiveBuffers {
    return this.#buffers!;
  }

  /** Has the kernel receive: one chunk, or whatever comes until that is cancelled. */
  receive(operation: Operation, handle: number, single: boolean): void {
    this.#buffers ??= new ReceiveBuffers(this.system, this.ring.registered, GROUP, this.#loop!.received);
    const { IORING_OP_RECV, IOSQE_BUFFER_SELECT, IORING_RECV_MULTISHOT } = this.#numbers;
    const code = IORING_OP_RECV | (IOSQE_BUFFER_SELECT << 8) | ((single ? 0 : IORING_RECV_MULTISHOT) << 16);
    this.receiving++;
    this.ring.submit(operation, code, handle, 0, 0, 0, GROUP);
  }

  /** Has the kernel send `length` bytes at `address`. */
  send(operation: Operation, handle: number, address: number, length: number): void {
    this.ring.submit(operation, this.#numbers.IORING_OP_SEND, handle, address, length, this.#noSignal, 0);
  }

  /** As `send`, what a `msghdr` says. */
  sendGathered(operation: Operation, handle: number, message: number): void {
    this.ring.submit(operation, this.#numbers.IORING_OP_SENDMSG, handle, message, 1, this.#noSignal, 0);
  }

  /** Whether that is no error of the connection, but of the moment, or was taken back: it will be asked again. */
  isMomentary(result: number): boolean {
    const { EAGAIN, EINTR } = this.system.constants;
    return -result === EAGAIN || -result === EINTR || -result === this.#numbers.ECANCELED;
  }

  /** As `isMomentary`, of a receive, which may also find no buffer. */
  receivesOnAfter(result: number): boolean {
    if (-result === this.system.constants.ENOBUFS) {
      this.#lackedBuffer();
      return true;
    }
    return this.isMomentary(result);
  }

  takeSend(): SendOperation {
    return this.#sends.pop() ?? new SendOperation(this);
  }

  takeGather(): Gather {
    return this.#gathers.pop() ?? new Gather();
  }

  giveSend(operation: SendOperation, gather: Gather | null): void {
    if (this.#sends.length < KEPT_SENDS) this.#sends.push(operation);
    if (gather !== null && this.#gathers.length < KEPT_GATHERS) this.#gathers.push(gather);
  }

  #lackedBuffer(): void {
    if (this.#shortTurn === this.ring.turn) return;
    this.#shortTurn = this.ring.turn;
    this.buffers.grow(this.receiving);
  }

  /** What a closed stream had under way is over. */
  dropQueue(queue: WriteQueue): void {
    this.#loop?.queues.give(queue);
  }
}
