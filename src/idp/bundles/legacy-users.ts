/** A profile as a legacy user service gives it. */
export type Profile = Readonly<Record<string, unknown>>;

/** Settings of a place where users are moved from a legacy database. */
export type LegacySettings = Readonly<Record<string, string | undefined>>;

/** Asks the legacy user service; null where it does not know the user, or the password is wrong. Throws an Error whose message is ours. */
export async function askLegacy(
  { LEGACY_API_KEY: key }: LegacySettings,
  url: string | undefined,
  question: object,
  timeoutMs: number,
): Promise<Profile | null> {
  if (!url || !/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)[:/])/.test(url))
    throw new Error('legacy_url_missing');
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify(question),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch {
    throw new Error('legacy_unavailable');
  }
  if ([401, 403, 404].includes(response.status)) return null;
  if (response.status !== 200) throw new Error('legacy_unavailable');
  return profileIn(text);
}

function profileIn(text: string): Profile {
  try {
    const profile = JSON.parse(text) as Profile;
    if (typeof profile.user_id === 'string' || typeof profile.user_id === 'number')
      return { ...profile, user_id: String(profile.user_id) };
  } catch {
    // Falls through: what is no JSON is no profile.
  }
  throw new Error('legacy_answer_unusable');
}
