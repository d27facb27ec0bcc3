import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import { errorMessage } from "../lib/error-message.ts";
import { t } from "../lib/messages.ts";
import { Alert } from "./alert.tsx";
import { Button } from "./button.tsx";
import { Failure } from "./failure.tsx";
import { useLoadOnScroll } from "./use-load-on-scroll.ts";

type InfiniteListProps<T> = {
  label: string;
  query: UseInfiniteQueryResult<T[]>;
  keyOf: (item: T) => string;
  children: (item: T, index: number) => ReactNode;
  skeleton: ReactNode;
  empty: ReactNode;
  className?: string;
};

/** A list that loads its next page on scrolling or at the press of a button. */
export function InfiniteList<T>(props: InfiniteListProps<T>) {
  const { label, query, keyOf, children, skeleton, empty, className = "" } = props;
  if (query.isPending) {
    return (
      <div role="status" aria-label={t("ui.common.loading")}>
        {skeleton}
      </div>
    );
  }
  const items = query.data;
  if (!items) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  // A page of a search may be empty and have a next one.
  if (items.length === 0 && !query.hasNextPage) return empty;
  return (
    <>
      <ul aria-label={label} className={className}>
        {items.map((item, index) => (
          <Fragment key={keyOf(item)}>{children(item, index)}</Fragment>
        ))}
      </ul>
      <LoadMore query={query} />
    </>
  );
}

function LoadMore<T>({ query }: { query: UseInfiniteQueryResult<T[]> }) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, error } = query;
  const button = useLoadOnScroll({
    canLoad: hasNextPage && !isFetchingNextPage && !isFetchNextPageError,
    load: fetchNextPage,
  });
  if (!hasNextPage) return null;
  return (
    <div className="flex flex-col items-center gap-4 py-8">
      {isFetchNextPageError && <Alert tone="danger">{errorMessage(error)}</Alert>}
      <Button ref={button} busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {isFetchingNextPage ? t("ui.common.loading") : t("ui.infiniteList.more")}
      </Button>
    </div>
  );
}
