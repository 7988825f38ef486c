/**
 * What was given is no address:
 *
 * - `ERR_INVALID_IP_ADDRESS`: the text is no numeric address of the family asked for (names are not resolved here)
 * - `ERR_SOCKET_BAD_PORT`: the port is no integer from 0 to 65535
 * - `ERR_INVALID_SCOPE_ID`: the scope is no 32-bit number, names no interface, or contradicts the address
 * - `ERR_INVALID_FLOW_INFO`: the flow information is no 32-bit number
 * - `ERR_INVALID_UNIX_PATH`: the path of a Unix socket has a NUL in it
 * - `ERR_INVALID_SOCKET_ADDRESS`: the bytes are no socket address of a known family
 */
export class AddressError extends Error {
  readonly code: AddressErrorCode;
  override readonly name = "AddressError";

  constructor(code: AddressErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type AddressErrorCode =
  | "ERR_INVALID_IP_ADDRESS"
  | "ERR_SOCKET_BAD_PORT"
  | "ERR_INVALID_SCOPE_ID"
  | "ERR_INVALID_FLOW_INFO"
  | "ERR_INVALID_UNIX_PATH"
  | "ERR_INVALID_SOCKET_ADDRESS";
