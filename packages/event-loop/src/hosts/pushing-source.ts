import type { PushingBackend } from "../backend.js";
import type { Hosted } from "./host.js";
import type { Source } from "./source.js";

/** A pushing backend delivers at once, from libuv's poll phase; the turn that it is part of ends after that phase. */
export function pushingSource(loop: Hosted, backend: PushingBackend): Source {
  return {
    start(ready) {
      backend.start((watched, what) => {
        loop.deliver(watched, what);
        ready();
      });
    },
    stop: () => backend.stop(),
    setReferenced: (referenced) => backend.setReferenced(referenced),
  };
}
