import { useMutation } from "@tanstack/react-query";
import { chats } from "../lib/clients.ts";
import { errorMessage } from "../lib/error-message.ts";
import { useNavigate } from "../lib/routing/router-contexts.ts";
import { toast } from "../ui/toasts.ts";

/** Opens the direct chat with a friend. */
export function useOpenDirectChat() {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (userId: string) => chats.createChat({ userId }),
    onSuccess: ({ id }) => navigate(`/chats/${id}`),
    onError: (error) => toast(errorMessage(error)),
  });
}
