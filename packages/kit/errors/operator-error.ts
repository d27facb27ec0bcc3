/**
 * A reason why Plaza cannot start, or a command cannot run, that its operator can put right.
 * The message is one whole sentence written for them, without secrets: the CLI prints it alone,
 * without a stack, and exits with status 1.
 */
export class OperatorError extends Error {
  override readonly name = "StartError";
}
