import { t } from "../lib/messages.ts";
import { LinkButton } from "./button.tsx";
import { Heading } from "./heading.tsx";
import { HeroArt } from "./hero-art.tsx";

export function NotFoundPage() {
  return (
    <div className="flex flex-col items-center gap-5 py-12 text-center">
      <HeroArt className="h-32 w-80 max-w-full overflow-hidden rounded-lg" />
      <Heading title={t("ui.notFound.title")} />
      <p className="max-w-sm text-soft">{t("ui.notFound.text")}</p>
      <LinkButton to="/" variant="primary">
        {t("ui.notFound.back")}
      </LinkButton>
    </div>
  );
}
