import { EventLoop } from "./event-loop.js";

let loop: EventLoop | null = null;

/**
 * This thread's default loop, made at first use. It runs by itself while it has something to watch and rests otherwise:
 * nobody calls its `run`.
 */
export function defaultLoop(): EventLoop {
  loop ??= new EventLoop({ autoRun: true });
  return loop;
}
