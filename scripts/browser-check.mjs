import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";

/** What a page has, of what framing may use. */
const WEB = { TextEncoder, TextDecoder, TransformStream, ReadableStream, WritableStream, queueMicrotask, URL };

/** A page's program: frames go through an encoder, a stream that cuts them, and a decoder. */
const PROGRAM = `
  import { encodeFrame, FrameDecoderStream } from "@p2pnet/framing";
  const messages = ["hello", "web", "x".repeat(5000)];
  const frames = messages.map((message) => encodeFrame(new TextEncoder().encode(message)));
  const source = new ReadableStream({
    start(controller) {
      for (const frame of frames) for (let at = 0; at < frame.length; at += 7) controller.enqueue(frame.subarray(at, at + 7));
      controller.close();
    },
  });
  const decoded = [];
  const into = new WritableStream({ write: (frame) => void decoded.push(new TextDecoder().decode(frame)) });
  globalThis.outcome = source.pipeThrough(new FrameDecoderStream()).pipeTo(into).then(() => {
    if (decoded.join() !== messages.join()) throw new Error("expected the messages, got " + decoded.length + " others");
    return decoded.length;
  });
`;

/**
 * Bundles the installed `@p2pnet/framing` as for a page and runs it with nothing but what pages have.
 *
 * @param {string} folder where the package is installed
 * @throws Error if the bundle needs anything of Node, or does not work
 */
export async function checkInBrowser(folder) {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: folder },
    absWorkingDir: folder,
    outfile: join(folder, "page.js"),
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
  });
  const page = createContext({ ...WEB });
  runInContext(outputFiles[0].text, page);
  await page.outcome;
}
