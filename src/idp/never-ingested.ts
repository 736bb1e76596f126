/** Credentials and secrets, in whatever spelling: none of them is a profile, and none may end up where services can ask for it. */
const CREDENTIALS =
  /^(pass(word|wd|phrase)?|user_?password|password_?(hash|salt)|hash|salt|pin|secrets?|client_?secret|api_?keys?|mfa|multifactor.*|totp|otp|recovery_?codes?|(access|refresh|id|session)_?tokens?|credentials?|private_?key|cookies?)$/i;

/** Whether an attribute of this name is never copied, whatever a map says. */
export function isNeverIngested(key: string): boolean {
  return CREDENTIALS.test(key);
}
