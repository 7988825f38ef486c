import { afterEach, describe, expect, it } from "vitest";
import { replaceSystem, system } from "../src/current-system.js";

const original = system();
afterEach(() => {
  replaceSystem(original);
});

describe("system", () => {
  it("is one object, however often it is asked for", () => {
    expect(system()).toBe(original);
  });
});

describe("replaceSystem", () => {
  it("puts another in place, for tests that inject faults", () => {
    const { ENFILE } = original.constants;
    const faulty = { ...original, accept: () => -ENFILE! };
    expect(replaceSystem(faulty)).toBe(original);
    expect(system()).toBe(faulty);
    expect(system().accept(0)).toBe(-ENFILE!);
    expect(system().close).toBe(original.close);
  });

  it("gives back what was there, so that tests can nest", () => {
    const first = { ...original };
    replaceSystem(first);
    expect(replaceSystem(original)).toBe(first);
    expect(system()).toBe(original);
  });
});
