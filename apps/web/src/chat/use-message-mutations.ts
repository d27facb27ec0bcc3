import type { Chat } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { chats } from "../lib/clients.ts";
import { errorMessage } from "../lib/error-message.ts";
import { toast } from "../ui/toasts.ts";
import { withMessage } from "./chat-log.ts";
import { logQuery } from "./chat-queries.ts";
import { toggleReaction } from "./reactions.ts";

/** Reacting, editing and deleting. Only reactions are optimistic. */
export function useMessageMutations({ id: chatId }: Chat, userId: string) {
  const client = useQueryClient();
  const query = logQuery(chatId);
  const show = (message: Message) =>
    client.setQueryData(query.queryKey, (log) => log && withMessage(log, message));
  const react = useMutation({
    mutationFn: ({ message, emoji, remove }: ReactionChange) =>
      chats.reactToMessage({ chatId, seq: message.seq, emoji, remove }),
    onMutate: ({ message, emoji }) => show(toggleReaction(message, emoji, userId)),
    onError: (error) => {
      toast(errorMessage(error));
      return client.invalidateQueries(query);
    },
  });
  const edit = useMutation({
    mutationFn: ({ seq, text }: { seq: number; text: string }) =>
      chats.editMessage({ chatId, seq, text }),
    onSuccess: show,
  });
  const remove = useMutation({
    mutationFn: (seq: number) => chats.deleteMessage({ chatId, seq }),
    onSuccess: show,
  });
  return { react, edit, remove };
}

type ReactionChange = { message: Message; emoji: string; remove: boolean };
