import { shows, transformed } from './tables.js';

shows('INTEGER.mask', [
  [12345, '*****', 'the example'],
  [0, '*', 'zero'],
  [-42, '-**', 'the sign stays'],
]);

shows('DOUBLE.mask', [
  [-123.45, '-***.**', 'the example'],
  [7, '*', 'no fraction'],
  [1e21, '*e+**', 'an exponent'],
  [1.5e-7, '*.*e-*', 'a small exponent'],
]);

shows('BOOLEAN.mask', [
  [true, '*', 'a constant'],
  [false, '*', 'for both'],
]);

shows('PHONE_NUMBER.mask', [
  ['+972541234567', '*********4567', 'the example, the plus starred too'],
  ['8005552795', '******2795', 'a local number'],
  ['1234567', '***4567', 'the shortest'],
]);

shows('ZIP_CODE_US.mask', [
  ['12345', '123**', 'the example'],
  ['12345-6789', '123**', 'ZIP+4 shows no more'],
  ['12345 6789', '123**', 'with a space neither'],
  ['00501', '005**', 'leading zeros'],
]);
test.each([
  ...['036', '059', '063', '102', '203', '556', '692', '790', '821'],
  ...['823', '830', '831', '878', '879', '884', '890', '893'],
])('ZIP_CODE_US.mask hides the sparsely populated area %s', (area) => {
  expect(maskedZip(`${area}01`)).toBe('000**');
  expect(maskedZip(`${area}01-2345`)).toBe('000**');
});

function maskedZip(zip: string) {
  return transformed('ZIP_CODE_US.mask', zip);
}

shows('SSN.mask', [
  ['123-12-1234', '***-**-1234', 'the example'],
  ['1234', '***-**-****', 'a value of another shape shows nothing'],
]);

for (const binding of ['BAN.mask', 'US_BANK_ACCOUNT_NUMBER.mask'] as const)
  shows(binding, [
    ['12345677917', '*******7917', "BAN's example"],
    ['123456789', '*****6789', "US_BANK_ACCOUNT_NUMBER's example"],
    ['12345678', '****5678', 'eight are enough for four'],
    ['1234567', '****567', 'seven show three'],
    ['12345', '***45', 'five show two'],
  ]);
shows('US_BANK_ACCOUNT_NUMBER.mask', [
  ['1234', '**34', 'four show two'],
  ['12', '*2', 'two show one'],
  ['1', '*', 'one shows nothing'],
  ['12🧥🧥', '**🧥🧥', 'a character outside the basic plane is whole'],
]);

shows('CC_NUMBER.mask', [
  ['4580458045809573', '************9573', 'the example'],
  ['4222222222222', '*********2222', 'thirteen digits'],
]);
shows('CC_EXPIRATION_STRING.mask', [['12/2030', '**/****', 'a constant']]);
shows('CC_CVV.mask', [
  ['123', '***', 'a constant'],
  ['1234', '***', 'a fourth digit is not told'],
]);

shows('US_BANK_ROUTING.mask', [
  ['123456789', '******789', 'the example'],
  ['1234/5678', '******678', 'a short fraction'],
  ['12-3456/7890', '*********890', 'a whole fraction'],
]);
