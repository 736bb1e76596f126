import { accepts, refuses } from './tables.js';

accepts('INTEGER', [
  [0, 0, 'zero'],
  [-0, 0, 'negative zero is zero'],
  [-42, -42, 'a negative number'],
  [5.0, 5, 'no fraction after all'],
  [9007199254740991, 9007199254740991, 'the largest that is exact'],
  [-9007199254740991, -9007199254740991, 'the smallest that is exact'],
]);
refuses('INTEGER', [
  [9007199254740992, 'may have been 9007199254740993 before it was parsed'],
  [1e21, 'beyond int64 as well'],
  [1.5, 'a fraction'],
  [Infinity, 'what 1e999 is parsed to'],
  [NaN, 'no number'],
  ['7', 'digits in a string'],
  [true, 'a boolean'],
]);

accepts('DOUBLE', [
  [1.5, 1.5, 'a fraction'],
  [-0, 0, 'negative zero is zero'],
  [1e300, 1e300, 'a large exponent'],
  [5e-324, 5e-324, 'the smallest double'],
]);
refuses('DOUBLE', [
  [Infinity, 'what 1e999 is parsed to'],
  [NaN, 'no number'],
  ['1.5', 'digits in a string'],
]);

accepts('BOOLEAN', [
  [true, true, 'true'],
  [false, false, 'false'],
]);
refuses('BOOLEAN', [
  ['true', 'a string'],
  [1, 'a number'],
  [0, 'a falsy number'],
]);
