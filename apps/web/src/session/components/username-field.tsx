/**
 * Says to password managers which account a password belongs to. Not `hidden`, since they skip what is not rendered
 * (https://www.chromium.org/developers/design-documents/create-amazing-password-forms/).
 */
export function UsernameField({ value }: { value: string }) {
  return (
    <input
      type="text"
      name="username"
      autoComplete="username"
      value={value}
      readOnly
      tabIndex={-1}
      aria-hidden
      className="sr-only"
    />
  );
}
