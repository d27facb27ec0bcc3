import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { t } from "../../lib/messages.ts";
import { sessionQuery } from "../../session/session.ts";
import { LinkButton } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { SearchField } from "../../ui/forms/search-field.tsx";
import { SortSelect } from "../../ui/forms/sort-select.tsx";
import { Heading } from "../../ui/heading.tsx";
import { HeroArt } from "../../ui/hero-art.tsx";
import { PageMeta } from "../../ui/page-meta.tsx";
import { PostList } from "../components/post-list.tsx";
import { type PostOrdering, postOrderings, toPostOrdering } from "../post-queries.ts";

export function HomePage() {
  const [params, setParams] = useSearchParams();
  const { data: session } = useQuery(sessionQuery);
  const search = params.get("q")?.trim() ?? "";
  const order = search ? toPostOrdering(params.get("order")) : "newest";
  return (
    <>
      <PageMeta path="/" title={t("posts.list.label")} description={t("posts.home.description")} />
      {session === null && !search && <Welcome />}
      <div className="mx-auto max-w-text">
        <div className="mb-2 flex flex-wrap items-center justify-between gap-x-8 gap-y-4">
          <Heading title={t("posts.list.label")} />
          <div className="flex w-full flex-wrap gap-3 sm:w-auto">
            <div className="min-w-40 flex-1 sm:w-72">
              <SearchField
                label={t("posts.home.search")}
                value={search}
                maxLength={200}
                onSearch={(q) => setParams(toParams(q, order), { replace: true })}
              />
            </div>
            {search && (
              <SortSelect
                label={t("posts.home.sort")}
                value={order}
                options={postOrderings}
                labelOf={(ordering) => t(`posts.ordering.${ordering}`)}
                onChange={(ordering) => setParams(toParams(search, ordering), { replace: true })}
              />
            )}
          </div>
        </div>
        <PostList
          search={search}
          order={order}
          empty={search ? <NothingFound /> : <NothingYet />}
        />
      </div>
    </>
  );
}

function Welcome() {
  return (
    <section
      aria-label={t("posts.home.welcome")}
      className="mb-12 grid overflow-hidden rounded-lg bg-card shadow-card md:grid-cols-2"
    >
      <div className="flex flex-col items-start gap-4 p-6 sm:p-9">
        <p className="text-2xl font-bold tracking-tight text-balance">
          {t("posts.home.welcomeTitle")}
        </p>
        <p className="text-soft">{t("posts.home.welcomeText")} </p>
        <LinkButton to="/sign-up" variant="primary">
          {t("ui.common.signUp")}
        </LinkButton>
      </div>
      <HeroArt className="h-36 md:h-full md:min-h-56" />
    </section>
  );
}

function NothingFound() {
  return <EmptyState title={t("posts.list.notFound")}>{t("posts.list.notFoundHint")}</EmptyState>;
}

function NothingYet() {
  return (
    <EmptyState title={t("posts.list.empty")}>
      <LinkButton to="/write" variant="primary" className="mt-2">
        {t("posts.list.writeFirst")}
      </LinkButton>
    </EmptyState>
  );
}

function toParams(q: string, order: PostOrdering): Record<string, string> {
  return q ? { q, ...(order !== "newest" && { order }) } : {};
}
