import type { MemberRole, Membership } from "./chat.ts";
import type { Message } from "./message.ts";

/** One change of a chat. */
export type Entry = {
  readonly chatId: string;
  readonly seq: number;
  readonly type: EntryType;
  /** Whose doing it was; null when that account is gone. */
  readonly userId: string | null;
  /** The message that it is about. */
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

/** A change that has no place in the log yet. */
export type EntryDraft = Pick<Entry, "type" | "userId"> &
  Partial<Pick<Entry, "messageSeq" | "memberIds" | "role" | "title">>;

/** An entry with the message that it is about, as that is now. */
export type EntryWithMessage = Entry & { readonly message: Message | undefined };

/** A part of a log that somebody may see: behind `after`, up to `until` or, for null, for as long as it grows. */
export type VisibleRange = {
  readonly after: number;
  readonly until: number | null;
  /** The beginning of the stay that it belongs to, of which `until` is the end. */
  readonly fromSeq: number;
};

/** Behind the last entry of every log. */
export const maxSeq = 2_147_483_647;

/** The entry as it is told for a stay: with nothing of messages from before, or of what they became after it. */
export function visibleDuring(
  entry: EntryWithMessage,
  { fromSeq, until }: Omit<VisibleRange, "after">,
): EntryWithMessage {
  const { message } = entry;
  if (!message) return entry;
  const isOfStay = message.seq >= fromSeq && (until === null || message.changedSeq <= until);
  return isOfStay ? entry : { ...entry, message: undefined };
}

export function isRemovalOf(entry: Entry, userId: string): boolean {
  const isRemoval = entry.type === "member_removed" || entry.type === "member_left";
  return isRemoval && entry.memberIds.includes(userId);
}

/** What somebody with these stays in a chat has not seen when he knows it up to `seq`. */
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
