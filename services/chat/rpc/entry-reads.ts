import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { EntrySchema } from "@plaza/contract/chat/v1/stream";
import { includesField, parseReadMask, prune } from "@plaza/kit/rpc/field-mask";
import { pageSize, paginate, parsePageToken } from "@plaza/kit/rpc/pagination";
import type { ServiceContext } from "../context.ts";
import { maxSeq, visibleDuring } from "../domain/entry.ts";
import { toEntry } from "../mappers/entry.ts";
import * as store from "../store/entries.ts";
import { withMessages } from "../store/log-reader.ts";
import { seqPattern } from "./page-tokens.ts";
import { requireMember } from "./require-member.ts";

export function entryReads({
  db,
}: ServiceContext): Pick<ServiceImpl<typeof ChatService>, "listEntries"> {
  return {
    async listEntries({ chatId, after, withoutMessages, ...request }, context) {
      const mask = parseReadMask(EntrySchema, request.readMask);
      const size = pageSize(request.pageSize);
      const [before = request.before || maxSeq] =
        parsePageToken(request.pageToken, [seqPattern]) ?? [];
      const filter = { after, before: Number(before), withoutMessages };
      const userId = await requireMember(db, chatId, context);
      const found = await store.listEntries(db, { chatId, userId }, filter, size + 1);
      const { rows, nextPageToken } = paginate(found, size, ({ seq }) => [String(seq)]);
      const entries = includesField(mask, "message")
        ? await withMessages(db, rows)
        : rows.map((row) => ({ ...row, message: undefined }));
      // The caller is a member now, so they see the current state of all messages of earlier intervals.
      const visible = entries.map(({ fromSeq, ...entry }) =>
        toEntry(visibleDuring(entry, { fromSeq, until: null })),
      );
      return { entries: visible.map((entry) => prune(EntrySchema, entry, mask)), nextPageToken };
    },
  };
}
