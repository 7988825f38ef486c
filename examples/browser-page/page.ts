/// <reference lib="dom" />
// Runs in the browser: frames come in through a WebSocket, cut anywhere, and are put together again.
import { FrameDecoder } from "@p2pnet/framing";

const list = document.querySelector("ul")!;
const socket = new WebSocket(`ws://${location.host}`);
socket.binaryType = "arraybuffer";

const decoder = new FrameDecoder();
socket.onmessage = ({ data }) => {
  decoder.push(new Uint8Array(data as ArrayBuffer));
  for (let message = decoder.next(); message !== null; message = decoder.next()) {
    const item = document.createElement("li");
    item.textContent = new TextDecoder().decode(message);
    list.append(item);
  }
};
socket.onclose = () => {
  decoder.end(); // throws if the last frame is not whole
  document.title = "done";
};
