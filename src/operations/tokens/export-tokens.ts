import { VaultError } from '../../errors.js';
import { collectionNamed } from '../collection-named.js';
import { exportRootOf, ownExportKey } from '../export-keys.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchEverythingPlain } from '../permit.js';
import { type OpenToken, openToken } from './open-token.js';
import { pageOfExport } from './page-of-export.js';
import { presentTokenData } from './present-token-data.js';
import { factsOfTokens } from './token-facts.js';
import { TOKEN_TYPES, type TokenType } from './token-types.js';

export const exportTokens: Operation<'exportTokens'> = {
  id: 'exportTokens',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    const types = exportedTypes(call.query.token_types);
    const exportRoot = call.query.export ? exportRootOf(vault) : null;
    await refuseHopeless(call, collection, 'detokenize');
    const { touches, asked } = touchEverythingPlain('detokenize', collection);
    const { rule: decisive } = await permit(call, collection, touches, { asked });

    const rule = exportRoot ? `${decisive} export` : decisive;
    const { rows, paging } = await pageOfExport(call, vault, collection, types);
    const tokens: OpenToken[] = [];
    for (const row of rows) tokens.push(await openToken(vault, row));
    await call.record({
      ...factsOfTokens(vault, collection, tokens),
      asked,
      revealed: tokens.length > 0 ? asked : [],
      outcome: 'allowed',
      rule,
    });
    const key = exportRoot && (await ownExportKey(vault, exportRoot));
    return { results: tokens.map((token) => presentTokenData(collection, token, key)), paging };
  },
};

/** The types to export, all that can be turned back unless some are named. Throws PV9043 where one that cannot is. */
function exportedTypes(named: readonly TokenType[] | undefined): TokenType[] {
  const all = (Object.keys(TOKEN_TYPES) as TokenType[]).filter((type) => TOKEN_TYPES[type].reversible);
  if (!named || named.length === 0) return all;
  if (!named.every((type) => all.includes(type))) throw new VaultError('PV9043', { field: 'token_types' });
  return [...new Set(named)];
}
