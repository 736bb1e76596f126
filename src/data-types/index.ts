import { addressType } from './address.js';
import { banType } from './ban.js';
import { blobType } from './blob.js';
import { booleanType } from './boolean.js';
import { ccCvvType } from './cc-cvv.js';
import { ccExpirationStringType } from './cc-expiration-string.js';
import { ccHolderNameType } from './cc-holder-name.js';
import { ccNumberType } from './cc-number.js';
import type { DataType } from './data-type.js';
import { dateOfBirthType } from './date-of-birth.js';
import { dateType } from './date.js';
import { doubleType } from './double.js';
import { emailStrictType } from './email-strict.js';
import { emailType } from './email.js';
import { genderType } from './gender.js';
import { integerType } from './integer.js';
import { jsonType } from './json.js';
import { longTextType } from './long-text.js';
import { nameType } from './name.js';
import { objectIdType } from './object-id.js';
import { phoneNumberType } from './phone-number.js';
import { ssnType } from './ssn.js';
import { stringType } from './string.js';
import { tenantIdType } from './tenant-id.js';
import { timestampType } from './timestamp.js';
import { urlType } from './url.js';
import { usBankAccountNumberType } from './us-bank-account-number.js';
import { usBankRoutingType } from './us-bank-routing.js';
import { zipCodeUsType } from './zip-code-us.js';

/** The built-in data types by name: a new one is a file and a line here. Names and rules: the API's section 4.1. */
export const DATA_TYPES = {
  STRING: stringType,
  LONG_TEXT: longTextType,
  JSON: jsonType,
  INTEGER: integerType,
  BOOLEAN: booleanType,
  DOUBLE: doubleType,
  BLOB: blobType,
  EMAIL: emailType,
  EMAIL_STRICT: emailStrictType,
  URL: urlType,
  PHONE_NUMBER: phoneNumberType,
  ZIP_CODE_US: zipCodeUsType,
  TIMESTAMP: timestampType,
  DATE: dateType,
  DATE_OF_BIRTH: dateOfBirthType,
  NAME: nameType,
  GENDER: genderType,
  ADDRESS: addressType,
  SSN: ssnType,
  BAN: banType,
  CC_NUMBER: ccNumberType,
  CC_HOLDER_NAME: ccHolderNameType,
  CC_EXPIRATION_STRING: ccExpirationStringType,
  CC_CVV: ccCvvType,
  US_BANK_ROUTING: usBankRoutingType,
  US_BANK_ACCOUNT_NUMBER: usBankAccountNumberType,
  OBJECT_ID: objectIdType,
  TENANT_ID: tenantIdType,
} as const satisfies Record<string, DataType>;

export type BuiltinTypeName = keyof typeof DATA_TYPES;

/** The built-in type of a name, exactly as written; undefined for any other name, `constructor` included. */
export function dataTypeNamed(name: string): DataType | undefined {
  return isBuiltinTypeName(name) ? DATA_TYPES[name] : undefined;
}

function isBuiltinTypeName(name: string): name is BuiltinTypeName {
  return Object.hasOwn(DATA_TYPES, name);
}
