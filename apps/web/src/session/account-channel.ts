let channel: BroadcastChannel | undefined;

/** Hears from the other windows of this browser for which account they act, once that changes. */
export function hearOtherWindows(hear: (account: string | null) => void): void {
  channel = new BroadcastChannel("plaza.account");
  channel.onmessage = ({ data }: MessageEvent<string | null>) => hear(data);
}

/** Tells them for which account this window acts from now on. */
export function tellOtherWindows(account: string | null): void {
  channel?.postMessage(account);
}
