import { SessionKind } from "@plaza/contract/auth/v1/auth";
import { useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { Navigate, useLocation } from "react-router";
import { auth } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { Button } from "../../ui/button.tsx";
import { PasswordField, TextField } from "../../ui/forms/fields.tsx";
import { Form } from "../../ui/forms/form.tsx";
import { AuthLayout } from "../components/auth-layout.tsx";
import { nextPath } from "../next-path.ts";
import { startSession, useSession } from "../session.ts";

export function SignInPage() {
  const form = useForm({ defaultValues: { login: "", password: "" } });
  const client = useQueryClient();
  const { search } = useLocation();
  const isSignedIn = useSession() !== null;
  if (isSignedIn) return <Navigate to={nextPath(search)} replace />;

  const signIn = async ({ login, password }: { login: string; password: string }) => {
    await auth.login({ login: login.trim(), password, session: SessionKind.COOKIE });
    await startSession(client);
  };
  return (
    <AuthLayout
      title={t("ui.common.signIn")}
      alternative={{ text: "session.signIn.signUp", to: "/sign-up" }}
    >
      <Form form={form} onSubmit={signIn}>
        <TextField
          form={form}
          name="login"
          label={t("session.signIn.login")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
        />
        <PasswordField
          form={form}
          name="password"
          label={t("session.field.password")}
          showLabel={t("session.field.showPassword")}
          autoComplete="current-password"
        />
        <Button
          type="submit"
          variant="primary"
          className="w-full"
          busy={form.formState.isSubmitting}
        >
          {t("ui.common.signIn")}
        </Button>
      </Form>
    </AuthLayout>
  );
}
