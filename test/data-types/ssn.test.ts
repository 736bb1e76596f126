import { accepts, refuses } from './tables.js';

accepts('SSN', [
  ['123-45-6789', '123-45-6789', 'the usual form'],
  ['123456789', '123-45-6789', 'digits only get dashes'],
  ['123 45 6789', '123-45-6789', 'spaces become dashes'],
  ['123-456789', '123-45-6789', 'one dash is enough'],
  ['078-05-1120', '078-05-1120', 'a number known from advertising'],
  ['987-65-4321', '987-65-4321', 'an area kept for examples'],
  ['856-45-6789', '856-45-6789', 'an area never issued'],
]);
refuses('SSN', [
  ['123-00-6789', 'group 00'],
  ['123-45-0000', 'serial 0000'],
  ['123-45-678', 'eight digits'],
  ['123-45-67890', 'ten digits'],
  ['123--45-6789', 'two dashes'],
  ['123.45.6789', 'dots'],
  [' 123-45-6789', 'a space in front'],
  ['123-45-6789\n', 'a line break behind'],
  [123456789, 'a number'],
]);
