import { randomInt } from 'node:crypto';

/** The collection of the bench, five properties of five types, and nothing indexed: neither are the baselines' columns. */
export const COLLECTION = 'people';
export const SCHEMA = `${COLLECTION} PERSONS ( name NAME, email EMAIL, phone PHONE_NUMBER, ssn SSN, address ADDRESS )`;
export const PROPERTIES = ['name', 'email', 'phone', 'ssn', 'address'];

/**
 * Somebody who does not exist.
 * @returns {Record<string, unknown>}
 */
export function person() {
  const number = randomInt(1e8, 1e9);
  return {
    name: `Person ${number}`,
    email: `person${number}@example.org`,
    phone: `+1202${String(number).slice(0, 7)}`,
    ssn: `${digits(number, 0, 3)}-${digits(number, 3, 5)}-${digits(number, 5, 9)}`,
    address: { address_line_1: `${number % 1000} Main Street`, city: 'Springfield', zip_code: '12345' },
  };
}

/** @param {number} number @param {number} from @param {number} to */
function digits(number, from, to) {
  return String(number).slice(from, to);
}
