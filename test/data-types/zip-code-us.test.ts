import { accepts, refuses } from './tables.js';

accepts('ZIP_CODE_US', [
  ['12345', '12345', 'five digits'],
  ['00501', '00501', 'leading zeros are kept'],
  ['12345-6789', '12345-6789', 'ZIP+4 with a dash is kept'],
  ['12345 6789', '12345 6789', 'ZIP+4 with a space is kept'],
]);
refuses('ZIP_CODE_US', [
  ['1234', 'four digits'],
  ['123456789', 'nine digits in one'],
  ['12345-', 'a dash and nothing'],
  ['12345-678', 'three digits behind the dash'],
  ['12345--6789', 'two dashes'],
  ['12345\n', 'a line break behind'],
  ['ABCDE', 'letters'],
  [12345, 'a number'],
]);
