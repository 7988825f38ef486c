import { it } from "vitest";
import { selectCiphers } from "../src/ciphers/select.js";
it("bench", () => {
  const key = new Uint8Array(32).fill(7); const ad = new Uint8Array(0);
  for (const size of [25, 1024, 16384]) {
    const res: Record<string, number[]> = {};
    const rounds: [number, number][] = [];
    for (let r = 0; r < 9; r++) {
      const t: Record<string, [number, number]> = {};
      for (const name of ["libcrypto", "node"] as const) {
        const s = selectCiphers(name); const c = s.cipher(key); const b = s.block(size + 16); const n = size > 10000 ? 3000 : 30000;
        let t0 = process.hrtime.bigint();
        for (let i = 0; i < n; i++) { c.nonce[4] = i; c.nonce[5] = i >> 8; c.seal(ad, b, 0, size); }
        const seal = Number(process.hrtime.bigint() - t0) / n;
        c.seal(ad, b, 0, size); const copy = b.bytes.slice();
        t0 = process.hrtime.bigint();
        for (let i = 0; i < n; i++) { b.bytes.set(copy); if (!c.open(ad, b, 0, size)) throw new Error("x"); }
        t[name] = [seal, Number(process.hrtime.bigint() - t0) / n];
      }
      for (const k in t) (res[k + " seal"] ??= []).push(t[k]![0]), (res[k + " open"] ??= []).push(t[k]![1]);
      rounds.push([t["node"]![0] / t["libcrypto"]![0], t["node"]![1] / t["libcrypto"]![1]]);
    }
    const med = (a: number[]) => a.sort((x, y) => x - y)[4]!.toFixed(2);
    console.log(size, Object.fromEntries(Object.entries(res).map(([k, v]) => [k, med(v)])), "ratio seal", med(rounds.map((r) => r[0])), "open", med(rounds.map((r) => r[1])));
  }
});
