import { SessionKind } from "@plaza/contract/auth/v1/auth";
import { useQueryClient } from "@tanstack/react-query";
import { type UseFormReturn, useForm } from "react-hook-form";
import { Navigate, useLocation } from "react-router";
import { auth } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { Button } from "../../ui/button.tsx";
import { PasswordField, TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { toast } from "../../ui/toasts.ts";
import { AuthLayout } from "../components/auth-layout.tsx";
import { nextPath } from "../next-path.ts";
import { startSession, useSession } from "../session.ts";

const emptyForm = { email: "", nickname: "", password: "" };

export function SignUpPage() {
  const form = useForm({ defaultValues: emptyForm });
  const client = useQueryClient();
  const { search } = useLocation();
  const isSignedIn = useSession() !== null;
  if (isSignedIn) return <Navigate to={nextPath(search)} replace />;

  const signUp = async ({ email, nickname, password }: typeof emptyForm) => {
    await auth.register({
      email: email.trim(),
      nickname: nickname.trim(),
      password,
      session: SessionKind.COOKIE,
    });
    await startSession(client);
    toast(t("session.signUp.welcome", { nickname: nickname.trim() }));
  };
  return (
    <AuthLayout
      title={t("ui.common.signUp")}
      alternative={{ text: "session.signUp.signIn", to: "/sign-in" }}
    >
      <Form form={form} onSubmit={signUp}>
        <SignUpFields form={form} />
        <Button
          type="submit"
          variant="primary"
          className="w-full"
          busy={form.formState.isSubmitting}
        >
          {t("session.signUp.create")}
        </Button>
      </Form>
    </AuthLayout>
  );
}

function SignUpFields({ form }: { form: UseFormReturn<typeof emptyForm> }) {
  return (
    <>
      <TextField
        form={form}
        name="email"
        label={t("session.signUp.email")}
        type="email"
        autoComplete="username"
        hint={t("session.signUp.emailHint")}
      />
      <TextField
        form={form}
        name="nickname"
        label={t("session.signUp.nickname")}
        autoComplete="nickname"
        autoCapitalize="none"
        spellCheck={false}
        hint={t("session.signUp.nicknameHint")}
      />
      <PasswordField
        form={form}
        name="password"
        label={t("session.field.password")}
        showLabel={t("session.field.showPassword")}
        autoComplete="new-password"
        hint={t("session.field.passwordHint")}
      />
    </>
  );
}
