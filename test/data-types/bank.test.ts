import { accepts, refuses } from './tables.js';

accepts('BAN', [
  ['0987654321', '0987654321', 'leading zeros are kept'],
  ['12345', '12345', 'five digits'],
  ['12345678901234567', '12345678901234567', 'seventeen digits'],
]);
refuses('BAN', [
  ['1234', 'four digits'],
  ['123456789012345678', 'eighteen digits'],
  ['12345-678', 'a dash'],
  ['DE89370400440532013000', 'an IBAN'],
  [12345, 'a number'],
]);

accepts('US_BANK_ROUTING', [
  ['011103093', '011103093', 'nine digits'],
  ['1234/5678', '1234/5678', 'a short fraction'],
  ['12-3456/7890', '12-3456/7890', 'a whole fraction'],
]);
refuses('US_BANK_ROUTING', [
  ['12345678', 'eight digits'],
  ['1234567890', 'ten digits'],
  ['12-3456', 'half a fraction'],
  ['12/3456-7890', 'the signs swapped'],
  [111030930, 'a number'],
]);

accepts('US_BANK_ACCOUNT_NUMBER', [
  ['123456789', '123456789', 'digits'],
  ['A-1', 'A-1', 'whatever a bank calls it'],
]);
refuses('US_BANK_ACCOUNT_NUMBER', [
  ['', 'nothing'],
  ['1\u00002', 'U+0000'],
  ['\ud800', 'a lone surrogate'],
  ['1'.repeat(451), 'longer than the limit'],
  [123456789, 'a number'],
]);
