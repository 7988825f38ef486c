import { loopContract } from "./contract/loop-contract.js";

loopContract({ backend: "libuv", host: "driven", besideNode: true, terminates: false, noticesClosedHandles: false });
