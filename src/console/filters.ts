import type { components } from '../generated/api.js';
import type { AuditQuery } from './vault-api.js';

type Schemas = components['schemas'];

/** What a list of choices may hold; the contract's own list, or it does not compile. */
const OUTCOMES = [
  'allowed',
  'masked',
  'denied',
  'failed',
] as const satisfies readonly Schemas['AuditOutcome'][];
const REASONS = [
  'AppFunctionality',
  'Analytics',
  'Notifications',
  'Marketing',
  'ThirdPartyMarketing',
  'FraudPreventionSecurityAndCompliance',
  'AccountManagement',
  'Maintenance',
  'DataSubjectRequest',
  'Other',
] as const satisfies readonly Schemas['AuditReason'][];

export type FilterName = Exclude<keyof AuditQuery, 'order' | 'limit' | 'cursor' | 'proofs'>;

/** One field of the form. */
export interface FilterField {
  readonly label: string;
  readonly hint?: string;
  /** A moment in UTC, one of a list, or any text. */
  readonly kind: 'moment' | 'text' | readonly string[];
  /** Shown without unfolding. */
  readonly common: boolean;
}

/** Every filter of the contract; the compiler says which is missing. */
export const FILTERS = {
  from: { label: 'From (UTC)', kind: 'moment', common: true },
  to: { label: 'Before (UTC)', kind: 'moment', common: true },
  user: { label: 'Client', kind: 'text', common: true },
  operation: { label: 'Operation', hint: 'such as detokenize', kind: 'text', common: true },
  collection: { label: 'Collection', kind: 'text', common: true },
  property: { label: 'Property', kind: 'text', common: true },
  outcome: { label: 'Outcome', kind: OUTCOMES, common: true },
  reason: { label: 'Reason', kind: REASONS, common: true },
  object_id: { label: 'Object id', kind: 'text', common: false },
  token_id: { label: 'Token', hint: 'the chart cannot be narrowed by it', kind: 'text', common: false },
  text: { label: 'Words in free texts', kind: 'text', common: false },
  transformation: { label: 'Transformation', hint: 'such as mask', kind: 'text', common: false },
  role: { label: 'Role', kind: 'text', common: false },
  key_id: { label: 'Key id', hint: 'the public id of an API key', kind: 'text', common: false },
  subject: { label: 'Subject of a JWT', kind: 'text', common: false },
  tenant: { label: 'Tenant', kind: 'text', common: false },
  rule: { label: 'Rule', kind: 'text', common: false },
  request_id: { label: 'Request id', kind: 'text', common: false },
  remote_addr: { label: 'Remote address', kind: 'text', common: false },
} as const satisfies Record<FilterName, FilterField>;

export const FILTER_NAMES = Object.keys(FILTERS) as FilterName[];

/** What stands in the form; nothing for a field that is empty. */
export type Filters = Readonly<Partial<Record<FilterName, string>>>;

/** The filters as the contract wants them: without empty ones, moments with their zone. */
export function filtersOf(form: Filters): Record<string, string> {
  return Object.fromEntries(
    FILTER_NAMES.flatMap((name) => {
      const text = form[name]?.trim() ?? '';
      if (text === '') return [];
      return [[name, FILTERS[name].kind === 'moment' ? momentOf(text) : text]];
    }),
  );
}

/** What a browser gives for a date and time, with or without seconds, as a moment in UTC. */
function momentOf(text: string): string {
  return `${/T\d\d:\d\d$/.test(text) ? `${text}:00` : text}Z`;
}
