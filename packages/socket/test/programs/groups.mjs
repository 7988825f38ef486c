import { bytes, next, outcome, udp } from "./report.mjs";

const families = {
  4: { group: "239.1.2.3", other: "239.1.2.4", any: "0.0.0.0", byName: "left" },
  6: { group: "ff02::1234", other: "ff02::1235", any: "::", byName: "left" },
};

function inFamily(family) {
  const { group, other, any, byName } = families[family];
  const members = [udp(family, { address: any, port: 0 })];
  const { port } = members[0].localAddress;
  members.push(udp(family, { address: any, port }));
  const sender = udp(family, { address: any, port: 0 });
  const toGroup = (text, address = group) => sender.sendTo(bytes(text), { address, port });
  const toFirst = (text) => sender.sendTo(bytes(text), { address: family === 4 ? "127.0.0.1" : "::1", port });
  const defaults = [sender.options.multicastTtl, sender.options.multicastLoop, sender.options.multicastInterface];

  sender.options.multicastInterface = byName;
  const through = sender.options.multicastInterface;
  for (const member of members) member.joinGroup(group, byName);
  const again = outcome(() => members[0].joinGroup(group, byName));
  toGroup("to all");
  const joined = members.map(next);

  sender.options.multicastLoop = false;
  toGroup("not on this machine");
  sender.options.multicastLoop = true;
  toGroup("not to this group", other);
  for (const member of members) member.leaveGroup(group, byName);
  toGroup("left");
  const notAMember = outcome(() => members[0].leaveGroup(group, byName));
  members.pop().close();
  toFirst("last");
  const afterwards = next(members[0]);
  return { port: sender.localAddress.port, defaults, through, again, joined, notAMember, afterwards };
}

function scopes() {
  const member = udp(6, { address: "::", port: 0 });
  const { port } = member.localAddress;
  member.joinGroup("ff02::99%left");
  const sender = udp(6);
  sender.sendTo(bytes("by name"), { address: "ff02::99%left", port });
  const byName = next(member);
  sender.sendTo(bytes("by number"), { address: "ff02::99", port, scopeId: byName.from.scopeId });
  const byNumber = next(member);
  member.leaveGroup("ff02::99", "left");
  return { byName, byNumber, elsewhere: outcome(() => member.joinGroup("ff02::99%nosuch0")) };
}

function hops() {
  const socket = udp(4);
  socket.options.multicastTtl = 7;
  socket.options.multicastInterface = "192.0.2.1";
  const six = udp(6);
  six.options.multicastTtl = 0;
  six.options.multicastInterface = "1";
  return [
    [socket.options.multicastTtl, socket.options.multicastInterface],
    [six.options.multicastTtl, six.options.multicastInterface],
    outcome(() => socket.joinGroup("192.0.2.1")),
    outcome(() => socket.joinGroup("239.1.2.3", "192.0.2.77")),
  ];
}

console.log(JSON.stringify({ 4: inFamily(4), 6: inFamily(6), scopes: scopes(), hops: hops() }));
