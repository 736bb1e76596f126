import fc from 'fast-check';
import type { BuiltinTypeName } from '../../src/data-types/index.js';
import { passesLuhn } from '../../src/data-types/luhn.js';

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const day = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
const isoDay = day.map((date) => date.toISOString().slice(0, 10));
const email = fc
  .tuple(fc.stringMatching(/^[a-zA-Z][a-z0-9]{0,20}(\.[a-z0-9]{1,10})?$/), fc.domain())
  .map(([local, domain]) => `${local}@${domain}`)
  .filter((address) => address.length < 200);

/** Values of which each built-in type accepts every one, before normalisation. */
const SAMPLES: Record<BuiltinTypeName, fc.Arbitrary<unknown>> = {
  STRING: text,
  LONG_TEXT: text,
  JSON: fc.dictionary(
    fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__'),
    fc.oneof(text, fc.boolean(), fc.integer(), fc.constant(null), fc.array(text), fc.record({ inner: text })),
  ),
  INTEGER: fc.maxSafeInteger(),
  BOOLEAN: fc.boolean(),
  DOUBLE: fc.double({ noNaN: true, noDefaultInfinity: true }),
  BLOB: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
  EMAIL: fc.oneof(email, fc.constant('"j@ne doe"@example.com')),
  EMAIL_STRICT: email,
  URL: fc.oneof(fc.webUrl(), fc.constantFrom('/users/jane', 'mailto:jane@example.com', 'http://10.1.2.3/x')),
  PHONE_NUMBER: fc.stringMatching(/^\+?[1-9][0-9]{3}-?[0-9]{4,10}$/),
  ZIP_CODE_US: fc.stringMatching(/^[0-9]{5}([ -][0-9]{4})?$/),
  TIMESTAMP: day.map((date) => date.toISOString()),
  DATE: isoDay,
  DATE_OF_BIRTH: isoDay,
  NAME: text,
  GENDER: text,
  ADDRESS: text,
  SSN: fc.stringMatching(/^[0-9]{3}[ -]?[1-9][0-9][ -]?[1-9][0-9]{3}$/),
  BAN: fc.stringMatching(/^[0-9]{5,17}$/),
  CC_NUMBER: fc.stringMatching(/^[0-9]{12,18}$/).map(withCheckDigit),
  CC_HOLDER_NAME: text,
  CC_EXPIRATION_STRING: fc.stringMatching(/^(0[1-9]|1[0-2])\/([0-9]{2}|[0-9]{4})$/),
  CC_CVV: fc.stringMatching(/^[0-9]{3,4}$/),
  US_BANK_ROUTING: fc.stringMatching(/^([0-9]{9}|[0-9]{4}\/[0-9]{4}|[0-9]{2}-[0-9]{4}\/[0-9]{4})$/),
  US_BANK_ACCOUNT_NUMBER: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  OBJECT_ID: fc.uuid().map((id) => id.toUpperCase()),
  TENANT_ID: fc.string({ minLength: 1, maxLength: 40 }).filter((id) => !id.includes(',')),
};

/** Values a built-in type accepts. */
export function acceptedBy(name: BuiltinTypeName): fc.Arbitrary<unknown> {
  return SAMPLES[name];
}

function withCheckDigit(digits: string): string {
  return [...'0123456789'].map((digit) => digits + digit).find(passesLuhn) ?? digits;
}
