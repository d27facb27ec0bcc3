import type { Chat } from "@plaza/contract/chat/v1/chats";
import { Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { useQuery } from "@tanstack/react-query";
import { t } from "../../lib/messages.ts";
import { relationQuery } from "../../people/relation-queries.ts";
import { useRelationAction } from "../../people/use-relation-action.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { isDirectChat, otherMember } from "../chat-title.ts";

/** Why the member cannot write to a chat any more, with what they can do about it. */
export function ClosedChatNotice({ chat, userId }: { chat: Chat; userId: string }) {
  return (
    <div className="flex flex-wrap items-center justify-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 text-sm text-soft">
      {isDirectChat(chat) ? (
        <BlockedNotice otherId={otherMember(chat, userId)?.userId ?? ""} />
      ) : (
        <LeftGroupNotice />
      )}
    </div>
  );
}

function LeftGroupNotice() {
  return (
    <>
      {t("chat.closedChat.left")}
      <LinkButton to="/chats">{t("chat.backToChats")}</LinkButton>
    </>
  );
}

function BlockedNotice({ otherId }: { otherId: string }) {
  const { data: relation } = useQuery({ ...relationQuery(otherId), enabled: otherId !== "" });
  const { mutate: runAction, isPending } = useRelationAction(otherId);
  if (relation?.state !== State.BLOCKED) return t("chat.closedChat.blocked");
  return (
    <>
      {t("chat.closedChat.blockedByYou")}
      <Button busy={isPending} onClick={() => runAction("unblock")}>
        {t("people.relationAction.unblock")}
      </Button>
    </>
  );
}
