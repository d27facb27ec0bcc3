import { parseServerAddresses, type ServerAddress } from "../client/server-address.ts";

/** The only server at an address, without TLS unless it is an `https` URL. */
export function serverAddressOf(address: string): ServerAddress {
  const [first, ...others] = parseServerAddresses(address, false);
  if (!first || others.length > 0) throw new Error(`${address} is not one server`);
  return first;
}
