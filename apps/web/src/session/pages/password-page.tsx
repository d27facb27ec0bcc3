import { useForm } from "react-hook-form";
import { auth } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { Button } from "../../ui/button.tsx";
import { PasswordField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { Heading } from "../../ui/heading.tsx";
import { toast } from "../../ui/toasts.ts";
import { UsernameField } from "../components/username-field.tsx";
import { useSession } from "../session.ts";

const emptyForm = { currentPassword: "", newPassword: "" };

export function PasswordPage() {
  const session = useSession();
  const form = useForm({ defaultValues: emptyForm });
  const change = async (values: typeof emptyForm) => {
    await auth.changePassword(values);
    form.reset(emptyForm);
    toast(t("session.password.changed"));
  };
  return (
    <>
      <Heading title={t("session.password.title")} className="mb-1 text-2xl font-bold" />
      <p className="mb-6 text-soft">{t("session.password.warning")}</p>
      <Form form={form} onSubmit={change}>
        <UsernameField value={session?.user.email ?? ""} />
        <PasswordField
          form={form}
          name="currentPassword"
          label={t("session.password.current")}
          showLabel={t("session.password.showCurrent")}
          autoComplete="current-password"
        />
        <PasswordField
          form={form}
          name="newPassword"
          label={t("session.password.new")}
          showLabel={t("session.password.showNew")}
          autoComplete="new-password"
          hint={t("session.field.passwordHint")}
        />
        <Button type="submit" variant="primary" busy={form.formState.isSubmitting}>
          {t("session.password.change")}
        </Button>
      </Form>
    </>
  );
}
