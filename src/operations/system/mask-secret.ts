const HIDDEN = '********';
const SHOWN = 4;

/** A secret in the settings as it is shown: that there is one, never how long it is or what it says. */
export function hidden(secret: string | null): string {
  return secret ? HIDDEN : '';
}

/** A license as it is shown where it is to be masked: its end, by which an operator knows it, if enough remains hidden. */
export function maskedLicense(license: string): string {
  const end = license.length >= 4 * SHOWN ? license.slice(-SHOWN) : '';
  return license === '' ? '' : HIDDEN + end;
}
