import type { Touch } from '../../policy/decide.js';
import { tellsEqualValues } from './token-types.js';
import type { TokenizeRequest } from './tokenize-request.js';

type Tokenized = Pick<TokenizeRequest, 'type' | 'properties' | 'template'>;

/**
 * One touch per property to be tokenized. An id that is the same for equal values, or that keeps the ends of a card number, would tell of a
 * value what a mask hides: it needs the property plain.
 */
export function touchTokenized(requests: readonly Tokenized[]): Touch[] {
  const touches = requests.flatMap(({ type, properties, template }) =>
    properties.map((property): Touch => {
      const needsPlain = tellsEqualValues(type) || property === template;
      return {
        operation: 'tokenize',
        resource: { kind: 'property', property, ...(needsPlain && { needsPlain }) },
      };
    }),
  );
  const byText = new Map(touches.map((touch) => [JSON.stringify(touch), touch]));
  return [...byText.values()];
}
