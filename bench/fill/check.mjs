import { INDEXED, PROPERTIES, TOKENIZED } from '../people.mjs';
import { DATA, REASON } from '../vault-client.mjs';

/**
 * Asks a vault for what was put into its tables: each object by its id and by its index, and each token. Throws where it is not shown exactly as it was
 * made.
 * @param {Pick<import('./sealer.mjs').RunningVault, 'app' | 'support'>} vault
 * @param {readonly import('../fill.mjs').Known[]} known
 */
export async function checkKnown({ app, support }, known) {
  const props = PROPERTIES.map((name) => `props=${name}`).join('&');
  for (const { object, token, someone } of known) {
    const ask = JSON.stringify({ match: { [INDEXED]: someone[INDEXED] } });
    const [found, searched, [detokenized]] = await Promise.all([
      app('GET', `${DATA}/objects/${object}?${props}&${REASON}`),
      app('POST', `${DATA}/query/objects?${props}&${REASON}`, ask),
      support('GET', `${DATA}/tokens?token_ids=${token}&${REASON}`),
    ]);
    const { name = '', ssn = '' } = someone;
    const masked = { name, ssn: `***-**-${ssn.slice(-4)}` };
    expectEqual(object, found, someone);
    // One value may be another's too: there are fewer numbers than people.
    if (!searched.results.some((/** @type {Record<string, string>} */ one) => isSame(one, someone))) {
      throw new Error(`${object} was not found by its ${INDEXED}`);
    }
    expectEqual(token, detokenized.fields, Object.fromEntries(TOKENIZED.map((each) => [each, masked[each]])));
  }
}

/** @param {string} id @param {Record<string, string>} shown @param {Record<string, string>} made */
function expectEqual(id, shown, made) {
  if (!isSame(shown, made)) throw new Error(`${id} is shown as something else than was stored`);
}

/** @param {Record<string, string>} a @param {Record<string, string>} b */
function isSame(a, b) {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
