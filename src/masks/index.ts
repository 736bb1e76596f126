import { addressMask } from './address.js';
import { ageFrac } from './age-frac.js';
import { age } from './age.js';
import { bankAccountMask } from './bank-account.js';
import { blobSize } from './blob-size.js';
import { blobMask } from './blob.js';
import { booleanMask } from './boolean.js';
import { ccCvvMask } from './cc-cvv.js';
import { ccExpirationStringMask } from './cc-expiration-string.js';
import { ccNumberMask } from './cc-number.js';
import { dateMask } from './date.js';
import { emailMask } from './email.js';
import { genderMask } from './gender.js';
import { jsonMask } from './json.js';
import { longTextMask } from './long-text.js';
import type { Mask } from './mask.js';
import { nameMask } from './name.js';
import { numberMask } from './number.js';
import { objectIdMask } from './object-id.js';
import { phoneNumberMask } from './phone-number.js';
import { ssnMask } from './ssn.js';
import { stringMask } from './string.js';
import { tenantIdMask } from './tenant-id.js';
import { timestampMask } from './timestamp.js';
import { urlMask } from './url.js';
import { usBankRoutingMask } from './us-bank-routing.js';
import { zipCodeUsMask } from './zip-code-us.js';

/**
 * The built-in transformations: a new one is a file and a line here. Names and examples: the API's section 4.2.
 * `token` is not among them, since it looks something up.
 */
export const MASKS: readonly Mask[] = [
  stringMask,
  longTextMask,
  jsonMask,
  numberMask,
  booleanMask,
  blobMask,
  blobSize,
  emailMask,
  urlMask,
  phoneNumberMask,
  zipCodeUsMask,
  timestampMask,
  dateMask,
  age,
  ageFrac,
  nameMask,
  genderMask,
  addressMask,
  ssnMask,
  bankAccountMask,
  ccNumberMask,
  ccExpirationStringMask,
  ccCvvMask,
  usBankRoutingMask,
  objectIdMask,
  tenantIdMask,
];

const BY_TYPE_AND_NAME: ReadonlyMap<string, Mask> = new Map(
  MASKS.flatMap((mask) => mask.types.map((type) => [`${type}.${mask.name}`, mask] as const)),
);

/** The transformation of that name for a built-in type, e.g. `SSN`, `mask`; undefined where there is none. */
export function maskFor(typeName: string, transformationName: string): Mask | undefined {
  return BY_TYPE_AND_NAME.get(`${typeName}.${transformationName}`);
}

/** The names of all transformations of a built-in type, sorted; none for an unknown type. */
export function transformationsOf(typeName: string): string[] {
  return MASKS.filter((mask) => mask.types.includes(typeName))
    .map((mask) => mask.name)
    .sort();
}
