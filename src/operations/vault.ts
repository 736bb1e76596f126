import type { Checkpointer } from '../access-log/checkpointer.js';
import type { WitnessClient } from '../access-log/witness/client.js';
import type { AccessLog } from '../access-log/writer.js';
import type { ExportRoot, Keyring } from '../crypto/index.js';
import type { Sandbox } from '../bundles/sandbox.js';
import type { TypeLimits } from '../data-types/data-type.js';
import type { Outbound } from '../outbound/outbound.js';
import type { Database } from '../store/database.js';
import type { MetadataCache } from '../store/metadata-cache.js';
import type { WriteBackQueue } from '../store/write-back-queue.js';
import type { components } from '../generated/api.js';
import type { RuntimeVariables } from './variables/runtime-variables.js';

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
  readonly expiration: {
    readonly tokens: number | null;
    readonly ownedObjects: number | null;
    readonly objects: number | null;
  };
  readonly garbage: { readonly retentionSeconds: number; readonly batchSize: number };
  /** `key` is shown where none was set through the API. */
  readonly license: { readonly key: string | null; readonly masked: boolean };
}

/** The settings as the configuration operation shows them, secrets already masked. */
export type ConfigurationDocument = components['schemas']['Config'];

/** The provider of the root key. */
export interface RootKeyHolder {
  readonly type: components['schemas']['KMSStatus']['type'];
  /** Asks it: whether it still gives the key that this vault's keys are wrapped by. Never throws. */
  answers(): Promise<boolean>;
}

/** What checks of stored data found and nothing has put right since. */
export interface Alarms {
  /** Sentences of ours. */
  readonly problems: readonly string[];
}

/** What an operation may use. */
export interface Vault {
  readonly id: string;
  readonly version: string;
  readonly schemaVersion: number;
  readonly settings: OperationSettings;
  readonly database: Database;
  readonly keyring: Keyring;
  /** Null: exporting is off. */
  readonly exportRoot: ExportRoot | null;
  readonly metadata: MetadataCache;
  readonly log: AccessLog;
  readonly checkpoints: Checkpointer;
  readonly witnesses: readonly WitnessClient[];
  readonly alarms: Alarms;
  readonly variables: RuntimeVariables;
  readonly configuration: ConfigurationDocument;
  readonly rootKey: RootKeyHolder;
  /** Null where JavaScript is switched off. */
  readonly sandbox: Sandbox | null;
  readonly outbound: Outbound;
  /** What is still to be changed at identity providers. */
  readonly writeBack: WriteBackQueue;
}
