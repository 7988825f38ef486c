import { loopContract } from "./contract/loop-contract.js";

const poll = { backend: "poll", noticesClosedHandles: true } as const;

loopContract({ ...poll, host: "nested", besideNode: true, terminates: true });
loopContract({ ...poll, host: "second", besideNode: true, terminates: true });
loopContract({ ...poll, host: "blocking", besideNode: false, terminates: false });
