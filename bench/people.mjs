import { randomInt } from 'node:crypto';

/** The collection of the bench: five properties of five types, none of them indexed, as the baselines' columns are not. */
export const COLLECTION = 'people';
export const SCHEMA = `${COLLECTION} PERSONS ( name NAME, email EMAIL, phone PHONE_NUMBER, ssn SSN, address ADDRESS )`;
/** The same with an index, to search by. */
export const INDEXED_SCHEMA = SCHEMA.replace('EMAIL', 'EMAIL INDEX');
export const INDEXED = 'email';
export const PROPERTIES = ['name', 'email', 'phone', 'ssn', 'address'];
/** What a token of the bench stands for. */
export const TOKENIZED = ['name', 'ssn'];

/**
 * Somebody who does not exist.
 * @returns {Record<string, string>}
 */
export function person() {
  const number = String(randomInt(100_000_000, 1_000_000_000));
  return {
    name: `Person ${number}`,
    email: `person${number}@example.org`,
    phone: `+1202${number.slice(0, 7)}`,
    ssn: `${number.slice(0, 3)}-1${number.slice(4, 5)}-1${number.slice(5, 8)}`,
    address: `${number.slice(0, 4)} Main Street, Springfield`,
  };
}

/** The collection of whole profiles. */
export const WIDE_COLLECTION = 'profiles';
const WIDE_TYPES = ['NAME', 'EMAIL', 'PHONE_NUMBER', 'ADDRESS', 'STRING', 'LONG_TEXT'];
const WIDE_PROPERTIES = Array.from({ length: 120 }, (_, i) => ({
  name: `field_${String(i + 1).padStart(3, '0')}`,
  type: WIDE_TYPES[i % WIDE_TYPES.length],
}));
export const WIDE_SCHEMA = `${WIDE_COLLECTION} PERSONS ( ${WIDE_PROPERTIES.map(({ name, type }) => `${name} ${type} NULL`).join(', ')} )`;

/**
 * Somebody of whom 120 things are known, some 5.5 KB as JSON.
 * @returns {Record<string, string>}
 */
export function profile() {
  return Object.fromEntries(WIDE_PROPERTIES.map(({ name, type }) => [name, valueOf(type, person())]));
}

/** @param {string | undefined} type @param {Record<string, string>} someone */
function valueOf(type, { name = '', email = '', phone = '', address = '' }) {
  switch (type) {
    case 'NAME':
      return name;
    case 'EMAIL':
      return email;
    case 'PHONE_NUMBER':
      return phone;
    case 'ADDRESS':
      return address;
    default:
      return `What ${name} once said and somebody noted`;
  }
}
