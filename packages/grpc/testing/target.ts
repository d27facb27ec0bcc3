import { parseTargets, type Target } from "../client/target.ts";

/** The only server at an address, without TLS unless it is an `https` URL. */
export function targetOf(address: string): Target {
  const [target, ...others] = parseTargets(address, false);
  if (!target || others.length > 0) throw new Error(`${address} is not one server`);
  return target;
}
