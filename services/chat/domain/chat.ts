import { Fault, fieldRequired, invalidField } from "@plaza/kit/errors/fault";
import { normalizeText } from "@plaza/kit/text/normalize-text";

export type ChatKind = "direct" | "group";

export type MemberRole = "member" | "moderator" | "owner";

export type Chat = {
  readonly id: string;
  readonly kind: ChatKind;
  readonly title: string;
  /** The two users of a direct chat, the smaller id first. */
  readonly lowUserId: string | null;
  readonly highUserId: string | null;
  readonly lastSeq: number;
  readonly messageCount: number;
  readonly memberCount: number;
  readonly createTime: Date;
  /** The time of the last message, or of creation. */
  readonly activeTime: Date;
};

/** One membership interval: from the entry that adds the user to the entry that removes them. */
export type Membership = {
  readonly chatId: string;
  readonly userId: string;
  readonly fromSeq: number;
  /** Null while it lasts. */
  readonly untilSeq: number | null;
  readonly role: MemberRole;
  readonly readNumber: number;
};

/** A current membership. */
export type ActiveMembership = Membership & {
  /** Whether one user of a direct chat blocks the other, or was deleted. */
  readonly isBlocked: boolean;
};

/** A chat as one of its members sees it. */
export type ChatView = Chat &
  Pick<ActiveMembership, "fromSeq" | "role" | "readNumber" | "isBlocked"> & {
    readonly unreadCount: number;
  };

export const maxMembers = 500;
export const maxGroups = 1_000;

export function newDirectChat(id: string, one: string, other: string, now: Date): Chat {
  const [lowUserId, highUserId] = one < other ? [one, other] : [other, one];
  const pair = { lowUserId, highUserId, memberCount: 2 };
  return { ...emptyChat(id, now), ...pair, kind: "direct", title: "" };
}

export function newGroupChat(id: string, title: string, memberCount: number, now: Date): Chat {
  if (memberCount > maxMembers) tooManyMembers();
  const noPair = { lowUserId: null, highUserId: null };
  return {
    ...emptyChat(id, now),
    ...noPair,
    kind: "group",
    title: requireTitle(title),
    memberCount,
  };
}

function emptyChat(id: string, now: Date) {
  return { id, lastSeq: 0, messageCount: 0, createTime: now, activeTime: now };
}

/** A new member counts as having read everything before. */
export function newMembership(chat: Chat, userId: string, role: MemberRole): Membership {
  const { id: chatId, lastSeq: fromSeq, messageCount: readNumber } = chat;
  return { chatId, userId, fromSeq, untilSeq: null, role, readNumber };
}

/** The ids that are not members yet. Throws TOO_MANY_MEMBERS. */
export function newMemberIds(
  chat: Chat,
  members: readonly Membership[],
  userIds: readonly string[],
): string[] {
  const memberIds = new Set(members.map(({ userId }) => userId));
  const added = [...new Set(userIds)].filter((id) => !memberIds.has(id));
  if (chat.memberCount + added.length > maxMembers) tooManyMembers();
  return added;
}

export function assertGroup(chat: Chat): void {
  if (chat.kind === "group") return;
  throw new Fault("precondition", "NOT_A_GROUP", "this chat is not a group");
}

export function assertModerator({ role }: Membership): void {
  if (role === "member") notAModerator("only the owner and moderators of the group can do this");
}

/** Owners may remove all other members, moderators those without a role. */
export function assertOutranks(me: Membership, other: Membership): void {
  assertModerator(me);
  if (me.role === "moderator" && other.role !== "member") {
    notAModerator("moderators cannot remove the owner or other moderators");
  }
}

export function assertOwner({ role }: Membership): void {
  if (role === "owner") return;
  throw new Fault("forbidden", "NOT_THE_OWNER", "only the owner of the group can change roles");
}

/** The next owner: the moderator, or else the member, who joined first. */
export function successor(others: readonly Membership[]): Membership | undefined {
  const rank = ({ role }: Membership) => (role === "moderator" ? 0 : 1);
  const [next] = others.toSorted(
    (a, b) => rank(a) - rank(b) || a.fromSeq - b.fromSeq || (a.userId < b.userId ? -1 : 1),
  );
  return next;
}

export function assertNotBlocked({ isBlocked }: ActiveMembership): void {
  if (!isBlocked) return;
  throw new Fault(
    "precondition",
    "CHAT_BLOCKED",
    "one member has blocked the other or deleted their account",
  );
}

export function requireTitle(title: string): string {
  return normalizeText(title) || fieldRequired("title");
}

export function noSuchChat(id: string): never {
  throw new Fault("not_found", "NO_SUCH_CHAT", `no such chat: "${id}"`, {
    metadata: { chat_id: id },
  });
}

export function noSuchMember(): never {
  throw new Fault("not_found", "NO_SUCH_MEMBER", "this user is not a member of the chat");
}

export function notYourself(field: string): never {
  throw invalidField(field, "NOT_YOURSELF", "must be another user");
}

export function notFriends(): never {
  throw new Fault("precondition", "NOT_FRIENDS", "only friends can be added to a chat");
}

export function tooManyChats(): never {
  throw new Fault(
    "precondition",
    "TOO_MANY_CHATS",
    `one of the users is already in ${maxGroups} groups, the maximum`,
  );
}

function tooManyMembers(): never {
  throw new Fault(
    "precondition",
    "TOO_MANY_MEMBERS",
    `a group can have at most ${maxMembers} members`,
  );
}

function notAModerator(message: string): never {
  throw new Fault("forbidden", "NOT_A_MODERATOR", message);
}
