import type { Chat } from "@plaza/contract/chat/v1/chats";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { chats } from "../../lib/clients.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { t } from "../../lib/messages.ts";
import { FriendPicker } from "../../people/components/friend-picker.tsx";
import { Alert } from "../../ui/alert.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { cacheChat } from "../chat-cache.ts";

/** Adds friends to a group. */
export function AddMembersDialog({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const client = useQueryClient();
  const addition = useMutation({
    mutationFn: () => chats.addMembers({ chatId: chat.id, userIds: [...chosen] }),
    onSuccess: (after) => {
      cacheChat(client, after);
      onClose();
    },
  });
  return (
    <Dialog title={t("chat.group.addFriends")} onClose={onClose}>
      <div className="space-y-4">
        {addition.error && <Alert tone="danger">{errorMessage(addition.error)}</Alert>}
        <FriendPicker
          selectedIds={chosen}
          onChange={setChosen}
          excludedIds={chat.members.map(({ userId }) => userId)}
        />
      </div>
      <div className="mt-6 flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>{t("chat.addMembers.cancel")}</Button>
        <Button
          variant="primary"
          busy={addition.isPending}
          disabled={chosen.length === 0}
          onClick={() => addition.mutate()}
        >
          {t("chat.addMembers.add")}
        </Button>
      </div>
    </Dialog>
  );
}
