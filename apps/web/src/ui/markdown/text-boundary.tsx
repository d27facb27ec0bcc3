import { Component, type ReactNode } from "react";

type TextBoundaryProps = { fallback: ReactNode; children: ReactNode };

/** Shows `fallback` when rendering its children throws, so that one text never takes its page along. */
export class TextBoundary extends Component<TextBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? this.props.fallback : this.props.children;
  }
}
