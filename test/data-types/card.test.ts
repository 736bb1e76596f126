import { passesLuhn } from '../../src/data-types/luhn.js';
import { accepts, LIMITS, normalise, refuses } from './tables.js';

accepts('CC_NUMBER', [
  ['3700 0000 0000 002', '370000000000002', 'spaces are removed'],
  ['4111-1111-1111-1111', '4111111111111111', 'dashes are removed'],
  ['4111111111111111', '4111111111111111', 'digits only'],
  ['4222222222222', '4222222222222', 'thirteen digits'],
  ['6304000000000000000', '6304000000000000000', 'nineteen digits'],
]);
refuses('CC_NUMBER', [
  ['4111111111111112', 'the wrong check digit'],
  ['411111111111', 'twelve digits'],
  ['63040000000000000000', 'twenty digits'],
  ['4111  1111 1111 1111', 'two spaces'],
  ['4111 1111 1111 1111 ', 'a space behind'],
  ['-4111111111111111', 'a dash in front'],
  ['4111.1111.1111.1111', 'dots'],
  ['', 'nothing'],
  [4111111111111111, 'a number'],
]);

test('a wrong check digit passes where the setting says so, a wrong length does not', () => {
  const limits = { ...LIMITS, checkLuhn: false };
  expect(normalise('CC_NUMBER', '4111111111111112', limits).ok).toBe(true);
  expect(normalise('CC_NUMBER', '411111111112', limits).ok).toBe(false);
});

test('exactly one check digit fits a number', () => {
  const fitting = [...'0123456789'].filter((digit) => passesLuhn(`7992739871${digit}`));
  expect(fitting).toEqual(['3']);
});

accepts('CC_EXPIRATION_STRING', [
  ['01/2030', '01/2030', 'a long year is kept'],
  ['12/30', '12/2030', 'a short year is of this century'],
  ['12/00', '12/2000', 'leading zeros count'],
  ['05/1999', '05/1999', 'a card that has expired is still a card'],
]);
refuses('CC_EXPIRATION_STRING', [
  ['00/30', 'month 00'],
  ['13/30', 'month 13'],
  ['1/30', 'one digit'],
  ['01-30', 'a dash'],
  ['01/203', 'three digits'],
  ['2030/01', 'year first'],
  ['01/30\n', 'a line break behind'],
  [130, 'a number'],
]);

accepts('CC_CVV', [
  ['012', '012', 'leading zeros are kept'],
  ['1234', '1234', 'four digits'],
]);
refuses('CC_CVV', [
  ['12', 'two digits'],
  ['12345', 'five digits'],
  ['12a', 'a letter'],
  [123, 'a number'],
]);
