import { EventLoop } from "@p2pnet/event-loop";
import { describe, expect, it } from "vitest";
import { type ConnectOptions, connect, type ListenOptions, listen } from "../src/index.js";

const eachTransport = ["native", "node", "auto"] as const;

describe.each(eachTransport)("with transport %s", (transport) => {
  it.each([
    [{ path: "a", host: "b" }, "ERR_INVALID_ARG_VALUE", "path: expected neither host nor port beside it, got a host"],
    [{ path: "a", port: 1 }, "ERR_INVALID_ARG_VALUE", "path: expected neither host nor port beside it, got a port"],
    [{ path: "" }, "ERR_INVALID_ARG_VALUE", "path: expected a name, got an empty one"],
    [{ path: 7 }, "ERR_INVALID_ARG_TYPE", "path: expected a string, got number"],
  ])("connect and listen refuse %j", async (place, code, message) => {
    const options = { transport, ...place };
    await expect(connect(options as ConnectOptions)).rejects.toMatchObject({ code, message });
    await expect(listen(options as ListenOptions, () => {})).rejects.toMatchObject({ code, message });
  });

  it.each([
    [{ path: "a", reusePort: true }, "path: expected no option of ports beside it, got reusePort"],
    [{ path: "a", ipv6Only: false }, "path: expected no option of ports beside it, got ipv6Only"],
    [{ path: "a", acceptRatePerAddress: 1 }, "path: expected no option of ports beside it, got acceptRatePerAddress"],
    [
      { path: "a", handshakeFailuresPerAddress: 1 },
      "path: expected no option of ports beside it, got handshakeFailuresPerAddress",
    ],
  ])("listen refuses %j", async (options, message) => {
    await expect(listen({ transport, ...options }, () => {})).rejects.toMatchObject({
      name: "ConnectionError",
      code: "ERR_INVALID_ARG_VALUE",
      message,
    });
  });
});

describe("the choice of a transport", () => {
  const wrong = [
    [{ transport: "carrier pigeon" }, "transport: expected native or node or auto, got carrier pigeon"],
    [{ transport: "node", loop: true }, "loop: expected none with transport node, got an event loop"],
  ] as const;

  it.each(wrong)("refuses %j", async (options, message) => {
    using loop = new EventLoop();
    const given = { ...options, ...("loop" in options ? { loop } : {}) } as { transport: "node" };
    const refused = { name: "ConnectionError", code: "ERR_INVALID_ARG_VALUE", message };
    await expect(connect({ host: "127.0.0.1", port: 9, ...given })).rejects.toMatchObject(refused);
    await expect(listen(given, () => {})).rejects.toMatchObject(refused);
  });

  it("auto with a loop is native", async () => {
    const loop = new EventLoop({ autoRun: true });
    const server = await listen({ transport: "auto", loop }, () => {});
    expect(server.transport).toBe("native");
    await server.close();
    loop.close();
  });
});
