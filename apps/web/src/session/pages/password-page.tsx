import { useForm } from "react-hook-form";
import { auth } from "../../lib/clients.ts";
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
    toast("Your password is changed.");
  };
  return (
    <>
      <Heading title="Password" className="mb-1 text-2xl font-bold" />
      <p className="mb-6 text-soft">A change signs you out everywhere else.</p>
      <Form form={form} onSubmit={change}>
        <UsernameField value={session?.user.email ?? ""} />
        <PasswordField
          form={form}
          name="currentPassword"
          label="Current password"
          autoComplete="current-password"
        />
        <PasswordField
          form={form}
          name="newPassword"
          label="New password"
          autoComplete="new-password"
          hint="At least 8 characters. A sentence is easy to remember and hard to guess."
        />
        <Button type="submit" variant="primary" busy={form.formState.isSubmitting}>
          Change password
        </Button>
      </Form>
    </>
  );
}
