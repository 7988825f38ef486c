import { loopContract } from "./contract/loop-contract.js";
import { subjectOf } from "./contract/subject.js";

loopContract(subjectOf("libuv", "driven"));
