import {
  ADMIN_CAPABILITIES,
  CAPABILITIES,
  capabilityNamed,
  expandCapabilities,
  hasCapability,
} from '../../src/policy/capabilities.js';

describe('expandCapabilities', () => {
  it('gives * everything but the Admin’s own and the access log', () => {
    const held = expandCapabilities(['*']);
    expect(CAPABILITIES.filter((each) => !held.has(each))).toEqual([
      'CapSystem',
      'CapAuditReader',
      'CapAuditEraser',
      'CapSubjectReader',
    ]);
  });

  it.each(['CapAuditReader', 'CapAuditEraser', 'CapSubjectReader'])(
    'gives %s nothing but its part of the access log',
    (capability) => {
      expect([...expandCapabilities([capability])]).toEqual([capability]);
    },
  );

  it.each([
    [
      'CapDataReader',
      [
        'CapObjectsReader',
        'CapObjectsLister',
        'CapTokensDetokenizer',
        'CapTokensExporter',
        'CapTransactionIdReader',
      ],
    ],
    [
      'CapDataWriter',
      [
        'CapDataCreator',
        'CapObjectsCreator',
        'CapDataUpdater',
        'CapObjectsUpdater',
        'CapDataDeleter',
        'CapObjectsDeleter',
        'CapObjectsWriter',
      ],
    ],
    ['CapDataDeleter', ['CapObjectsDeleter']],
    ['CapObjectsWriter', ['CapObjectsCreator', 'CapObjectsUpdater', 'CapObjectsDeleter']],
    ['CapObjectsReader', ['CapObjectsLister']],
    ['CapObjectsLister', []],
    ['CapIAMWriter', []], // writing does not include reading
  ])('gives %s itself and %j', (word, included) => {
    expect([...expandCapabilities([word])].sort()).toEqual([word, ...included].sort());
  });

  it('lets a CapDataReader neither search, nor list tokens, nor write', () => {
    const held = expandCapabilities(['CapDataReader']);
    expect(hasCapability(held, ['CapDataSearcher', 'CapTokensReader', 'CapObjectsCreator'])).toBe(false);
  });

  it.each([
    ['CapOjectsReader', 'CapObjectsReader'],
    ['CapActionsReader', 'CapActionReader'],
    ['CapActionsInvoker', 'CapActionInvoker'],
  ])('takes %s for %s', (spelling, capability) => {
    expect(capabilityNamed(spelling)).toBe(capability);
    expect(expandCapabilities([spelling])).toEqual(expandCapabilities([capability]));
  });

  it.each(['', 'capiamreader', 'constructor', '__proto__', 'CapNone'])('takes %j for nothing', (word) => {
    expect(capabilityNamed(word)).toBeUndefined();
    expect(expandCapabilities([word]).size).toBe(0);
  });
});

describe('hasCapability', () => {
  it('passes the Admin everywhere and a role without capabilities nowhere', () => {
    for (const capability of CAPABILITIES) {
      expect(hasCapability(ADMIN_CAPABILITIES, [capability])).toBe(true);
      expect(hasCapability(expandCapabilities([]), [capability])).toBe(false);
    }
  });

  it('passes one of several, and nobody where none is asked', () => {
    const held = expandCapabilities(['CapCryptoHasher']);
    expect(hasCapability(held, ['CapCryptoEncrypter', 'CapCryptoHasher'])).toBe(true);
    expect(hasCapability(ADMIN_CAPABILITIES, [])).toBe(false);
  });
});
