import { useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { users } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { useNavigate } from "../../lib/routing/router-contexts.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { Heading } from "../../ui/heading.tsx";
import { toast } from "../../ui/toasts.ts";
import { leaveMemberPage } from "../leave-member-page.ts";
import { endSession, useSession } from "../session.ts";

export function DeleteAccountPage() {
  const { id: userId = "", nickname = "" } = useSession()?.user ?? {};
  const form = useForm({ defaultValues: { confirmation: "" } });
  const client = useQueryClient();
  const navigate = useNavigate();
  const deleteAccount = async ({ confirmation }: { confirmation: string }) => {
    if (confirmation.trim() !== nickname) {
      form.setError(
        "confirmation",
        { message: t("session.deleteAccount.mismatch", { nickname }) },
        { shouldFocus: true },
      );
      return;
    }
    await users.deleteUser({ id: "me" });
    await leaveMemberPage(navigate);
    await endSession(client, userId);
    toast(t("session.deleteAccount.deleted"));
  };
  return (
    <>
      <Heading title={t("session.deleteAccount.title")} className="mb-1 text-2xl font-bold" />
      <p className="mb-6 text-soft">{t("session.deleteAccount.warning")} </p>
      <Form form={form} onSubmit={deleteAccount}>
        <TextField
          form={form}
          name="confirmation"
          label={t("session.deleteAccount.confirmation", { nickname })}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <Button type="submit" variant="danger" busy={form.formState.isSubmitting}>
          {t("session.deleteAccount.title")}
        </Button>
      </Form>
    </>
  );
}
