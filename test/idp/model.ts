import type { Attribute, Decision, LoginEvent } from '../../src/idp/event.js';
import type { Found, LoginPort, Outcome } from '../../src/idp/login.js';
import type { Plan, Provenance } from '../../src/idp/plan-login.js';

/** Says when a step may go on; throws where the process dies instead. */
export type Step = (what: string) => Promise<void>;

interface Row {
  values: Map<string, string>;
  provenance: Map<string, Provenance>;
  revision: number;
}

/** A vault in memory whose every step waits for its turn, so that a test can put steps of many logins in any order and end a process between any two. */
export class ModelVault {
  readonly objects = new Map<string, Row>();
  readonly erased = new Set<string>();
  readonly tokens: { readonly objectId: string; readonly values: ReadonlyMap<string, string> }[] = [];
  created = 0;

  erase(subject: string): void {
    this.erased.add(subject);
    this.objects.delete(idOf(subject));
  }

  /** The vault as one login of a subject sees it. */
  port(subject: string, properties: readonly string[], step: Step, connection: string): LoginPort {
    const objectId = idOf(subject);
    return {
      properties: new Set(properties),
      required: [],
      textOf: (_property, value) => (typeof value === 'string' ? value : null),
      mayStore: () => true,

      find: async (): Promise<Found & { revision: number }> => {
        await step('find');
        const row = this.objects.get(objectId);
        const [values, provenance] = [new Map(row?.values), new Map(row?.provenance)];
        return {
          state: this.erased.has(subject) ? 'erased' : row ? 'linked' : 'new',
          objectId,
          revision: row?.revision ?? 0,
          suspended: false,
          held: { text: (name) => values.get(name) ?? null, provenance: (name) => provenance.get(name) },
        };
      },

      apply: async (found, { writes }: Plan): Promise<Outcome> => {
        await step('apply');
        const row = this.objects.get(objectId);
        const raced =
          this.erased.has(subject) ||
          (writes.length > 0 && (row?.revision ?? 0) !== (found as { revision?: number }).revision);
        if (raced) return { raced: true };
        const next = row ?? { values: new Map(), provenance: new Map(), revision: 0 };
        if (!row) this.created++;
        for (const { property, text, verified } of writes) {
          next.values.set(property, text);
          next.provenance.set(property, { connection, at: null, verified: verified ?? null });
        }
        if (writes.length > 0) next.revision++;
        this.objects.set(objectId, next);
        this.tokens.push({ objectId, values: new Map(next.values) });
        // Committed: whether the caller still lives to hear it is another matter.
        await step('applied');
        return { done: true, token: `token-${this.tokens.length}` };
      },
    };
  }
}

/** A provider's user: metadata that one update at a time changes. */
export class ModelUser {
  metadata: Record<string, string> = {};

  attributes(): Attribute[] {
    return Object.entries(this.metadata)
      .filter(([key]) => key !== 'pii_object_id')
      .map(([key, value]) => ({ path: `app_metadata.${key}`, key, value, metadata: true, removable: true }));
  }

  /** One update at the end of the login. A value that was written to the provider since the event was made stays: platforms that cannot tell say so in docs/idp/. */
  carryOut({ write, scrub }: Decision, seen: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(write)) {
      if (value === null) delete this.metadata[key];
      else this.metadata[key] = value;
    }
    for (const path of scrub) {
      const key = path.slice('app_metadata.'.length);
      if (this.metadata[key] === seen[key]) delete this.metadata[key];
    }
  }

  event(subject: string): LoginEvent {
    return {
      kind: 'login',
      issuer: 'acme',
      subject,
      link: this.metadata.pii_object_id,
      clientId: 'web',
      transaction: undefined,
      connection: { name: 'db', kind: 'database' },
      attributes: this.attributes(),
      updatedAt: undefined,
    };
  }
}

export function idOf(subject: string): string {
  return `object of ${subject}`;
}
