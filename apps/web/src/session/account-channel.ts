let accountChannel: BroadcastChannel | undefined;

/** Hears from the other windows of this browser for which account they act, once that changes. */
export function onAccountChange(listener: (account: string | null) => void): void {
  accountChannel = new BroadcastChannel("plaza.account");
  accountChannel.onmessage = ({ data }: MessageEvent<string | null>) => listener(data);
}

/** Tells them for which account this window acts from now on. */
export function broadcastAccount(account: string | null): void {
  accountChannel?.postMessage(account);
}
