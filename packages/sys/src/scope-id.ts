import { networkInterfaces } from "node:os";
import { AddressError } from "./address-error.js";

/**
 * The number of a scope given by name or number, as `%eth0` and `%3` in `fe80::1%eth0` and `fe80::1%3`.
 *
 * Names are looked up among the interfaces that have an IPv6 address with a scope; others need their number.
 *
 * @throws AddressError `ERR_INVALID_SCOPE_ID` if it is neither
 */
export function scopeIdOf(
  scope: string,
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): number {
  if (/^\d+$/.test(scope)) return checkScopeId(Number(scope));
  for (const address of interfaces[scope] ?? []) {
    if (address.family === "IPv6" && address.scopeid !== 0) return address.scopeid;
  }
  throw new AddressError(
    "ERR_INVALID_SCOPE_ID",
    `scope: expected a number, or the name of an interface with a link-local address, got ${scope}`,
  );
}

/** @throws AddressError `ERR_INVALID_SCOPE_ID` for anything but a 32-bit number */
export function checkScopeId(scopeId: number): number {
  if (Number.isInteger(scopeId) && scopeId >= 0 && scopeId <= 0xffff_ffff) return scopeId;
  throw new AddressError("ERR_INVALID_SCOPE_ID", `scopeId: expected an integer from 0 to 4294967295, got ${scopeId}`);
}
