/**
 * The server that is abused, in a process of its own. It echoes; who connects after it was armed gets the behaviour that it
 * was started with.
 */
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { listen } from "@p2pnet/connection";
import { EventLoop } from "@p2pnet/event-loop";
import { answerParent, setupFromParent } from "../parent.js";
import { abortEverywhere } from "./abort-everywhere.js";
import { behaviours } from "./behaviours.js";
import { Desk } from "./desk.js";
import { NodeNetPeer } from "./node-net-peer.js";
import type { Peer } from "./peer.js";
import type { SubjectReport, SubjectSetup } from "./setup.js";

const setup = setupFromParent<SubjectSetup>();
const desk = new Desk();
const loop = setup.kind === "p2pnet" ? new EventLoop({ autoRun: true }) : null;
let behave = behaviours.echo;

process.on("uncaughtException", (error) => {
  desk.uncaught++;
  if (process.env["ABUSE_DEBUG"]) console.error(error);
});

function welcome(peer: Peer): void {
  desk.opened();
  peer.onClose = (error) => desk.closed(error);
  behave(peer, desk, setup.sends);
}

/** @returns the port */
async function serve(): Promise<number> {
  if (loop !== null) {
    const server = await listen({ ...setup.limits, loop }, welcome);
    server.onError = (error) => {
      desk.acceptFailed(error);
      if (behave === behaviours.throwInCallbacks) desk.throwFrom("onError");
    };
    return server.address.port;
  }
  const server = createServer({ noDelay: true }, (socket) => {
    try {
      welcome(new NodeNetPeer(socket));
    } catch (error) {
      socket.destroy(); // Nobody looks after it.
      throw error;
    }
  });
  server.on("error", (error) => desk.acceptFailed(error));
  server.on("drop", () => desk.acceptFailed(new Error("dropped")));
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, resolve));
  return (server.address() as AddressInfo).port;
}

function report(): SubjectReport {
  const { open, accepted, messages, wrong, uncaught, held, ends, acceptErrors, endedFrom, thrownFrom, afterClose } =
    desk;
  return {
    ...{ open, accepted, messages, wrong, uncaught, ends, acceptErrors, endedFrom, thrownFrom, afterClose },
    held: held.size,
    watched: loop?.size ?? 0,
    timers: loop?.timers.size ?? 0,
  };
}

/** Bytes of JavaScript's heap that are in use after everything that can go has gone. */
function heapAfterCollection(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

answerParent(await serve(), {
  report,
  collect: heapAfterCollection,
  arm: () => {
    behave = behaviours[setup.behaviour];
  },
  release: () => desk.release(),
  abortEverywhere: (targets: Parameters<typeof abortEverywhere>[1]) => abortEverywhere(loop, targets),
});
