import type { Client } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { FriendService, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { UserService } from "@plaza/contract/users/v1/users";
import { Fault } from "@plaza/kit/errors/fault";
import { newId } from "@plaza/kit/id";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import { stub, type TestPlaza, type TestPlazaOptions, testPlaza } from "@plaza/kit/testing/plaza";
import { friends } from "./main.ts";
import type { FriendAction, PairEvent, Relation } from "./pair-state-machine.ts";

/** A user and their client. */
export type TestFriendUser = { readonly id: string; readonly client: Client<typeof FriendService> };

/** The friends service under test, with stubs of auth and users. */
export type TestFriends = TestPlaza & {
  /** Creates a user with an active account. */
  newUser(nickname?: string): TestFriendUser;
  /** Deactivates the account. */
  deactivate(id: string): void;
  serviceClient(): Client<typeof FriendService>;
  anonymousClient(): Client<typeof FriendService>;
  /** The types of all events about two users, in order, each with the acting user. */
  eventsBetween(one: TestFriendUser, other: TestFriendUser): Promise<[PairEvent, TestFriendUser][]>;
};

/** The actions that the API has. */
export const friendActions = [
  "Request",
  "Confirm",
  "Decline",
  "Withdraw",
  "Remove",
  "Block",
  "Unblock",
] as const satisfies readonly FriendAction[];

/** Calls the method of the action. */
export function act(
  { client }: TestFriendUser,
  action: (typeof friendActions)[number],
  { id: userId }: TestFriendUser,
) {
  const methods = {
    Request: client.requestFriendship,
    Confirm: client.confirmFriendship,
    Decline: client.declineFriendship,
    Withdraw: client.withdrawFriendship,
    Remove: client.removeFriend,
    Block: client.blockUser,
    Unblock: client.unblockUser,
  };
  return methods[action]({ userId });
}

/** The relations of two users, as the API returns them to each. */
export async function relationsOf(one: TestFriendUser, other: TestFriendUser) {
  const [mine, theirs] = await Promise.all([relationTo(one, other), relationTo(other, one)]);
  return { mine, theirs };
}

/** The relation to the other user, as the API returns it. */
export async function relationTo(
  { client }: TestFriendUser,
  { id }: TestFriendUser,
): Promise<Relation> {
  const { relations } = await client.batchGetRelations({ userIds: [id] });
  const name = Object.entries(State).find(([, state]) => state === relations[0]?.state)?.[0];
  return name === "STATE_UNSPECIFIED" ? "none" : (name?.toLowerCase() as Relation);
}

/** Runs the service for the suite in which this is called. */
export function testFriends(options: Partial<TestPlazaOptions> = {}): TestFriends {
  const active = new Set<string>();
  const nicknames = new Map<string, string>();
  const auth = stub(AuthService, {
    filterActiveAccounts: async ({ ids }) => ({ ids: ids.filter((id) => active.has(id)) }),
  });
  const users = stub(UserService, {
    async findUserByNickname({ nickname }) {
      const id = nicknames.get(nickname.toLowerCase());
      if (id) return { id };
      throw toConnectError(new Fault("not_found", "NO_SUCH_USER", nickname), "users.plaza");
    },
    async batchGetUsers({ ids }) {
      return { users: ids.map((id) => ({ id, nickname: `nick_${id.slice(-4)}` })) };
    },
  });
  // Without pauses, so that requests can be declined and made again.
  const env = { PLAZA_FRIENDS_DECLINE_PAUSE_SECONDS: "0" };
  const plaza = testPlaza({ services: [friends], stubs: [auth, users], env, ...options });
  return {
    ...plaza,
    newUser(nickname) {
      const id = newId();
      active.add(id);
      if (nickname) nicknames.set(nickname, id);
      return { id, client: plaza.client(FriendService, { account: { id } }) };
    },
    deactivate: (id) => active.delete(id),
    serviceClient: () => plaza.client(FriendService, { service: "chat" }),
    anonymousClient: () => plaza.client(FriendService),
    async eventsBetween(one, other) {
      const rows = await plaza.db("friends")<{ type: string; payload: Buffer }[]>`
        select type, payload from event
        where aggregate_id = ${[one.id, other.id].sort().join("/")} order by sequence`;
      return rows.map(({ type, payload }) => {
        // The first field is user_id: two bytes of key and length, 36 of text.
        const actor = payload.subarray(2, 38).toString() === one.id ? one : other;
        return [type.replace("plaza.friends.v1.", "") as PairEvent, actor];
      });
    },
  };
}
