/**
 * An error that the operator can fix: why Plaza cannot start, or a command cannot run. The message is one
 * whole sentence without secrets; the CLI prints it without a stack and exits with status 1.
 */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
}
