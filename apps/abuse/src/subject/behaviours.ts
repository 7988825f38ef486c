import { patterned } from "../frames.js";
import { chat } from "./chat.js";
import type { Desk } from "./desk.js";
import { endInCallbacks } from "./end-in-callbacks.js";
import type { Peer } from "./peer.js";
import { throwInCallbacks } from "./throw-in-callbacks.js";

const PUSHED_BYTES = 65_536;

/** Makes a connection behave; `sends` is how many bytes, where it sends by itself. */
type Behaviour = (peer: Peer, desk: Desk, sends: number) => void;

/** Sends messages back, and reads no more while the peer is behind. */
const echo: Behaviour = (peer, desk) => {
  peer.onDrain = () => peer.resume();
  peer.onMessage = (message) => {
    desk.received(message);
    if (!peer.send(message)) peer.pause();
  };
};

/** At the first message reads no more, until it is released. */
const pause: Behaviour = (peer, desk) => {
  peer.onMessage = (message) => {
    desk.received(message);
    desk.held.add(peer);
    peer.pause();
  };
};

/** At the first message sends all at once, whatever `send` says. */
const push: Behaviour = (peer, desk, sends) => {
  peer.onMessage = (message) => {
    desk.received(message);
    for (let sent = 0; sent < sends && peer.open; sent += PUSHED_BYTES) peer.send(patterned(PUSHED_BYTES));
  };
};

/** At the first message sends as `send` and `onDrain` allow. */
const pushPolitely: Behaviour = (peer, desk, sends) => {
  let sent = 0;
  const goOn = (): void => {
    while (sent < sends && peer.open) {
      sent += PUSHED_BYTES;
      if (!peer.send(patterned(PUSHED_BYTES))) return;
    }
  };
  peer.onDrain = goOn;
  peer.onMessage = (message) => {
    desk.received(message);
    goOn();
  };
};

/** At the first message sends all and closes, whatever still comes in. */
const answerAndClose: Behaviour = (peer, desk, sends) => {
  peer.onMessage = (message) => {
    desk.received(message);
    if (!peer.open) return;
    for (let sent = 0; sent < sends; sent += PUSHED_BYTES) peer.send(patterned(PUSHED_BYTES));
    void peer.close();
  };
};

/** Throws at messages of odd length, and echoes the others. */
const throwAtOdd: Behaviour = (peer, desk, sends) => {
  echo(peer, desk, sends);
  const { onMessage } = peer;
  peer.onMessage = (message) => {
    if (message.length % 2 === 1) throw new Error(`message of ${message.length} bytes: expected an even length`);
    onMessage?.(message);
  };
};

export const behaviours = {
  echo,
  pause,
  push,
  pushPolitely,
  answerAndClose,
  throwAtOdd,
  throwInCallbacks,
  endInCallbacks,
  chat,
};

export type BehaviourName = keyof typeof behaviours;
