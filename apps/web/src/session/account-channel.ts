let accountChannel: BroadcastChannel | undefined;

/** Calls `listener` when another window of this browser changes its active account. */
export function onAccountChange(listener: (account: string | null) => void): void {
  accountChannel = new BroadcastChannel("plaza.account");
  accountChannel.onmessage = ({ data }: MessageEvent<string | null>) => listener(data);
}

/** Announces the active account of this window to the others. */
export function broadcastAccount(account: string | null): void {
  accountChannel?.postMessage(account);
}
