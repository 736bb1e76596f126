import fc from 'fast-check';
import { couldBeGranted } from '../../src/policy/could-be-granted.js';
import { decide } from '../../src/policy/decide.js';
import type { Operation } from '../../src/policy/operations.js';
import { slowDecide } from './oracle.js';
import { COLLECTIONS, OPERATION_LIST, compiled, factsOf, rawIam, rawRequest, touchOf } from './worlds.js';

const RUNS = { numRuns: 6_000 };

describe('decide, over generated configs and requests', () => {
  it('allows and reveals exactly what a slow reading of the rules does', () => {
    const seen = {
      allowed: 0,
      denied: 0,
      severalTouches: 0,
      maskImposed: 0,
      maskAskedFor: 0,
      shownByDefault: 0,
      byMask: 0,
      byPolicy: 0,
      noPolicy: 0,
    };

    fc.assert(
      fc.property(rawIam, rawRequest, (iam, request) => {
        const { collection, reason, touches } = request;
        const decision = decide(compiled(iam), {
          caller: { kind: 'role', role: 'app' },
          collection: factsOf(collection),
          reason,
          touches: touches.map(touchOf),
        });
        const expected = slowDecide(iam, 'app', collection, COLLECTIONS[collection] ?? {}, reason, touches);

        expect(decision.allowed ? decision.reveals : null).toEqual(expected);

        if (decision.allowed) {
          seen.allowed += 1;
          if (touches.length > 1) seen.severalTouches += 1;
          for (const { asked, property, transformation } of decision.reveals) {
            const mask = iam.roles.app?.masks?.[`${collection}/${property}`];
            if (mask === undefined && transformation !== null && asked === property) seen.shownByDefault += 1;
            if (mask !== undefined && asked === property) seen.maskImposed += 1;
            if (mask !== undefined && asked !== property) seen.maskAskedFor += 1;
          }
        } else {
          seen.denied += 1;
          if (decision.rule.startsWith('role-mask:')) seen.byMask += 1;
          if (decision.rule.startsWith('deny:')) seen.byPolicy += 1;
          if (decision.rule === 'no-policy') seen.noPolicy += 1;
        }
      }),
      RUNS,
    );

    for (const [outcome, times] of Object.entries(seen))
      expect([outcome, times > 20]).toEqual([outcome, true]);
  });

  it('gives the same decision the second time, when the votes are remembered, and from a config read anew', () => {
    fc.assert(
      fc.property(rawIam, fc.array(rawRequest, { minLength: 1, maxLength: 4 }), (iam, requests) => {
        const warm = compiled(iam);
        for (const { collection, reason, touches } of [...requests, ...requests]) {
          const request = {
            caller: { kind: 'role', role: 'app' },
            collection: factsOf(collection),
            reason,
            touches: touches.map(touchOf),
          } as const;
          expect(decide(warm, request)).toEqual(decide(compiled(iam), request));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('names as its rule only policies the role has, and one that denies where it was denied', () => {
    fc.assert(
      fc.property(rawIam, rawRequest, (iam, { collection, reason, touches }) => {
        const { rule } = decide(compiled(iam), {
          caller: { kind: 'role', role: 'app' },
          collection: factsOf(collection),
          reason,
          touches: touches.map(touchOf),
        });
        for (const [, verdict, name] of rule.matchAll(/(allow|deny):(\w+)/g)) {
          const policy = iam.policies[name ?? ''];
          expect(policy?.policy_type).toBe(verdict);
          expect(iam.roles.app?.policies.some((listed) => listed === name || listed === '*')).toBe(true);
        }
      }),
      { numRuns: 1_500 },
    );
  });
});

describe('couldBeGranted, over generated configs', () => {
  it('is false only where no touch of the collection can be allowed for any reason', () => {
    let certain = 0;
    let open = 0;

    fc.assert(
      fc.property(
        rawIam,
        fc.constantFrom(...OPERATION_LIST),
        fc.constantFrom('users', 'user'),
        (iam, operation, collection) => {
          const caller = { kind: 'role', role: 'app' } as const;
          if (couldBeGranted(compiled(iam), caller, operation as Operation, collection)) {
            open += 1;
            return;
          }
          certain += 1;
          const properties = COLLECTIONS[collection] ?? {};
          const touches = [
            { operation, tokens: true },
            ...Object.entries(properties).flatMap(([property, { transformations }]) =>
              [undefined, ...Object.keys(transformations)].map((transformation) => ({
                operation,
                property,
                ...(transformation !== undefined && { transformation }),
              })),
            ),
          ];
          for (const touch of touches)
            for (const reason of ['AppFunctionality', 'Marketing', 'Other'])
              expect(slowDecide(iam, 'app', collection, properties, reason, [touch])).toBeNull();
        },
      ),
      { numRuns: 1_500 },
    );

    expect(certain).toBeGreaterThan(200);
    expect(open).toBeGreaterThan(200);
  });
});
