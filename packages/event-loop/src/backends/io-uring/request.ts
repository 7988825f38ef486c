import { Operation } from "./operation.js";

/** Whoever has asked for something that may be completed many times. */
export interface Requester {
  completed(result: number, flags: number): void;
}

/** A request that stands: a stream's receive, or a listener's accept. Each completion is told, in its turn. */
export class Request extends Operation {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    super();
    this.#requester = requester;
  }

  override complete(result: number, flags: number): void {
    this.#requester.completed(result, flags);
  }
}
