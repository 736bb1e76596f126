const NUMERIC: ReadonlySet<string> = new Set(['INTEGER', 'DOUBLE', 'TIMESTAMP']);
/** Types whose values may be of any shape. */
const SHAPELESS: ReadonlySet<string> = new Set(['JSON', 'BLOB', 'LONG_TEXT']);

/** Years that are not said: OpenID Connect lets a birthdate be 0000-MM-DD or YYYY. */
const UNSAID_YEAR = /^0000-/;

/** `absent`: it says nothing. `unfit`: one value cannot be had from it. */
export type NormalAttribute = { readonly value: unknown } | 'absent' | 'unfit';

/**
 * A provider's value brought closer to what a data type takes: providers send booleans and numbers as text, one value as a list, an address as a
 * structure. An empty text says nothing. What comes out may still be refused by the type.
 */
export function normaliseAttribute(value: unknown, dataType: string): NormalAttribute {
  if (value === null || value === undefined) return 'absent';
  if (Array.isArray(value) && !SHAPELESS.has(dataType)) {
    // Of several, none is the one.
    return value.length > 1 ? 'unfit' : normaliseAttribute(value[0], dataType);
  }
  if (typeof value === 'string') return normaliseText(value, dataType);
  if (typeof value === 'number' && !NUMERIC.has(dataType) && !SHAPELESS.has(dataType)) {
    // Beyond this a number has lost digits before it came here.
    return Number.isSafeInteger(value) ? { value: String(value) } : 'unfit';
  }
  return dataType === 'ADDRESS' ? formattedAddress(value) : { value };
}

function normaliseText(value: string, dataType: string): NormalAttribute {
  const shapeless = dataType === 'JSON' || dataType === 'BLOB';
  const text = shapeless ? value : value.normalize('NFC').trim();
  if (text === '') return 'absent';
  if (shapeless) return { value };
  if (dataType === 'BOOLEAN')
    return text === 'true' || text === 'false' ? { value: text === 'true' } : 'unfit';
  if (NUMERIC.has(dataType) && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return { value: Number(text) };
  if (dataType.startsWith('DATE') && UNSAID_YEAR.test(text)) return 'unfit';
  // Directories write the basic form of ISO 8601.
  if (dataType.startsWith('DATE') && /^\d{8}$/.test(text))
    return { value: text.replace(/^(\d{4})(\d{2})/, '$1-$2-') };
  if (dataType === 'PHONE_NUMBER') return { value: text.replace(/[\s().-]/g, '').replace(/^00/, '+') };
  // The domain is the same in either case, the local part need not be.
  if (dataType.startsWith('EMAIL'))
    return { value: text.replace(/@[^@]*$/, (domain) => domain.toLowerCase()) };
  return { value: text };
}

const ADDRESS_MEMBERS = ['formatted', 'street_address', 'locality', 'region', 'postal_code', 'country'];

/** The one text of an address claim (OpenID Connect Core 5.1.1). One with other members is unfit: they would be lost. */
function formattedAddress(value: unknown): NormalAttribute {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'unfit';
  const members = Object.entries(value as Record<string, unknown>);
  if (!members.every(([name, part]) => ADDRESS_MEMBERS.includes(name) && typeof part === 'string'))
    return 'unfit';

  const parts = new Map(members.map(([name, part]) => [name, (part as string).trim()]));
  const text = (name: string): string => parts.get(name) ?? '';
  if (text('formatted') !== '') return { value: text('formatted').replaceAll('\r\n', '\n') };
  const place = [text('postal_code'), text('locality')].filter((part) => part !== '').join(' ');
  const lines = [text('street_address'), place, text('region'), text('country')].filter(
    (line) => line !== '',
  );
  return lines.length > 0 ? { value: lines.join(', ') } : 'absent';
}
