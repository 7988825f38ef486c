import { describe, it } from "vitest";
import { availableBackends } from "../src/index.js";
import { loopContract } from "./contract/loop-contract.js";
import { type HostName, subjectOf } from "./contract/subject.js";

/** libkqueue's descriptor cannot be watched, so only a system's own kqueue nests. */
const HOSTS: HostName[] =
  process.platform === "linux" ? ["parked", "blocking"] : ["nested", "second", "parked", "blocking"];

if (availableBackends().includes("kqueue")) {
  for (const host of HOSTS) loopContract(subjectOf("kqueue", host));
} else {
  describe("kqueue", () => {
    it.skip("needs macOS, FreeBSD, or the path of libkqueue in P2PNET_KQUEUE_LIBRARY", () => {});
  });
}
