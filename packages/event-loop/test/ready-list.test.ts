import { expect, it } from "vitest";
import { ReadyList, type Watched } from "../src/backend.js";
import { READABLE, WRITABLE } from "../src/index.js";

const watched = (handle: number): Watched => ({ handle, sequence: handle, interest: READABLE });

it("keeps what one wait has found, and is filled anew for the next", () => {
  const ready = new ReadyList();
  const [a, b] = [watched(1), watched(2)];
  ready.push(a, READABLE);
  ready.push(b, WRITABLE);
  expect(ready.length).toBe(2);
  expect([ready.watchedAt(0), ready.watchedAt(1)]).toEqual([a, b]);
  expect([ready.readyAt(0), ready.readyAt(1)]).toEqual([READABLE, WRITABLE]);
  ready.clear();
  expect(ready.length).toBe(0);
  ready.push(b, READABLE);
  expect([ready.length, ready.watchedAt(0), ready.readyAt(0)]).toEqual([1, b, READABLE]);
});

it("holds on to no watch once it is cleared", () => {
  const ready = new ReadyList();
  ready.push(watched(1), READABLE);
  ready.push(watched(2), READABLE);
  ready.clear();
  expect([ready.watchedAt(0), ready.watchedAt(1)]).toEqual([null, null]);
});
