import { loopContract } from "./contract/loop-contract.js";

const epoll = { backend: "epoll", noticesClosedHandles: false } as const;

loopContract({ ...epoll, host: "nested", besideNode: true });
loopContract({ ...epoll, host: "watched", besideNode: true });
loopContract({ ...epoll, host: "blocking", besideNode: false });
