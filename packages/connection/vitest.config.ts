import { defineConfig } from "vitest/config";
import { reporters } from "../../test-support/reporters.js";

export default defineConfig({
  test: { include: ["test/**/*.test.ts"], pool: "forks", testTimeout: 90_000, reporters: reporters() },
});
