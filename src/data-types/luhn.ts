const ZERO = 0x30;

/**
 * Whether a string of ASCII digits carries the right check digit (ISO/IEC 7812-1, annex B): every second digit
 * from the right counts double, the digits of the doubles are added up, and the sum is a multiple of ten.
 */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let fromRight = 0; fromRight < digits.length; fromRight++) {
    const digit = digits.charCodeAt(digits.length - 1 - fromRight) - ZERO;
    const counted = fromRight % 2 === 0 ? digit : digit * 2;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return sum % 10 === 0;
}
