import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { User } from "@plaza/contract/users/v1/users";
import { useQuery } from "@tanstack/react-query";
import { t } from "../../lib/messages.ts";
import { displayName } from "../../people/names.ts";
import { userCardQuery } from "../../people/user-cards.ts";

/** The card of a present or former member of a chat: undefined while it loads, null when the user is deleted. */
export function useUserCard(chat: Chat | undefined, id: string): User | null | undefined {
  const member = chat?.members.find(({ userId }) => userId === id)?.user;
  const { data } = useQuery({ ...userCardQuery(id), enabled: !member });
  return member ?? data;
}

type PersonNameProps = { chat: Chat | undefined; id: string; userId: string };

/** The name of a member of a chat within a sentence; "you" for the user who reads it. */
export function PersonName(props: PersonNameProps) {
  return <Name {...props} selfName={t("chat.youInSentence")} />;
}

/** The name of a message's sender; "You" for the user who reads it. */
export function SenderName(props: PersonNameProps) {
  return <Name {...props} selfName={t("chat.you")} />;
}

function Name({ chat, id, userId, selfName }: PersonNameProps & { selfName: string }) {
  const person = useUserCard(chat, id);
  return id === userId ? selfName : <bdi>{displayName(person)}</bdi>;
}
