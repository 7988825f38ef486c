import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type MessageConnection } from "@p2pnet/connection";
import { generateIdentity, type Identity, type SecurePeer, saveIdentity, secure } from "@p2pnet/secure";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { frame, RawPeer } from "./raw-peer.js";
import { RunningServer } from "./running-server.js";

const hasModes = process.platform !== "win32";
const us = generateIdentity();
const them = generateIdentity();
let folder: string;
let identity: string;
let allow: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "p2pnet-server-"));
  [identity, allow] = [join(folder, "server.pem"), join(folder, "allowed")];
  await saveIdentity(them, identity);
  writeFileSync(allow, `# friends\n${us.peerId} # laptop\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = (...args: string[]): Promise<RunningServer> =>
  RunningServer.start("--secure", "--identity", identity, "--allow", allow, ...args);

async function client(server: RunningServer, as: Identity = us): Promise<MessageConnection<SecurePeer>> {
  const upgrade = secure({ identity: as, verify: them.peerId });
  const connection = await connect({ host: "127.0.0.1", port: server.port, upgrade });
  onTestFinished(() => connection.abort());
  return connection;
}

async function firstMessage(connection: MessageConnection<SecurePeer>): Promise<string> {
  for await (const message of connection) return Buffer.from(message).toString();
  return "the end";
}

describe("a secure server", () => {
  it("says who it is, echoes to those that it allows, and names them", async () => {
    const server = await start();
    const connection = await client(server);
    connection.send(Buffer.from("hello"));
    expect(await firstMessage(connection)).toBe("hello");
    await server.line(/disconnected/);
    expect(await server.stop()).toBe(0);
    expect(server.lines.slice(1)).toEqual([
      `[OK] Secure as ${them.peerId} (${them.fingerprint}), open to 1 peer`,
      "[EVENT_LOOP] Started (monitoring 1 sockets)",
      `[OK] New client connected (total: 1): ${us.peerId} (${us.fingerprint})`,
      '[RECV] (5 bytes) "hello"',
      "[SEND] Echoed message back",
      "[INFO] Client disconnected gracefully (total: 0)",
      "[OK] Server stopped (clients: 1, messages: 1, bytes: 5)",
    ]);
    expect(server.stderr).toBe("");
  });

  it("turns strangers and plain clients away, and says so", async () => {
    const server = await start("--json");
    const stranger = generateIdentity();
    const connection = await client(server, stranger);
    connection.onMessage = () => {};
    await connection.closed;
    const refused = JSON.parse(await server.line(/ERR_PEER_REFUSED/));
    expect(refused).toMatchObject({ event: "error", message: expect.stringContaining(stranger.peerId) });
    expect(refused.message).toContain(stranger.fingerprint);

    const plain = await RawPeer.connect(server.port);
    plain.send(frame("hello"));
    expect(await plain.ended).toBe("ECONNRESET");
    await server.line(/ERR_NOT_NOISE/);
    expect(await server.stop()).toBe(0);
    expect(server.lines.filter((line) => /connected|received/.test(line))).toEqual([]);
  });

  it("keeps an address away after 20 handshakes that failed, for a second at first", async () => {
    const server = await start();
    for (let i = 0; i < 21; i++) {
      const plain = await RawPeer.connect(server.port);
      plain.send(frame("hello"));
      await plain.ended;
    }
    // Reset at once, it may not even hear that it is connected.
    await RawPeer.connect(server.port).catch(() => {});
    await server.line(/ERR_TOO_MANY_FAILED_HANDSHAKES/);
    expect(await server.stop()).toBe(0);
    const failed = server.lines.map((line) => /ERR_\w+/.exec(line)?.[0]).filter((code) => code !== undefined);
    expect(failed).toEqual([...Array(21).fill("ERR_NOT_NOISE"), "ERR_TOO_MANY_FAILED_HANDSHAKES"]);
  });

  it("lets everybody in with --allow any, and relays in mode chat", async () => {
    allow = "any";
    const server = await start("--mode", "chat", "--json");
    const [one, two] = [await client(server, generateIdentity()), await client(server)];
    one.onMessage = () => {}; // Reads, and so hears of the server's end.
    await server.line(/"connected"/, 2);
    one.send(Buffer.from("hello, two"));
    expect(await firstMessage(two)).toBe("hello, two");
    expect(await server.stop()).toBe(0);
    const events = server.lines.map((line) => JSON.parse(line));
    expect(events[1]).toMatchObject({
      event: "secured",
      peerId: them.peerId,
      fingerprint: them.fingerprint,
      allowed: null,
    });
    const peers = events.filter(({ event }) => event === "connected");
    expect(peers).toMatchObject([{ client: 1 }, { peerId: us.peerId, fingerprint: us.fingerprint }]);
  });

  it("serves in several threads, which know the same peers", async () => {
    const server = await start("--workers", "2");
    const connection = await client(server);
    connection.send(Buffer.from("hello"));
    expect(await firstMessage(connection)).toBe("hello");
    await server.line(new RegExp(`connected .*: ${us.peerId}`));
    expect(await server.stop()).toBe(0);
    expect(server.lines[1]).toContain(`Secure as ${them.peerId}`);
  });

  it("takes the passphrase of its key from P2PNET_PASSPHRASE", async () => {
    identity = join(folder, "encrypted.pem");
    await saveIdentity(them, identity, { passphrase: "correct horse" });
    process.env["P2PNET_PASSPHRASE"] = "correct horse";
    onTestFinished(() => void delete process.env["P2PNET_PASSPHRASE"]);
    const server = await start();
    expect(await server.line(/Secure as/)).toContain(them.peerId);
    expect(await server.stop()).toBe(0);
  });
});

describe("a secure server does not start, says why in one line, and writes nothing", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });
  const file = (name: string, content: string | Buffer, mode = 0o600): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };
  /** What is wrong: other files than those that are right. */
  type Wrong = { identity?: string; allow?: string };
  const cases: [string, () => Wrong | Promise<Wrong>, RegExp][] = [
    ["without a key file", () => ({ identity: join(folder, "none.pem") }), /expected a file, got none/],
    ["with a key file that is a folder", () => ({ identity: folder }), /expected a file, got something else/],
    [
      "with another key than Ed25519",
      () => ({ identity: file("ec.pem", ec) }),
      /expected an Ed25519 key, got one of ec/,
    ],
    ["with a file that is no key", () => ({ identity: file("no.pem", "x") }), /expected a private key in PKCS#8 PEM/],
    [
      "with a key that needs a passphrase",
      async () => {
        const encrypted = join(folder, "encrypted.pem");
        await saveIdentity(them, encrypted, { passphrase: "secret" });
        return { identity: encrypted };
      },
      /expected a passphrase, as it is encrypted, got none/,
    ],
    ["without a list", () => ({ allow: join(folder, "none") }), /allowed peers .*: expected a file, got none/],
    [
      "with a wrong line in the list",
      () => ({ allow: file("list", `# friends\n${us.peerId}\nbob\n`) }),
      /allowed peers .*, line 3: expected a peer id .*, got "bob"/,
    ],
  ];
  if (hasModes) {
    cases.push([
      "with a key file that others may read",
      () => {
        chmodSync(identity, 0o640);
        return {};
      },
      /expected mode 0600, the owner's alone, got 0640; chmod 600 it/,
    ]);
  }

  it.each(cases)("%s", async (_, prepare, why) => {
    const files = { identity, allow, ...(await prepare()) };
    const before = readdirSync(folder);
    const args = ["--secure", "--identity", files.identity, "--allow", files.allow];
    const server = new RunningServer(["--port", "0", ...args]);
    onTestFinished(() => server.kill());
    expect(await server.exited).toBe(1);
    expect(server.lines).toEqual([]);
    expect(server.stderr).toMatch(/^async-server: [^\n]+\n$/);
    expect(server.stderr).toMatch(why);
    expect(readdirSync(folder)).toEqual(before);
  });
});
