import { ContactVisibility, type User } from "@plaza/contract/users/v1/users";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { users } from "../../lib/clients.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { t } from "../../lib/messages.ts";
import { cacheProfile, useSession } from "../../session/session.ts";
import { Alert } from "../../ui/alert.tsx";
import { Heading } from "../../ui/heading.tsx";
import { toast } from "../../ui/toasts.ts";

const visibilityOptions = [
  { value: ContactVisibility.PUBLIC, name: "public" },
  { value: ContactVisibility.MEMBERS, name: "members" },
  { value: ContactVisibility.NOBODY, name: "nobody" },
] as const;

export function PrivacyPage() {
  const session = useSession();
  if (!session) return null;
  return (
    <>
      <Heading title={t("people.privacy.title")} className="mb-1 text-2xl font-bold" />
      <p className="mb-6 text-soft">{t("people.privacy.explanation")}</p>
      <VisibilityChoice user={session.user} />
    </>
  );
}

function VisibilityChoice({ user }: { user: User }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (contactVisibility: ContactVisibility) =>
      users.updateUser({
        user: { id: user.id, contactVisibility },
        updateMask: { paths: ["contact_visibility"] },
      }),
    onSuccess: async (saved) => {
      await cacheProfile(client, saved);
      toast(t("people.privacy.saved"));
    },
  });
  const chosen = change.isPending ? change.variables : user.contactVisibility;
  return (
    <fieldset className="space-y-3">
      <legend className="mb-3 font-semibold">{t("people.privacy.legend")}</legend>
      {change.error && <Alert tone="danger">{errorMessage(change.error)}</Alert>}
      {visibilityOptions.map(({ value, name }) => (
        <label
          key={value}
          className="flex cursor-pointer items-start gap-3 rounded-md bg-card p-4 shadow-card has-checked:bg-accent-wash"
        >
          <input
            type="radio"
            name="visibility"
            className="mt-1.5 size-4"
            checked={chosen === value || (chosen === 0 && value === ContactVisibility.MEMBERS)}
            onChange={() => change.mutate(value)}
          />
          <span>
            <span className="block font-semibold">{t(`people.privacy.visibility.${name}`)}</span>
            <span className="block text-sm text-soft">
              {t(`people.privacy.visibilityHint.${name}`)}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
