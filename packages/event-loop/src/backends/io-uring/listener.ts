import type { Socket } from "@p2pnet/socket";
import { systemError } from "@p2pnet/sys";
import { READABLE } from "../../interest.js";
import { ACCEPTS_PER_TURN, Listener, type ListenerHandlers } from "../../streams/listener.js";
import type { Flushable, StreamLoop } from "../../streams/stream-loop.js";
import type { ReadinessHandlers } from "../../watch.js";
import type { Mover } from "./mover.js";
import { Request, type Requester } from "./request.js";
import { AGAIN } from "./ring.js";
import type { Transfers } from "./transfers.js";

// IORING_CQE_F_MORE of <linux/io_uring.h>.
const MORE = 2;

const NO_HANDLERS: ReadinessHandlers = {};

/** A listener on a ring: one request, a completion for each peer. */
export class RingListener extends Listener implements Mover, Requester, Flushable {
  readonly #transfers: Transfers;
  readonly #operation: Request;
  /** The request has been told to end, and has not yet. */
  #isCancelled = false;
  /** The ring is to tell who is held with its next wait. */
  #isQueued = false;
  /** Handles of peers that came when nobody was to be told. */
  #held: number[] = [];
  #turn = -1;
  #toldThisTurn = 0;
  #flushPending = false;

  constructor(loop: StreamLoop, socket: Socket, handlers: ListenerHandlers, transfers: Transfers) {
    super(loop, socket, handlers);
    this.#transfers = transfers;
    this.#operation = new Request(this);
    loop.setInterest(this, READABLE);
    this.#requestFlush();
  }

  /** @internal for the loop: there is no readiness to be told of */
  get handlers(): ReadinessHandlers {
    return NO_HANDLERS;
  }

  /** @internal the socket is not this loop's any more: what is under way ends now, and nobody will be told of whom it holds */
  giveUp(): void {
    for (const handle of this.#held.splice(0)) this.socket.accepted(handle).abort();
    if (!this.#operation.underWay) return;
    this.#transfers.ring.cancel(this.#operation);
    // At once: as long as the kernel accepts, the socket listens, whoever closes it.
    this.#transfers.ring.flush();
  }

  /** @internal a peer's handle, or the negated errno */
  completed(result: number, flags: number): void {
    if (flags === AGAIN) return this.#tellHeld();
    if (!this.active) {
      if (result >= 0) this.socket.accepted(result).abort();
      return;
    }
    if ((flags & MORE) === 0) {
      this.#isCancelled = false;
      this.#requestFlush();
    }
    if (result < 0) this.#failed(-result);
    else if (this.#held.length === 0 && this.#mayTell()) this.#tell(result);
    else {
      this.#held.push(result);
      this.#queueHeld();
    }
  }

  /** @internal called by the loop when the turn ends */
  flush(): void {
    this.#flushPending = false;
    if (this.active) this.#settle();
  }

  /** At the turn's end: until then it may change again. */
  protected override updateInterest(): void {
    this.#requestFlush();
  }

  #mayTell(): boolean {
    const { turn } = this.#transfers.ring;
    if (this.#turn !== turn) {
      this.#turn = turn;
      this.#toldThisTurn = 0;
    }
    return this.accepts && this.#toldThisTurn < ACCEPTS_PER_TURN;
  }

  #tell(handle: number): void {
    this.#toldThisTurn++;
    this.user.onConnection(this.socket.accepted(handle));
  }

  #tellHeld(): void {
    this.#isQueued = false;
    this.#requestFlush();
    while (this.#held.length > 0 && this.#mayTell()) this.#tell(this.#held.shift()!);
  }

  #queueHeld(): void {
    if (this.#isQueued || this.#held.length === 0 || !this.accepts) return;
    this.#isQueued = true;
    this.#transfers.ring.again(this.#operation);
  }

  #failed(errno: number): void {
    if (errno === this.#transfers.system.ioUring!.constants.ECANCELED) return;
    const error = systemError("accept", errno);
    try {
      if (this.pausesFor(error)) return;
      // The plain call knows what is only about a peer that is gone.
      const socket = this.accept();
      if (socket !== null) this.user.onConnection(socket);
    } catch (error) {
      if (!this.socket.raised(error)) throw error;
      this.onError(error);
    }
  }

  /** Has the kernel accept if that is wanted, and else not. */
  #settle(): void {
    this.#queueHeld();
    const wanted = this.accepts && this.#held.length === 0;
    if (wanted === this.#operation.underWay) return;
    const { ring, system } = this.#transfers;
    if (wanted) {
      const { IORING_OP_ACCEPT, IORING_ACCEPT_MULTISHOT } = system.ioUring!.constants;
      const { SOCK_NONBLOCK, SOCK_CLOEXEC } = system.constants;
      const code = IORING_OP_ACCEPT | (IORING_ACCEPT_MULTISHOT << 16);
      ring.submit(this.#operation, code, this.handle, 0, 0, SOCK_NONBLOCK! | SOCK_CLOEXEC!, 0);
    } else if (!this.#isCancelled) {
      this.#isCancelled = true;
      ring.cancel(this.#operation);
    }
  }

  #requestFlush(): void {
    if (this.#flushPending || !this.active) return;
    this.#flushPending = true;
    this.loop.atTurnEnd(this);
  }
}
