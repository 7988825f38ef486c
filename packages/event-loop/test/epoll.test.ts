import { loopContract } from "./contract/loop-contract.js";

const epoll = { backend: "epoll", noticesClosedHandles: false } as const;

loopContract({ ...epoll, host: "nested", besideNode: true, terminates: true });
loopContract({ ...epoll, host: "second", besideNode: true, terminates: true });
loopContract({ ...epoll, host: "blocking", besideNode: false, terminates: false });
