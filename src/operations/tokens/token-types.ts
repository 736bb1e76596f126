import type { components } from '../../generated/api.js';

export type TokenType = components['schemas']['TokenType'];

interface TokenTypeRule {
  /** Whose id it gets: a new one each time, the one that equal values have already, or the one computed from them. */
  readonly id: 'new' | 'reused' | 'computed';
  /** Whether it keeps the values of the moment it was made: not where they are the object's, nor where they never come back. */
  readonly keepsValues: boolean;
  readonly reversible: boolean;
  /** Whether its values can be replaced. */
  readonly changeable: boolean;
  readonly importable: boolean;
}

/** The closed list of token types and what sets them apart. Source: api.md 7.1 and 7.2. */
export const TOKEN_TYPES = {
  pointer: { id: 'new', keepsValues: false, reversible: true, changeable: false, importable: true },
  randomized: { id: 'new', keepsValues: true, reversible: true, changeable: true, importable: true },
  pci: { id: 'reused', keepsValues: true, reversible: true, changeable: true, importable: true },
  pci_oneway: { id: 'reused', keepsValues: false, reversible: false, changeable: true, importable: false },
  deterministic: {
    id: 'computed',
    keepsValues: true,
    reversible: true,
    changeable: false,
    importable: false,
  },
} as const satisfies Record<TokenType, TokenTypeRule>;

/** Whether equal values get the same id: such a token tells them from different ones. */
export function tellsEqualValues(type: TokenType): boolean {
  return TOKEN_TYPES[type].id !== 'new';
}
