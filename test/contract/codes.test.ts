import { ERRORS } from '../../src/errors.js';
import { contract } from '../../src/generated/contract.js';

test('the contract lists exactly the errors of the vault, with status and message', () => {
  expect(contract.errorCodes).toEqual(ERRORS);
});
