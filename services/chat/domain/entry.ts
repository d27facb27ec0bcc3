import type { MemberRole, Membership } from "./chat.ts";
import type { Message } from "./message.ts";

/** One change of a chat. */
export type Entry = {
  readonly chatId: string;
  readonly seq: number;
  readonly type: EntryType;
  /** Null when the account was deleted. */
  readonly userId: string | null;
  /** The message that was sent or changed. */
  readonly messageSeq: number | null;
  readonly memberIds: readonly string[];
  readonly role: MemberRole | null;
  readonly title: string | null;
  readonly createTime: Date;
};

export type EntryType =
  | "created"
  | "posted"
  | "edited"
  | "deleted"
  | "reacted"
  | "members_added"
  | "member_removed"
  | "member_left"
  | "role_changed"
  | "title_changed";

/** An entry before it gets its seq. */
export type EntryDraft = Pick<Entry, "type" | "userId"> &
  Partial<Pick<Entry, "messageSeq" | "memberIds" | "role" | "title">>;

/** An entry with the current state of its message. */
export type EntryWithMessage = Entry & { readonly message: Message | undefined };

/** A part of a log that a member may see: after `after`, up to `until`, or without end when that is null. */
export type VisibleRange = {
  readonly after: number;
  readonly until: number | null;
  /** The start of the membership interval whose end is `until`. */
  readonly fromSeq: number;
};

/** Greater than the seq of any entry. */
export const maxSeq = 2_147_483_647;

/** The entry as a member of this interval may see it: without a message from before it, or changed after it. */
export function visibleDuring(
  entry: EntryWithMessage,
  { fromSeq, until }: Omit<VisibleRange, "after">,
): EntryWithMessage {
  const { message } = entry;
  if (!message) return entry;
  const isVisible = message.seq >= fromSeq && (until === null || message.changedSeq <= until);
  return isVisible ? entry : { ...entry, message: undefined };
}

export function isRemovalOf(entry: Entry, userId: string): boolean {
  const isRemoval = entry.type === "member_removed" || entry.type === "member_left";
  return isRemoval && entry.memberIds.includes(userId);
}

/** The visible ranges that a member who has read up to `seq` has not read. */
export function missingRanges(
  memberships: readonly Pick<Membership, "fromSeq" | "untilSeq">[],
  seq: number,
): VisibleRange[] {
  return memberships
    .filter(({ untilSeq }) => untilSeq === null || untilSeq > seq)
    .toSorted((a, b) => a.fromSeq - b.fromSeq)
    .map(({ fromSeq, untilSeq }) => {
      return { after: Math.max(fromSeq - 1, seq), until: untilSeq, fromSeq };
    });
}
