import { accepts, refuses } from './tables.js';

accepts('OBJECT_ID', [
  ['3E84E552-0B1C-4D2A-9F00-ABCDEF012345', '3e84e552-0b1c-4d2a-9f00-abcdef012345', 'lower case'],
  ['1aca18c7-aaa2-3c59-5418-7546433be09c', '1aca18c7-aaa2-3c59-5418-7546433be09c', 'no version bits'],
  ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 'the nil UUID'],
]);
refuses('OBJECT_ID', [
  ['3e84e5520b1c4d2a9f00abcdef012345', 'no dashes'],
  ['{3e84e552-0b1c-4d2a-9f00-abcdef012345}', 'braces'],
  ['3e84e552-0b1c-4d2a-9f00-abcdef01234g', 'a letter beyond f'],
  ['3e84e552-0b1c-4d2a-9f00-abcdef012345\n', 'a line break behind'],
  ['', 'nothing'],
  [7, 'a number'],
]);

accepts('TENANT_ID', [
  ['acme', 'acme', 'a word'],
  ['Acme Inc.', 'Acme Inc.', 'the case and spaces are kept'],
]);
refuses('TENANT_ID', [
  ['a,b', 'a comma would make it two tenants'],
  ['', 'nobody could name it'],
  ['a\u0000', 'U+0000'],
  ['\udc00', 'a lone surrogate'],
  ['a'.repeat(451), 'longer than the limit'],
  [7, 'a number'],
]);
