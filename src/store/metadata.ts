import type { CustomType } from '../bundles/custom-type.js';
import { type Bundle, type LinkedType, linkType } from '../bundles/link.js';
import type { FunctionPrototype } from '../bundles/prototypes.js';
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
  /** The built-in type below the property's: its own where that is none of the operator's. */
  readonly baseTypeName: string;
  /** The functions of its type; null where it has none. */
  readonly linked: LinkedType | null;
}

/** A bundle as stored. */
export interface StoredBundle extends Bundle {
  /** Counts the changes. */
  readonly revision: number;
  readonly creationTime: Date;
}

/** A custom data type, or a built-in one that was given transformers, as stored. */
export interface StoredType extends CustomType {
  readonly revision: number;
  readonly creationTime: Date;
}

/** A function of a bundle with a name and a role. */
export interface StoredAction {
  readonly name: string;
  readonly description: string;
  readonly function: string;
  readonly role: string;
  readonly creationTime: Date;
  readonly modificationTime: Date;
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
  readonly bundles: ReadonlyMap<string, StoredBundle>;
  readonly types: ReadonlyMap<string, StoredType>;
  readonly actions: ReadonlyMap<string, StoredAction>;
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
  const [bundles, types] = await Promise.all([loadBundles(database), loadTypes(database)]);
  const [collections, actions, iam] = await Promise.all([
    loadCollections(database, bundles, types),
    loadActions(database),
    loadIamState(database, keyring),
  ]);
  const { newest, serial } = iam;
  const apiKeys = [...iam.keys.values()];
  const config = parseIamConfig(newest?.toml ?? EMPTY_IAM);

  return {
    generation,
    collections: new Map(collections.map((collection) => [collection.name, collection])),
    bundles,
    types,
    actions,
    iam: { version: newest?.version ?? 0, config, compiled: compileIam(config) },
    iamSerial: serial,
    apiKeys: new Map(apiKeys.flatMap((key) => (key.publicId ? [[key.publicId, key] as const] : []))),
    keysByUser: new Map(apiKeys.map((key) => [key.user, key])),
  };
}

async function loadCollections(
  database: Database,
  bundles: Metadata['bundles'],
  types: Metadata['types'],
): Promise<StoredCollection[]> {
  const linked = new Map([...types.values()].map((type) => [type.name, linkType(type, bundles)]));
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
      baseTypeName: linked.get(property.dataTypeName)?.baseTypeName ?? property.dataTypeName,
      linked: linked.get(property.dataTypeName) ?? null,
      isBuiltin: false,
      isReadonly: false,
      creationTime: createdAt,
      modificationTime: modifiedAt,
    })),
  }));
}

async function loadBundles(database: Database): Promise<Map<string, StoredBundle>> {
  const rows = await database.control((prisma) => prisma.bundle.findMany({ orderBy: { name: 'asc' } }));
  return new Map(
    rows.map(({ functions, createdAt, modifiedAt: _, ...bundle }) => [
      bundle.name,
      { ...bundle, functions: functions as unknown as FunctionPrototype[], creationTime: createdAt },
    ]),
  );
}

async function loadTypes(database: Database): Promise<Map<string, StoredType>> {
  const rows = await database.control((prisma) => prisma.dataType.findMany({ orderBy: { name: 'asc' } }));
  return new Map(rows.map(({ createdAt, ...type }) => [type.name, { ...type, creationTime: createdAt }]));
}

async function loadActions(database: Database): Promise<Map<string, StoredAction>> {
  const rows = await database.control((prisma) => prisma.action.findMany({ orderBy: { name: 'asc' } }));
  return new Map(
    rows.map(({ createdAt, modifiedAt, ...action }) => [
      action.name,
      { ...action, creationTime: createdAt, modificationTime: modifiedAt },
    ]),
  );
}
