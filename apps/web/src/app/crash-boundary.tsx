import { Component, type ReactNode } from "react";
import { useLocation } from "react-router";
import { CrashPage } from "./pages/crash-page.tsx";

/** Shows the crash page in place of its children when they throw, until another page is opened. */
export function CrashBoundary({ children }: { children: ReactNode }) {
  return <ErrorCatcher page={useLocation()}>{children}</ErrorCatcher>;
}

type ErrorCatcherProps = { page: unknown; children: ReactNode };
type ErrorCatcherState = { error?: unknown; page: unknown };

class ErrorCatcher extends Component<ErrorCatcherProps, ErrorCatcherState> {
  override state: ErrorCatcherState = { page: this.props.page };

  static getDerivedStateFromError(error: unknown): Partial<ErrorCatcherState> {
    return { error: error ?? new Error("nothing was thrown") };
  }

  static getDerivedStateFromProps(
    { page }: ErrorCatcherProps,
    state: ErrorCatcherState,
  ): ErrorCatcherState | null {
    return page === state.page ? null : { error: undefined, page };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === undefined ? this.props.children : <CrashPage error={error} />;
  }
}
