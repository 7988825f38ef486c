export { receiveMessage, sendMessage } from "./blocking.js";
export { type ConnectOptions, connect } from "./connect.js";
export { type ConnectionOptions, MAX_TIMEOUT_MS } from "./connection-options.js";
export { ConnectionError, type ConnectionErrorCode } from "./errors.js";
export type { MessageHandler } from "./inbox.js";
export { type ListenOptions, listen } from "./listen.js";
export { type ConnectionContext, MessageConnection } from "./message-connection.js";
export { type ResolvedAddress, type Resolver, systemResolver } from "./resolve.js";
export { type ConnectionHandler, Server, type ServerOptions } from "./server.js";
