import { type Chat, Role } from "@plaza/contract/chat/v1/chats";
import { type Entry, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";
import { Trans } from "../../ui/trans.tsx";
import { PersonName } from "./person-name.tsx";
import { PersonNames } from "./person-names.tsx";

type SystemMessageProps = { chat: Chat; entry: Entry; userId: string };

/** A change of the chat: of its members, their roles, or its title. */
export function SystemMessage({ chat, entry, userId }: SystemMessageProps) {
  const others = entry.memberIds.filter((id) => id !== entry.userId);
  const id = messageId(entry, others.length > 0);
  return (
    <li className="py-2 text-center text-xs text-faint">
      {id && (
        <Trans
          id={id}
          values={{
            by: entry.userId === userId ? "self" : "other",
            name: <PersonName chat={chat} id={entry.userId} userId={userId} />,
            names: <PersonNames chat={chat} ids={others} userId={userId} />,
            title: <bdi>{entry.title}</bdi>,
          }}
        />
      )}
    </li>
  );
}

function messageId({ type, role }: Entry, hasOthers: boolean) {
  switch (type) {
    case Type.CREATED:
      return hasOthers ? "chat.systemMessage.createdWith" : "chat.systemMessage.created";
    case Type.MEMBERS_ADDED:
      return "chat.systemMessage.membersAdded";
    case Type.MEMBER_REMOVED:
      return "chat.systemMessage.memberRemoved";
    case Type.MEMBER_LEFT:
      return "chat.systemMessage.memberLeft";
    case Type.ROLE_CHANGED:
      if (role === Role.OWNER) return "chat.systemMessage.madeOwner";
      return role === Role.MODERATOR
        ? "chat.systemMessage.madeModerator"
        : "chat.systemMessage.removedModerator";
    case Type.TITLE_CHANGED:
      return "chat.systemMessage.renamed";
    default:
      return undefined;
  }
}
