import { describe } from "vitest";
import type { Carrier } from "./carrier.js";
import { brokenFramesContract } from "./contract/broken-frames.js";
import { callbacksContract } from "./contract/callbacks.js";
import { closingSignalContract } from "./contract/closing-signal.js";
import { countingContract } from "./contract/counting.js";
import { endingsContract } from "./contract/endings.js";
import { everyEndingContract } from "./contract/every-ending.js";
import { frameDeadlineContract } from "./contract/frame-deadline.js";
import { halfCloseContract } from "./contract/half-close.js";
import { idleContract } from "./contract/idle.js";
import { iterationContract } from "./contract/iteration.js";
import { messagesContract } from "./contract/messages.js";
import { sendingContract } from "./contract/sending.js";
import { slicesContract } from "./contract/slices.js";
import { turnsContract } from "./contract/turns.js";
import { writeDeadlineContract } from "./contract/write-deadline.js";

/** What a `MessageConnection` promises, whatever carries its bytes. */
export function connectionContract(carrier: Carrier): void {
  describe(`a connection over ${carrier.name}`, () => {
    messagesContract(carrier);
    brokenFramesContract(carrier);
    iterationContract(carrier);
    sendingContract(carrier);
    slicesContract(carrier);
    endingsContract(carrier);
    closingSignalContract(carrier);
    everyEndingContract(carrier);
    callbacksContract(carrier);
    halfCloseContract(carrier);
    idleContract(carrier);
    frameDeadlineContract(carrier);
    writeDeadlineContract(carrier);
    turnsContract(carrier);
    countingContract(carrier);
  });
}
