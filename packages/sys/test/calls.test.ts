import { describe } from "vitest";
import { system } from "../src/index.js";
import { datagramContract } from "./contract/datagrams.js";
import { streamContract } from "./contract/streams.js";
import { unixSocketContract } from "./contract/unix-sockets.js";
import { waitContract } from "./contract/waits.js";

const sys = system();
const unixSocket = sys.socket(sys.constants.AF_UNIX, sys.constants.SOCK_STREAM, 0);
if (unixSocket >= 0) sys.close(unixSocket);
else console.warn("not run: the calls on Unix sockets, which this system does not have");

describe(`the calls of this system (${process.platform})`, () => {
  streamContract(sys);
  datagramContract(sys);
  waitContract(sys);
  if (unixSocket >= 0) unixSocketContract(sys);
});
