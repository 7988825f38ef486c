/** What test files get for `vitest`: the same runner and the same matchers, without what needs vite. */
export { afterAll, afterEach, beforeAll, beforeEach, describe, it, onTestFinished, test } from "@vitest/runner";
export { expect } from "./expect.js";
export { vi } from "./vi.js";
