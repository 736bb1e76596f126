import type { Auth0User } from './auth0-tenant.js';

/** A row of the table that the company had before. */
interface LegacyRow {
  readonly email: string;
  readonly national_id: string;
  readonly ssn: string;
}

/** The old user table, PII in the clear. Passwords are left out: the story begins when users have proved who they are. */
export class LegacyUsers {
  readonly #rows: LegacyRow[] = [
    { email: 'ada@example.com', national_id: '45860945864', ssn: '123-12-1234' },
    { email: 'ben@example.com', national_id: '30117722901', ssn: '219-09-9999' },
    { email: 'cleo@example.com', national_id: '71230055518', ssn: '457-55-5462' },
  ];

  rows(): readonly LegacyRow[] {
    return [...this.#rows];
  }

  /** Deletes a row: the IdP knows the user now. */
  drop(email: string): void {
    this.#rows.splice(
      this.#rows.findIndex((row) => row.email === email),
      1,
    );
  }

  /** Auth0's custom database script `getUser`: the row as a profile to import. */
  async getUser(email: string): Promise<Auth0User | null> {
    const row = this.#rows.find((each) => each.email === email);
    if (!row) return null;
    const { national_id, ssn } = row;
    return { user_id: `auth0|${email.split('@')[0]!}`, email, app_metadata: { national_id, ssn } };
  }
}
