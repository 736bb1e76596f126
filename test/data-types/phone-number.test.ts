import { accepts, refuses } from './tables.js';

accepts('PHONE_NUMBER', [
  ['+972-54-1234567', '+972541234567', 'dashes are removed'],
  ['+8-888-88888', '+888888888', 'wherever they stand'],
  ['0541234567', '0541234567', 'a local number keeps its zero'],
  ['1234567', '1234567', 'seven digits'],
  ['+123456789012345', '+123456789012345', 'fifteen digits, the longest of E.164'],
  ['--1234567--', '1234567', 'dashes at the ends'],
]);
refuses('PHONE_NUMBER', [
  ['123456', 'six digits'],
  ['1234567890123456', 'sixteen digits'],
  ['012345678901234', 'fifteen digits that begin with zero'],
  ['+', 'a plus'],
  ['', 'nothing'],
  ['++1234567', 'two plus signs'],
  ['054 123 4567', 'spaces'],
  ['(054)1234567', 'parentheses'],
  ['1234567\n', 'a line break behind'],
  ['١٢٣٤٥٦٧', 'Arabic digits'],
  [1234567, 'a number'],
]);
