import type { AccessLog } from '../access-log/writer.js';
import type { Sandbox } from '../bundles/sandbox.js';
import type { Keyring } from '../crypto/index.js';
import type { TypeLimits } from '../data-types/data-type.js';
import type { Outbound } from '../outbound/outbound.js';
import type { Database } from '../store/database.js';
import type { MetadataCache } from '../store/metadata-cache.js';

/** The settings that change what operations do. */
export interface OperationSettings {
  readonly types: TypeLimits;
  readonly adminMayReadData: boolean;
  readonly forceAccessReason: boolean;
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
  /** Counting stops here: `remaining_count` and the counts are exact up to it. */
  readonly maxCount: number;
  /** Most objects that a search over unindexed properties opens. */
  readonly scanLimit: number;
  readonly maxTokenTags: number;
  /** The role of `http_call`; empty: it has none and is refused. */
  readonly httpCallRole: string;
  /** Seconds until a new token, owned object or other object expires; null: never. */
  readonly expiration: { readonly tokens: number | null; readonly objects: number | null };
}

/** What an operation may use. */
export interface Vault {
  readonly id: string;
  readonly version: string;
  readonly schemaVersion: number;
  readonly settings: OperationSettings;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly metadata: MetadataCache;
  readonly log: AccessLog;
  /** Null where JavaScript is switched off. */
  readonly sandbox: Sandbox | null;
  readonly outbound: Outbound;
}
