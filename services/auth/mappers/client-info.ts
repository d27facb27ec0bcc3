import type { HandlerContext } from "@connectrpc/connect";

/** The client of a call, by headers that only the gateway sets. */
export type ClientInfo = {
  readonly address: string;
  readonly userAgent: string;
};

const unknownAddress = "unknown";
const maxAddressLength = 64;
const maxUserAgentLength = 300;

export function clientInfoOf({ requestHeader }: HandlerContext): ClientInfo {
  return {
    address: requestHeader.get("plaza-address")?.slice(0, maxAddressLength) || unknownAddress,
    userAgent: requestHeader.get("plaza-user-agent")?.slice(0, maxUserAgentLength) ?? "",
  };
}
