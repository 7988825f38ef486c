// A worker that does what its clients tell it: the first word is the command, the rest its text.
import { workerContext } from "@p2pnet/connection";

const worker = workerContext();
const { data } = worker;
if (data.throws === worker.index) throw new TypeError("no room");
if (data.silent) setInterval(() => {}, 1_000);
else await serve();

async function serve() {
  const commands = {
    echo: (peer, text) => peer.send(text),
    who: (peer) => peer.send(bytes(String(worker.index))),
    all: (peer, text) => worker.broadcast(text, { except: peer }),
    throw: () => {
      throw new RangeError("told to");
    },
    exit: () => process.exit(7),
    hang: (peer) => {
      peer.send(bytes("about to"));
      setTimeout(() => {
        for (;;);
      }, 0);
    },
    fill: () => {
      for (const kept = []; ; ) kept.push(new Array(100_000).fill(kept.length));
    },
    goodbye: (peer) => worker.signal.addEventListener("abort", () => peer.send(bytes("goodbye"))),
    early: (peer) => peer.send(bytes(data.early)),
    empty: (peer) => peer.send(bytes(errorOf(() => worker.broadcast(new Uint8Array(0))))),
    again: async (peer) => peer.send(bytes((await worker.listen({}, () => {}).catch((error) => error)).code)),
  };
  if (data.lingers) setInterval(() => {}, 1_000);
  if (data.early) data.early = errorOf(() => worker.broadcast(new Uint8Array(1)));
  await worker.listen(data.listen ?? {}, (peer) => {
    peer.onMessage = (message) => {
      const space = message.indexOf(32);
      const word = new TextDecoder().decode(message.subarray(0, space === -1 ? message.length : space));
      void commands[word](peer, message.subarray(space + 1));
    };
  });
}

function errorOf(call) {
  try {
    call();
  } catch (error) {
    return error.code;
  }
  return "none";
}

function bytes(text) {
  return new TextEncoder().encode(text);
}
