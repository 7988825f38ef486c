export { type Constants, constantsFor } from "./constants/constants.js";
export { type Layouts, layoutsFor } from "./layouts/layouts.js";
export { FfiUnavailableError } from "./load.js";
export { addressOf, NativeMemory } from "./memory.js";
export { type NodeLoop, type NodeWatch, type NodeWatchCallback, nodeLoop, watchOnNodeLoop } from "./node-loop.js";
export { type SocketAddress, SocketAddressCodec } from "./socket-address.js";
export { replaceSystem, type System, system } from "./system.js";
export { isSystemError, SystemError, systemError } from "./system-error.js";
