import { VaultError } from '../../errors.js';
import { type Piece, parseTemplate } from '../../templates/parse.js';
import { renderTemplate } from '../../templates/render.js';
import type { Operation } from '../operation.js';
import { actingAs } from './acting-role.js';
import { HTTP_CALL } from './action-named.js';
import { dereference } from './dereference.js';
import { permitAction, resourceOf } from './permit-action.js';
import { sendRecorded } from './send-recorded.js';

/** Values that one request may hold. */
const MOST_VARIABLES = 100;

export const invokeHttpCallAction: Operation<'invokeHttpCallAction'> = {
  id: 'invokeHttpCallAction',

  async run(call, vault) {
    const { template_variables: wanted, request, include_response_body: withBody = false } = call.body;
    if (Object.keys(wanted).length > MOST_VARIABLES) {
      throw new VaultError('PV9007', { field: 'template_variables' });
    }
    const url = parseTemplate(request.url, 'request.url');
    const body = request.body === undefined ? null : parseTemplate(request.body, 'request.body');
    const headers = Object.entries(request.headers ?? {}).map(([name, text]): [string, Piece[]] => [
      name,
      parseTemplate(text, 'request.headers'),
    ]);
    await permitAction(call, HTTP_CALL);

    // Without a role of its own it has that of nobody, and the policies refuse what it asks for.
    const principal = actingAs(call, vault, HTTP_CALL, vault.settings.httpCallRole);
    const values: [string, unknown][] = [];
    let card = false;
    for (const [name, id] of Object.entries(wanted)) {
      const dereferenced = await dereference(call, vault, principal, id);
      values.push([name, dereferenced.value]);
      card ||= dereferenced.card;
    }

    const variables: Record<string, unknown> = Object.fromEntries(values);
    const target = vault.outbound.target(renderTemplate(url, variables, 'url', 'request.url'), card);
    const answer = await sendRecorded(call, vault, resourceOf(HTTP_CALL), target, {
      method: request.method ?? 'GET',
      headers: Object.fromEntries(
        headers.map(([name, pieces]) => [name, renderTemplate(pieces, variables, 'text', 'request.headers')]),
      ),
      body: body && renderTemplate(body, variables, 'text', 'request.body'),
    });
    return { status_code: answer.status, headers: answer.headers, ...(withBody && { body: answer.body }) };
  },
};
