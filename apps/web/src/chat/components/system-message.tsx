import { type Chat, Role } from "@plaza/contract/chat/v1/chats";
import { type Entry, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";
import { PersonName } from "./person-name.tsx";

type SystemMessageProps = { chat: Chat; entry: Entry; userId: string };

/** A change of the chat: of its members, their roles, or its title. */
export function SystemMessage({ chat, entry, userId }: SystemMessageProps) {
  return (
    <li className="py-2 text-center text-xs text-faint">
      <SystemMessageText chat={chat} entry={entry} userId={userId} />
    </li>
  );
}

function SystemMessageText({ chat, entry, userId }: SystemMessageProps) {
  const others = entry.memberIds.filter((id) => id !== entry.userId);
  const who = <PersonName chat={chat} id={entry.userId} userId={userId} selfName="You" />;
  const whom = <Names chat={chat} ids={others} userId={userId} />;
  switch (entry.type) {
    case Type.CREATED:
      return (
        <>
          {who} made the group “<bdi>{entry.title}</bdi>”{others.length > 0 && <> with {whom}</>}
        </>
      );
    case Type.MEMBERS_ADDED:
      return (
        <>
          {who} added {whom}
        </>
      );
    case Type.MEMBER_REMOVED:
      return (
        <>
          {who} removed {whom}
        </>
      );
    case Type.MEMBER_LEFT:
      return <>{who} left</>;
    case Type.ROLE_CHANGED:
      return (
        <>
          {who} made {whom} {roleNames[entry.role] ?? "a member"}
        </>
      );
    case Type.TITLE_CHANGED:
      return (
        <>
          {who} named the group “<bdi>{entry.title}</bdi>”
        </>
      );
    default:
      return null;
  }
}

const roleNames: Record<number, string> = {
  [Role.MEMBER]: "a member without a role",
  [Role.MODERATOR]: "a moderator",
  [Role.OWNER]: "the owner",
};

const maxNames = 5;

function Names({ chat, ids, userId }: { chat: Chat; ids: readonly string[]; userId: string }) {
  const named = ids.length > maxNames ? ids.slice(0, maxNames - 1) : ids;
  const rest = ids.length - named.length;
  return (
    <>
      {named.map((id, index) => (
        <span key={id}>
          {index > 0 && (rest === 0 && index === named.length - 1 ? " and " : ", ")}
          <PersonName chat={chat} id={id} userId={userId} />
        </span>
      ))}
      {rest > 0 && ` and ${rest} more`}
    </>
  );
}
