import { Socket } from "@p2pnet/socket";
import { bytes, next, outcome, udp } from "./report.mjs";

const blocking = (kind) => {
  const socket = Socket.open(kind, { family: 6 });
  socket.setNonBlocking(false);
  return socket;
};

const listener = blocking("tcp");
listener.bind({ address: "fe80::1%left", port: 0 });
listener.listen();
const { localAddress } = listener;
const ways = [
  { address: `fe80::1%${localAddress.scopeId}`, port: localAddress.port },
  { address: "fe80::1", port: localAddress.port, scopeId: localAddress.scopeId },
  localAddress,
];
const connected = ways.map((to) => {
  const client = blocking("tcp");
  client.connect(to);
  return [client.remoteAddress, listener.accept().remoteAddress, client.localAddress];
});

const receiver = udp(6, { address: "fe80::1%left", port: 0 });
const sender = udp(6, { address: "fe80::1%left", port: 0 });
sender.sendTo(bytes("scoped"), receiver.localAddress);
const received = next(receiver);

const unscoped = { address: "fe80::1", port: 0 };
console.log(
  JSON.stringify({
    localAddress,
    connected,
    received,
    sender: sender.localAddress,
    unscoped: outcome(() => blocking("tcp").bind(unscoped)),
    otherInterface: outcome(() => blocking("tcp").bind({ address: "fe80::1%right", port: 0 })),
  }),
);
