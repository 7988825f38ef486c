import { existsSync, readdirSync, readlinkSync } from "node:fs";

/**
 * Only Linux tells a process what it has open. Deno opens sets and sockets for itself, and libkqueue has copies of sockets,
 * which it closes when it finds the time.
 */
const countsOpenHandles =
  existsSync("/proc/self/fd") && process.versions["deno"] === undefined && !process.env["P2PNET_KQUEUE_LIBRARY"];

/** How many sockets, epoll sets and rings this process has open; always 0 where they cannot be counted. */
export function openHandles(): number {
  if (!countsOpenHandles) return 0;
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ""; // The one that listed the folder.
    }
  });
  const ours = ["anon_inode:[eventpoll]", "anon_inode:[io_uring]"];
  return links.filter((link) => link.startsWith("socket:") || ours.includes(link)).length;
}
