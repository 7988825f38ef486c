import { loopContract } from "./contract/loop-contract.js";
import { subjectOf } from "./contract/subject.js";

for (const host of ["nested", "second", "parked", "blocking"] as const) loopContract(subjectOf("poll", host));
