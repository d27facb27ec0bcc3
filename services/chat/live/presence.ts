import { create } from "@bufbuild/protobuf";
import {
  Signal_Type,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from "@plaza/contract/chat/v1/stream";
import { shared } from "@plaza/kit/rpc/broadcast-message";
import type { Deps } from "@plaza/kit/runtime/service";
import { listPresenceChats } from "../store/memberships.ts";
import type { Hub } from "./hub.ts";

/** `hello` is `online` by somebody who has just come, and would like to know who is there. */
type SignalKind = "typing" | "read" | "online" | "offline" | "hello";

const signalTypes: Record<SignalKind, Signal_Type> = {
  typing: Signal_Type.TYPING,
  read: Signal_Type.READ,
  online: Signal_Type.ONLINE,
  offline: Signal_Type.OFFLINE,
  hello: Signal_Type.ONLINE,
};

/** What is so at the moment: told to whoever follows the chat, in all processes, and kept nowhere. */
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
    pubsub.subscribe("signal", { onMessage: (line) => this.#onMessage(line) });
  }

  send(kind: SignalKind, chatId: string, userId: string, readNumber = 0): void {
    this.#pubsub.publish("signal", `${kind} ${chatId} ${userId} ${readNumber}`);
  }

  /** Tells the others in direct chats that somebody follows his chats from now on. */
  join(userId: string): Promise<void> {
    return this.#broadcast("hello", [userId]);
  }

  /** Tells them that he does not any more, unless he does so still, by another stream of this process. */
  leave(userId: string): void {
    if (!this.#hub.isSubscribed(userId)) void this.#broadcast("offline", [userId]);
  }

  /** Says again who is there; what is not said again soon is over. */
  heartbeat(): Promise<void> {
    return this.#broadcast("online", this.#hub.subscribedUserIds);
  }

  async #broadcast(kind: SignalKind, userIds: readonly string[]): Promise<void> {
    try {
      const places = userIds.length > 0 ? await listPresenceChats(this.#db, userIds) : [];
      for (const { chatId, userId } of places) this.send(kind, chatId, userId);
    } catch (err) {
      this.#log.warn({ err }, "nobody is told who is there");
    }
  }

  #onMessage(line: string): void {
    const [kind = "", chatId = "", userId = "", readNumber] = line.split(" ");
    this.#hub.relay(chatId, toEvent(kind as SignalKind, chatId, userId, Number(readNumber)));
    if (kind !== "hello") return;
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
  return shared(create(SubscribeResponseSchema, { event: { case: "signal", value } }));
}
