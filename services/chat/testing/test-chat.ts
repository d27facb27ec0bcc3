import { randomUUID } from "node:crypto";
import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { FriendService, Relation_State } from "@plaza/contract/friends/v1/friends";
import { UserService } from "@plaza/contract/users/v1/users";
import { Fault } from "@plaza/kit/errors/fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import type { Deps } from "@plaza/kit/runtime/service";
import { stub, type TestPlaza, type TestPlazaOptions, testPlaza } from "@plaza/kit/testing/plaza";
import { chat } from "../main.ts";
import type { TestChatUser } from "./subscription-recorder.ts";

/** The service under test, with stubs of users and friends: all users are friends unless unfriended. */
export type TestChat = TestPlaza & {
  /** Creates a user, who can be found by the nickname. */
  newUser(nickname?: string): TestChatUser;
  unfriend(one: TestChatUser, other: TestChatUser): void;
  createDirectChat(one: TestChatUser, other: TestChatUser): Promise<Chat>;
  createGroup(owner: TestChatUser, ...others: readonly TestChatUser[]): Promise<Chat>;
  sendMessage(person: TestChatUser, chatId: string, text?: string): Promise<Message>;
  /** Handles an event of another service, and then runs all tasks once. */
  handleEvent<T extends DescMessage>(event: T, init: MessageInitShape<T>): Promise<void>;
};

/** Runs the service for the suite in which this is called. */
export function testChat(options: Partial<TestPlazaOptions> = {}): TestChat {
  const unfriended = new Set<string>();
  const friends = stub(FriendService, {
    async batchGetPairs({ pairs }) {
      const state = (one: string, other: string) =>
        unfriended.has(`${one} ${other}`)
          ? Relation_State.STATE_UNSPECIFIED
          : Relation_State.CONFIRMED;
      return {
        pairs: pairs.map(({ userId, otherId }) => ({
          userId,
          otherId,
          state: state(userId, otherId),
          otherState: state(otherId, userId),
        })),
      };
    },
  });
  const idByNickname = new Map<string, string>();
  const users = stub(UserService, {
    async findUserByNickname({ nickname }) {
      const id = idByNickname.get(nickname);
      if (id) return { id };
      throw toConnectError(new Fault("not_found", "NO_SUCH_USER", nickname), "users.plaza");
    },
    async batchGetUsers({ ids }) {
      return { users: ids.map((id) => ({ id, nickname: `n${id.slice(-6)}` })) };
    },
  });
  let running: ReturnType<typeof chat.create> | undefined;
  const observed = { ...chat, create: (deps: Deps) => (running = chat.create(deps)) };
  const plaza = testPlaza({ services: [observed], stubs: [friends, users], ...options });
  return {
    ...plaza,
    newUser(nickname) {
      const id = randomUUID();
      if (nickname) idByNickname.set(nickname, id);
      return { id, chats: plaza.client(ChatService, { account: { id } }) };
    },
    unfriend(one, other) {
      unfriended.add(`${one.id} ${other.id}`).add(`${other.id} ${one.id}`);
    },
    createDirectChat: (one, other) => one.chats.createChat({ userId: other.id }),
    createGroup: (owner, ...others) =>
      owner.chats.createChat({ title: "A group", memberIds: others.map(({ id }) => id) }),
    sendMessage: (person, chatId, text = "Hello.") =>
      person.chats.sendMessage({ chatId, text, idempotencyKey: randomUUID() }),
    async handleEvent(event, init) {
      const { eventHandlers = [], tasks = [] } = running ?? {};
      await plaza.db("chat").begin(async (tx) => {
        for (const handler of eventHandlers.filter((one) => one.event === event)) {
          await handler.handle(tx, create(event, init) as never);
        }
      });
      for (const { run } of tasks) await run();
    },
  };
}
