/** What a role's mask on a property does to an operation that touches the property. */
type MaskEffect =
  /** The value is shown through the mask. */
  | 'impose'
  /** Refused: its effect tells equal values from different ones, or carries the value away, around the mask. */
  | 'refuse'
  /** Nothing is shown or compared: the policies alone decide. */
  | 'none';

interface OperationRule {
  /** An Admin who may not read data may not do it either. */
  readonly readsData: boolean;
  readonly onMasked: MaskEffect;
}

/** The closed list of operations a policy can name, and what sets them apart. Source: api.md 5.3, architecture.md D11. */
export const OPERATIONS = {
  read: { readsData: true, onMasked: 'impose' },
  write: { readsData: false, onMasked: 'none' },
  delete: { readsData: false, onMasked: 'none' },
  search: { readsData: true, onMasked: 'refuse' },
  tokenize: { readsData: false, onMasked: 'none' },
  detokenize: { readsData: true, onMasked: 'impose' },
  encrypt: { readsData: false, onMasked: 'refuse' },
  decrypt: { readsData: true, onMasked: 'impose' },
  hash: { readsData: false, onMasked: 'refuse' },
  stats: { readsData: false, onMasked: 'none' },
  invoke: { readsData: false, onMasked: 'none' },
} as const satisfies Record<string, OperationRule>;

export type Operation = keyof typeof OPERATIONS;

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly Operation[];
