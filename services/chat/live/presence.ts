import { create } from "@bufbuild/protobuf";
import {
  Signal_Type,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from "@plaza/contract/chat/v1/stream";
import { broadcastMessage } from "@plaza/kit/rpc/broadcast-message";
import type { Deps } from "@plaza/kit/runtime/service";
import { listPresenceChats } from "../store/memberships.ts";
import type { Hub } from "./hub.ts";

/** `probe` is `online` by a user who has just subscribed and asks who else is online. */
type SignalKind = "typing" | "read" | "online" | "offline" | "probe";

const signalTypes: Record<SignalKind, Signal_Type> = {
  typing: Signal_Type.TYPING,
  read: Signal_Type.READ,
  online: Signal_Type.ONLINE,
  offline: Signal_Type.OFFLINE,
  probe: Signal_Type.ONLINE,
};

/** Ephemeral typing, read and presence signals, published to all processes; never stored. */
export class Presence {
  readonly #db: Deps["db"];
  readonly #log: Deps["log"];
  readonly #pubsub: Deps["pubsub"];
  readonly #hub: Hub;

  constructor({ db, log, pubsub }: Pick<Deps, "db" | "log" | "pubsub">, hub: Hub) {
    this.#db = db;
    this.#log = log;
    this.#pubsub = pubsub;
    this.#hub = hub;
    pubsub.subscribe("presence", { onMessage: (line) => this.#onMessage(line) });
  }

  send(kind: SignalKind, chatId: string, userId: string, readNumber = 0): void {
    this.#pubsub.publish("presence", `${kind} ${chatId} ${userId} ${readNumber}`);
  }

  /** Publishes in the direct chats of the user that they are online. */
  join(userId: string): Promise<void> {
    return this.#broadcast("probe", [userId]);
  }

  /** Publishes in a chat that the user has come to that they are online, if it is a direct one. */
  joinChat(userId: string, chatId: string): Promise<void> {
    return this.#broadcast("probe", [userId], chatId);
  }

  /** Publishes that the user is offline, unless another stream of this process is open. */
  leave(userId: string): void {
    if (!this.#hub.isSubscribed(userId)) void this.#broadcast("offline", [userId]);
  }

  /** Publishes again who is online; clients let what is not renewed expire. */
  heartbeat(): Promise<void> {
    return this.#broadcast("online", this.#hub.subscribedUserIds);
  }

  /** In all direct chats of the users, or in one. */
  async #broadcast(
    kind: SignalKind,
    userIds: readonly string[],
    onlyChatId?: string,
  ): Promise<void> {
    try {
      const chats = userIds.length > 0 ? await listPresenceChats(this.#db, userIds) : [];
      for (const { chatId, userId } of chats) {
        if (onlyChatId === undefined || onlyChatId === chatId) this.send(kind, chatId, userId);
      }
    } catch (err) {
      this.#log.warn({ err }, "cannot publish presence");
    }
  }

  #onMessage(line: string): void {
    const [kind = "", chatId = "", userId = "", readNumber] = line.split(" ");
    this.#hub.relay(chatId, toEvent(kind as SignalKind, chatId, userId, Number(readNumber)));
    if (kind !== "probe") return;
    for (const other of this.#hub.watchersOf(chatId)) {
      if (other !== userId) this.send("online", chatId, other);
    }
  }
}

function toEvent(
  kind: SignalKind,
  chatId: string,
  userId: string,
  readNumber: number,
): SubscribeResponse {
  const value = { chatId, userId, type: signalTypes[kind], readNumber };
  return broadcastMessage(create(SubscribeResponseSchema, { event: { case: "signal", value } }));
}
