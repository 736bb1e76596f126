/** The closed list of capabilities, in the one spelling the code uses. Source: api.md 5.5; those from CapIdpHook on are ours. */
export const CAPABILITIES = [
  'CapSystem',
  'CapDataReader',
  'CapDataWriter',
  'CapDataCreator',
  'CapDataUpdater',
  'CapDataDeleter',
  'CapDataSearcher',
  'CapObjectsReader',
  'CapObjectsLister',
  'CapObjectsWriter',
  'CapObjectsCreator',
  'CapObjectsUpdater',
  'CapObjectsDeleter',
  'CapTokensDetokenizer',
  'CapTokensReader',
  'CapTokensWriter',
  'CapTokensExporter',
  'CapTokensImporter',
  'CapTransactionIdReader',
  'CapCryptoEncrypter',
  'CapCryptoDecrypter',
  'CapCryptoHasher',
  'CapActionReader',
  'CapActionWriter',
  'CapActionInvoker',
  'CapIAMReader',
  'CapIAMWriter',
  'CapCodeReader',
  'CapCodeWriter',
  'CapTypesReader',
  'CapTypesWriter',
  'CapCollectionsReader',
  'CapCollectionsWriter',
  'CapSystemGCRunner',
  'CapConfvarReader',
  'CapConfvarWriter',
  'CapKMSReader',
  'CapKMSWriter',
  'CapExportKeyReader',
  'CapClusterInfoReader',
  'CapInfoReader',
  'CapErrorWriter',
  'CapAnalysisDetect',
  'CapAnalysisLocate',
  'CapIdpHook',
  'CapIdpImport',
  'CapIdpLifecycle',
  'CapIdpExchange',
  'CapIdpRestore',
  'CapAuditReader',
  'CapAuditEraser',
  'CapSubjectReader',
] as const;

export type Capability = (typeof CAPABILITIES)[number];

/** Other spellings that clients' files use. */
const SPELLINGS: ReadonlyMap<string, Capability> = new Map([
  ['CapOjectsReader', 'CapObjectsReader'],
  ['CapActionsReader', 'CapActionReader'],
  ['CapActionsInvoker', 'CapActionInvoker'],
]);

/**
 * What a broad capability includes, narrower at every step; this table is the only place that knows. An operation therefore asks for the
 * narrowest capability alone: adding an object asks for CapObjectsCreator and a CapDataWriter passes.
 * CapDataReader is GET under /data: a search is a POST and needs CapDataSearcher, searching tokens CapTokensReader.
 */
const INCLUDES: Readonly<Partial<Record<Capability, readonly Capability[]>>> = {
  CapDataReader: ['CapObjectsReader', 'CapTokensDetokenizer', 'CapTokensExporter', 'CapTransactionIdReader'],
  CapDataWriter: ['CapDataCreator', 'CapDataUpdater', 'CapDataDeleter', 'CapObjectsWriter'],
  CapDataCreator: ['CapObjectsCreator'],
  CapDataUpdater: ['CapObjectsUpdater'],
  CapDataDeleter: ['CapObjectsDeleter'],
  CapObjectsReader: ['CapObjectsLister'],
  CapObjectsWriter: ['CapObjectsCreator', 'CapObjectsUpdater', 'CapObjectsDeleter'],
};

/**
 * What opens the access log, as a whole or for one object, or takes texts out of it. Only the Admin may grant these: who writes IAM must not be
 * able to look up, or to thin out, what was recorded of it.
 */
export const AUDIT_CAPABILITIES = [
  'CapAuditReader',
  'CapAuditEraser',
  'CapSubjectReader',
] as const satisfies readonly Capability[];

/**
 * `*` means every capability but these. CapSystem is the Admin's alone. Those of the access log must be granted by name: a `*` written before
 * they existed must not open it.
 */
const NOT_IN_STAR: ReadonlySet<Capability> = new Set(['CapSystem', ...AUDIT_CAPABILITIES]);

const BY_NAME: ReadonlyMap<string, Capability> = new Map([
  ...CAPABILITIES.map((name) => [name, name] as const),
  ...SPELLINGS,
]);

/** What the built-in Admin role holds: everything. */
export const ADMIN_CAPABILITIES: ReadonlySet<Capability> = new Set(CAPABILITIES);

/** The capability that a file's word stands for, in either spelling; undefined for any other word, `*` included. */
export function capabilityNamed(word: string): Capability | undefined {
  return BY_NAME.get(word);
}

/** Everything a role holds that lists these words: `*`, other spellings and included capabilities resolved. */
export function expandCapabilities(words: readonly string[]): ReadonlySet<Capability> {
  const held = new Set<Capability>();
  const take = (capability: Capability): void => {
    held.add(capability);
    INCLUDES[capability]?.forEach(take);
  };

  for (const word of words) {
    const capability = capabilityNamed(word);
    if (word === '*') CAPABILITIES.filter((each) => !NOT_IN_STAR.has(each)).forEach(take);
    else if (capability !== undefined) take(capability);
  }
  return held;
}

/** Whether a caller holding `held` passes an operation that asks for any one of `anyOf`; an empty list passes nobody. */
export function hasCapability(held: ReadonlySet<Capability>, anyOf: readonly Capability[]): boolean {
  return anyOf.some((capability) => held.has(capability));
}
