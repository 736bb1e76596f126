import type { Collection, Property } from '../collections/collection.js';
import { type CompiledIam, compileIam } from '../policy/compile.js';
import { type IamConfig, parseIamConfig } from '../policy/iam-config.js';
import type { Keyring } from '../crypto/index.js';
import type { Database } from './database.js';
import { type IamState, ONE_MOMENT, type StoredApiKey, readIamState } from './iam-state.js';

/** A property as stored: its id is part of associated data and is never reused. */
export interface StoredProperty extends Property {
  readonly id: number;
  /** False while the blind indexes of objects from before it was indexed are being built: searches must not rely on them. */
  readonly indexBuilt: boolean;
}

/** A collection as stored. */
export interface StoredCollection extends Collection<StoredProperty> {
  readonly id: number;
}

/**
 * Everything that decides how requests are treated and changes rarely, as of one moment: one request works with one of these from
 * beginning to end.
 */
export interface Metadata {
  /** Counts all changes; equal generations are equal contents. */
  readonly generation: string;
  readonly collections: ReadonlyMap<string, StoredCollection>;
  readonly iam: { readonly version: number; readonly config: IamConfig; readonly compiled: CompiledIam };
  /** Counts the changes of IAM and keys; never falls. */
  readonly iamSerial: number;
  readonly apiKeys: ReadonlyMap<string, StoredApiKey>;
  readonly keysByUser: ReadonlyMap<string, StoredApiKey>;
}

/** The user name under which the Admin's key is kept; no IAM configuration may use it. */
export const ADMIN_USER = 'Admin';

/** An IAM configuration for a vault that was never given one: nobody but the Admin. */
const EMPTY_IAM = '[users]\n\n[roles]\n\n[policies]\n';

/** The generation alone: one cheap statement that says whether a cached snapshot still holds. */
export async function readGeneration(database: Database): Promise<string> {
  const rows = await database.run<{ generation: string }>({
    name: 'metadata-generation',
    text: 'select generation from change_generation where id = 1',
    values: [],
  });
  return rows[0]!.generation;
}

/** Who may get in, checked against its MACs. Throws PV9063. */
export async function loadIamState(database: Database, keyring: Keyring): Promise<IamState> {
  return database.transaction(async (run) => {
    await run(ONE_MOMENT);
    return readIamState(run, keyring);
  });
}

/**
 * Loads a snapshot. The generation is read first: what changes meanwhile makes the snapshot look old, never new. Throws PV9063 where
 * somebody but a vault has changed who may get in.
 */
export async function loadMetadata(database: Database, keyring: Keyring): Promise<Metadata> {
  const generation = await readGeneration(database);
  const [collections, iam] = await Promise.all([loadCollections(database), loadIamState(database, keyring)]);
  const { newest, serial } = iam;
  const apiKeys = [...iam.keys.values()];
  const config = parseIamConfig(newest?.toml ?? EMPTY_IAM);

  return {
    generation,
    collections: new Map(collections.map((collection) => [collection.name, collection])),
    iam: { version: newest?.version ?? 0, config, compiled: compileIam(config) },
    iamSerial: serial,
    apiKeys: new Map(apiKeys.flatMap((key) => (key.publicId ? [[key.publicId, key] as const] : []))),
    keysByUser: new Map(apiKeys.map((key) => [key.user, key])),
  };
}

async function loadCollections(database: Database): Promise<StoredCollection[]> {
  const rows = await database.control((prisma) =>
    prisma.collection.findMany({
      orderBy: { id: 'asc' },
      include: { properties: { orderBy: { id: 'asc' } } },
    }),
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    type: row.type as StoredCollection['type'],
    creationTime: row.createdAt,
    modificationTime: row.modifiedAt,
    properties: row.properties.map(({ collectionId: _, createdAt, modifiedAt, ...property }) => ({
      ...property,
      isBuiltin: false,
      isReadonly: false,
      creationTime: createdAt,
      modificationTime: modifiedAt,
    })),
  }));
}
