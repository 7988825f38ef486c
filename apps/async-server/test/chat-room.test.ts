import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatRoom, type Member, PATIENCE_MS, SILENCE_MS } from "../src/chat-room.js";

/** A member of whom one can see whether it is read. */
class FakeMember implements Member {
  bufferedBytes = 0;
  onDrain: Member["onDrain"] = null;
  isRead = true;
  /** What it does when it is read again. */
  onResume = (): void => {};

  pause(): void {
    this.isRead = false;
  }

  resume(): void {
    this.isRead = true;
    this.onResume();
  }

  fallBehind(): void {
    this.bufferedBytes = 65_536;
  }

  catchUp(): void {
    this.bufferedBytes = 0;
    this.onDrain?.();
  }
}

function roomOf(count: number): { room: ChatRoom<FakeMember>; members: FakeMember[] } {
  const room = new ChatRoom<FakeMember>();
  const members = Array.from({ length: count }, () => new FakeMember());
  for (const member of members) room.enter(member);
  return { room, members };
}

/** Whether everybody is read, or nobody. */
function isSilent(members: readonly FakeMember[]): boolean {
  const silent = members.filter((member) => !member.isRead).length;
  expect([0, members.length]).toContain(silent);
  return silent > 0;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("a chat room", () => {
  it.each([
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
  ])("of %i falls silent once %i are behind, no sooner, and goes on when they have caught up", (size, enough) => {
    const { room, members } = roomOf(size);
    for (const [index, member] of members.slice(0, enough).entries()) {
      expect(isSilent(members), `${index} behind`).toBe(false);
      member.fallBehind();
      room.spoken();
    }
    expect(isSilent(members)).toBe(true);
    for (const member of members.slice(0, enough)) member.catchUp();
    expect(isSilent(members)).toBe(false);
  });

  it("waits a moment for the last ones, and then no longer, until they have caught up", () => {
    const { room, members } = roomOf(3);
    const [stuck, slow, speaker] = members as [FakeMember, FakeMember, FakeMember];
    for (let round = 0; round < 2; round++) {
      stuck.fallBehind();
      slow.fallBehind();
      room.spoken();
      slow.catchUp();
      vi.advanceTimersByTime(PATIENCE_MS - 1);
      expect(isSilent(members)).toBe(true);
      vi.advanceTimersByTime(1);
      expect(isSilent(members)).toBe(false);

      slow.fallBehind();
      room.spoken();
      expect(isSilent(members)).toBe(true);
      slow.catchUp();
      expect(isSilent(members), "nobody waits for the stuck one again").toBe(false);
      stuck.catchUp();
    }
    expect(speaker.isRead).toBe(true);
  });

  it("stays silent where most have fallen behind anew when the moment is over", () => {
    const { room, members } = roomOf(3);
    const [first, second] = members as [FakeMember, FakeMember];
    first.fallBehind();
    second.fallBehind();
    room.spoken();
    first.catchUp();
    first.fallBehind();
    vi.advanceTimersByTime(PATIENCE_MS);
    expect(isSilent(members)).toBe(true);
    first.catchUp();
    second.catchUp();
    expect(isSilent(members)).toBe(false);
  });

  it("goes on after a second although two of three never read, and waits for them no more", () => {
    const { room, members } = roomOf(3);
    const [first, second] = members as [FakeMember, FakeMember];
    first.fallBehind();
    second.fallBehind();
    room.spoken();
    vi.advanceTimersByTime(SILENCE_MS - 1);
    expect(isSilent(members)).toBe(true);
    vi.advanceTimersByTime(1);
    expect(isSilent(members)).toBe(false);
    for (const member of [first, second]) {
      member.bufferedBytes += 1_000_000;
      room.spoken();
      expect(isSilent(members)).toBe(false);
    }

    // One that has caught up counts as the others do.
    second.catchUp();
    second.fallBehind();
    room.spoken();
    expect(isSilent(members)).toBe(true);
    second.catchUp();
    expect(isSilent(members)).toBe(false);
  });

  it("waits for those who take something within each second, however long, and not for the others", () => {
    const { room, members } = roomOf(4);
    const [slow, slower, stuck] = members as [FakeMember, FakeMember, FakeMember];
    for (const member of [slow, slower, stuck]) member.bufferedBytes = 300_000;
    room.spoken();
    for (let second = 0; second < 5; second++) {
      for (const member of [slow, slower]) member.bufferedBytes -= 1_000;
      vi.advanceTimersByTime(SILENCE_MS);
      expect(isSilent(members)).toBe(true);
    }
    slow.catchUp();
    slower.catchUp();
    expect(isSilent(members), "the stuck one was left behind").toBe(false);
  });

  it("falls silent as a whole when what is said first fills it anew", () => {
    const { room, members } = roomOf(3);
    const [first, second] = members as [FakeMember, FakeMember];
    for (let round = 0; round < 2; round++) {
      first.fallBehind();
      second.fallBehind();
      room.spoken();
      first.onResume = () => {
        if (round > 0) return;
        first.fallBehind();
        second.fallBehind();
        room.spoken();
      };
      first.catchUp();
      second.catchUp();
      expect(isSilent(members)).toBe(round === 0);
    }
  });

  it("goes on when those who are behind leave, and whoever comes into silence is silent, too", () => {
    const { room, members } = roomOf(3);
    const [first, second] = members as [FakeMember, FakeMember];
    first.fallBehind();
    second.fallBehind();
    room.spoken();
    const newcomer = new FakeMember();
    room.enter(newcomer);
    expect(newcomer.isRead).toBe(false);
    room.leave(first);
    room.leave(second);
    expect(newcomer.isRead).toBe(true);
    expect([...room.members]).toEqual([members[2], newcomer]);
  });

  it("is as new once everybody has left", () => {
    const { room, members } = roomOf(2);
    members[0]!.fallBehind();
    room.spoken();
    for (const member of members) room.leave(member);
    const next = new FakeMember();
    room.enter(next);
    expect(next.isRead).toBe(true);
  });
});
