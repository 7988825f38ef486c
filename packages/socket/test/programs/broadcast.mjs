import { bytes, next, outcome, udp } from "./report.mjs";

const receiver = udp(4, { address: "0.0.0.0", port: 0 });
const { port } = receiver.localAddress;
const sender = udp(4, { address: "192.0.2.1", port: 0 });
const send = () => sender.sendTo(bytes("everybody"), { address: "192.0.2.255", port });
const before = [sender.options.broadcast, outcome(send)];
sender.options.broadcast = true;
const after = [sender.options.broadcast, outcome(send)];
console.log(JSON.stringify({ before, after, received: next(receiver), from: sender.localAddress, port }));
