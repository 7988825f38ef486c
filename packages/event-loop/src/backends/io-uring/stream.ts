import type { Socket } from "@p2pnet/socket";
import { systemError } from "@p2pnet/sys";
import { READABLE } from "../../interest.js";
import { SocketStream } from "../../streams/socket-stream.js";
import type { StreamLoop } from "../../streams/stream-loop.js";
import type { WriteQueue } from "../../streams/write-queue.js";
import type { ReadinessHandlers } from "../../watch.js";
import type { Mover } from "./mover.js";
import { Request, type Requester } from "./request.js";
import { AGAIN } from "./ring.js";
import type { Sender, SendOperation } from "./send-operation.js";
import type { Transfers } from "./transfers.js";

// <linux/io_uring.h>: literals, because they are used per message.
const BUFFER = 1;
const BUFFER_SHIFT = 16;
const MORE = 2;
const SOCKET_NOT_EMPTY = 4;
/** A chunk of more than this is part of a flow rather than a message or two. */
const SHORT_BYTES = 8_192;

const NO_HANDLERS: ReadinessHandlers = {};

/**
 * A stream on a ring. One receive stands as long as it reads, and the kernel says for each chunk in which buffer it is; what a
 * turn writes is one send, handed over with the next wait.
 */
export class RingStream extends SocketStream implements Mover, Requester, Sender {
  readonly #transfers: Transfers;
  #receive: Request | null = null;
  /** The receive is for one chunk, and not for all that come. */
  #isSingle = false;
  /** It has been told to end, and has not yet. */
  #isCancelled = false;
  /** What comes next may be much. Then one chunk is asked for at a time: nothing is read ahead of who is told. */
  #maybeMuch = true;
  #send: SendOperation | null = null;
  /** Inside of a call of the user's, from which no handler is called. */
  #isQuiet = false;
  /** Chunks that came while nobody was to be told, and then how receiving ended: 0 or the negated errno. */
  #held: (Uint8Array | number)[] | null = null;
  /** The ring is to tell what is held with its next wait. */
  #isQueued = false;
  /** The wait that something was told of last. */
  #turn = -1;

  constructor(loop: StreamLoop, socket: Socket, transfers: Transfers) {
    super(loop, socket);
    this.#transfers = transfers;
    loop.setInterest(this, READABLE);
  }

  /** @internal for the loop: there is no readiness to be told of */
  get handlers(): ReadinessHandlers {
    return NO_HANDLERS;
  }

  /** @internal called by the loop when the turn ends */
  override flush(): void {
    if (!this.active) return;
    try {
      super.flush();
    } finally {
      if (this.active) this.#settle();
    }
  }

  /** @internal the socket is not this loop's any more: what is under way ends now */
  giveUp(): void {
    const { ring } = this.#transfers;
    if (!this.#receive?.underWay && !this.#send?.underWay) return;
    if (this.#receive !== null) ring.cancel(this.#receive);
    if (this.#send !== null) ring.cancel(this.#send);
    // At once: as long as the kernel is at it the socket stays open, whoever closes it.
    ring.flush();
  }

  /** @internal something was received, or receiving has ended */
  completed(result: number, flags: number): void {
    if (flags === AGAIN) return this.#tellHeld();
    if ((flags & BUFFER) !== 0) {
      const { buffers } = this.#transfers;
      const id = flags >>> BUFFER_SHIFT;
      this.#maybeMuch = result > SHORT_BYTES || (flags & SOCKET_NOT_EMPTY) !== 0;
      try {
        if (result > 0 && this.active) this.#take(buffers.chunk(id, result));
      } finally {
        buffers.give(id);
        if ((flags & MORE) === 0) this.#isOver();
      }
      if (result > 0) return;
    }
    if ((flags & MORE) === 0) this.#isOver();
    if (!this.active || this.#transfers.receivesOnAfter(result)) return;
    if (this.#held === null && this.#tells()) this.#finish(result);
    else this.#hold(result);
  }

  /** @internal the system took so many bytes, or would not */
  sendDone(result: number): void {
    this.#send = null;
    if (!this.active) return;
    this.blocked = false;
    const queue = this.queue;
    if (result > 0 && queue !== null) {
      queue.remove(result);
      this.sent(result);
      if (queue.length === 0) {
        this.returnQueue();
        // Nothing else to do at the turn's end.
        if (!this.isEnding && !this.#isQuiet) return this.tellDrain();
      }
    } else if (result < 0 && !this.#transfers.isMomentary(result)) this.failed(systemError("write", -result));
    this.requestFlush();
  }

  /** One at a time: what comes meanwhile is the next one. */
  protected override send(queue: WriteQueue): void {
    if (!this.active) return;
    // Nobody would hand it over: the loop waits no more.
    if (this.loop.stopping) return this.#sendNow(queue);
    try {
      this.#submit(queue);
    } catch (error) {
      this.failed(error as Error);
    }
  }

  protected override sendAtOnce(queue: WriteQueue): void {
    this.send(queue);
    this.#transfers.ring.flush();
  }

  #submit(queue: WriteQueue): void {
    const transfers = this.#transfers;
    const operation = transfers.takeSend();
    const block = queue.onlyBlock;
    if (block !== null) {
      const { memory, start, end } = block;
      transfers.send(operation, this.handle, memory!.address + start, end - start);
    } else {
      operation.gather = transfers.takeGather();
      transfers.sendGathered(operation, this.handle, queue.gatherInto(operation.gather));
    }
    operation.sender = this;
    operation.queue = queue;
    queue.isBeingSent = true;
    this.#send = operation;
    this.blocked = true;
  }

  /** By the plain call. */
  #sendNow(queue: WriteQueue): void {
    try {
      const taken = queue.sendTo(this.socket);
      if (taken > 0) this.sent(taken);
    } catch (error) {
      return this.failed(error as Error);
    }
    if (queue.length === 0) this.returnQueue();
    else this.requestFlush();
  }

  /** Takes back what waits, and has the plain call take what there is room for: that tells at once. */
  protected override unblock(): void {
    const operation = this.#send;
    if (operation === null || !this.active) return;
    const result = this.#transfers.ring.takeBack(operation);
    if (result === null) return;
    this.#isQuiet = true;
    operation.complete(result);
    this.#isQuiet = false;
    if (this.queue !== null && !this.blocked && this.failure === null) this.#sendNow(this.queue);
  }

  /** At the turn's end: until then it may change again. */
  protected override updateInterest(): void {
    this.requestFlush();
  }

  protected override release(): void {
    if (this.#send !== null) {
      // The kernel may still read it.
      this.#send.sender = null;
      this.queue = null;
    }
    super.release();
    this.#send = null;
    this.#held = null;
  }

  #tells(): boolean {
    return this.input === "flowing" && this.user !== null;
  }

  /** One chunk a turn is told, so that nobody holds it. */
  #take(chunk: Uint8Array): void {
    const { turn } = this.#transfers.ring;
    if (this.#held !== null || this.#turn === turn || !this.#tells()) return this.#hold(chunk.slice());
    this.#turn = turn;
    this.user?.onData(chunk);
  }

  #hold(what: Uint8Array | number): void {
    this.#held ??= [];
    this.#held.push(what);
    this.#queueHeld();
  }

  #queueHeld(): void {
    if (this.#isQueued || this.#held === null || !this.#tells() || this.#receive === null) return;
    this.#isQueued = true;
    this.#transfers.ring.again(this.#receive);
  }

  #isOver(): void {
    this.#transfers.receiving--;
    this.#isCancelled = false;
    this.requestFlush();
  }

  #finish(result: number): void {
    if (result === 0) this.ended();
    else this.fail(systemError("read", -result));
  }

  #tellHeld(): void {
    this.#isQueued = false;
    const held = this.#held;
    if (!this.active || held === null || !this.#tells()) return;
    this.#turn = this.#transfers.ring.turn;
    const what = held.shift()!;
    if (held.length === 0) this.#held = null;
    // First: what the user does may end it all.
    if (this.#held === null) this.requestFlush();
    else this.#queueHeld();
    if (typeof what === "number") this.#finish(what);
    else this.user?.onData(what);
  }

  /** Has the kernel receive if that is wanted, and else not. */
  #settle(): void {
    this.#queueHeld();
    if (this.input === "paused") this.#maybeMuch = true;
    const wanted = this.#tells() && this.#held === null;
    if (this.#receive === null || !this.#receive.underWay) {
      if (wanted) this.#startReceive();
    } else if (!this.#isCancelled && (!wanted || (this.#maybeMuch && !this.#isSingle))) {
      this.#isCancelled = true;
      this.#transfers.ring.cancel(this.#receive);
    }
  }

  #startReceive(): void {
    this.#receive ??= new Request(this);
    this.#isSingle = this.#maybeMuch;
    this.#transfers.receive(this.#receive, this.handle, this.#isSingle);
  }
}
