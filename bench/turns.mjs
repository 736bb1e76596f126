import { ALONE, isAlone } from './scenarios.mjs';

/**
 * Who is asked what in the rounds of a scenario. What only the vault is asked, it is asked in turn with the same thing one at a time, so that the
 * two have the machine alike. A vault whose request log is read is asked only what is measured by it: writing the log to a file costs something.
 * Once under load, and once by a single caller who waits for each answer.
 * @typedef {{ name: string, contestant: import('./load.mjs').Contestant, scenario: import('./scenarios.mjs').Scenario, connections?: number }} Turn
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {readonly import('./load.mjs').Contestant[]} contestants
 * @returns {Turn[]}
 */
export function turnsOf(scenario, contestants) {
  if (!isAlone(scenario)) {
    return contestants
      .filter(({ durations }) => !durations)
      .map((contestant) => ({ name: contestant.name, contestant, scenario }));
  }
  const { against, byLog } = ALONE[scenario];
  return contestants
    .filter(({ verify, durations }) => (byLog ? durations : verify && !durations))
    .flatMap((contestant) => {
      const turn = { name: contestant.name, contestant, scenario };
      if (against === null) return [turn];
      const one = { name: `${contestant.name}_${against}`, contestant, scenario: against };
      const caller = { connections: 1 };
      return [
        ...[turn, one],
        ...[turn, one].map((each) => ({ ...each, ...caller, name: `${each.name}_one_caller` })),
      ];
    });
}
