/** The client that does nothing wrong, in a process of its own. */
import { answerParent, setupFromParent } from "../parent.js";
import { Pinger } from "./pinger.js";
import type { PingReport, PingSetup } from "./setup.js";

const { port, calmPort, intervalMs } = setupFromParent<PingSetup>();
const abused = await Pinger.start(port, intervalMs);
const calm = await Pinger.start(calmPort, intervalMs);

answerParent(null, { report: (): PingReport => ({ abused: abused.report(), calm: calm.report() }) });
