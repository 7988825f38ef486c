import { expect, it } from "vitest";
import { load } from "../src/prom-client.js";

it("says what to install where prom-client is missing, with the loader's own error", () => {
  const cause = Object.assign(new Error("Cannot find module 'prom-client'\nRequire stack:\n- a file"), {
    code: "MODULE_NOT_FOUND",
  });
  const require = (): never => {
    throw cause;
  };
  expect(() => load(require)).toThrow(
    expect.objectContaining({
      code: "ERR_PROM_CLIENT_MISSING",
      message:
        "@p2pnet/metrics/prometheus: expected prom-client beside it, got: Cannot find module 'prom-client'; npm install prom-client",
      cause,
    }),
  );
});
