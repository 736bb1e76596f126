/** Which errors an operation can give: those of the guards in front of it, and those it declares itself (`x-errors`). */

/**
 * Codes of errors, in the order of their statuses. The guards' follow from what the contract says about the operation
 * (src/http/app.ts lists them); `x-errors` names the others.
 */
export function errorsOf(operation, document) {
  const codes = [...new Set([...guardErrors(operation), ...(operation.errors ?? [])])];
  const known = document['x-error-codes'];
  for (const code of codes) {
    if (!known[code]) throw new Error(`${operation.operationId}: ${code} is not in x-error-codes`);
  }
  return codes.sort((a, b) => known[a].status - known[b].status || (a < b ? -1 : 1));
}

/** What every operation that is recorded can meet, damage of the log's own rows included. The page says it once. */
const ALWAYS = ['PV1000', 'PV9010'];

/** @returns {string[]} */
function guardErrors({ auth, capabilities, creates, planned, parameters, requestBody }) {
  return [
    'PV1000',
    'PV1009',
    'PV1010',
    'PV1012',
    'PV9016',
    'PV9018',
    'PV9063',
    ...(auth === 'none' ? [] : ['PV1005', 'PV1011', 'PV9010', 'PV9017', 'PV9064', 'PV9066']),
    ...(auth === 'required' ? ['PV9065'] : []),
    ...(auth === 'required' && capabilities.length > 0 ? ['PV1007'] : []),
    ...('adhoc_reason' in parameters.query.properties ? ['PV1001', 'PV1002'] : []),
    ...('collection' in parameters.path.properties ? ['PV1004'] : []),
    ...(requestBody === null ? [] : ['PV9014', 'PV9015']),
    ...(creates ? ['PV9019'] : []),
    ...(planned ? ['PV2001'] : []),
  ];
}

/** docs/ERRORS.md: for each operation what it can refuse, and each code with its sentence. */
export function errorsPage(operations, document) {
  const known = document['x-error-codes'];
  const cell = (codes) => codes.map((code) => `\`${code}\``).join(' ');
  const statuses = [...new Set(Object.values(known).map(({ status }) => status))].sort((a, b) => a - b);
  const rows = operations.map(({ operationId, errors }) => {
    const list = statuses
      .filter((status) => status < 500)
      .map((status) => [
        status,
        errors.filter((code) => known[code].status === status && !ALWAYS.includes(code)),
      ])
      .filter(([, codes]) => codes.length > 0)
      .map(([status, codes]) => `${status}: ${cell(codes)}`);
    return `| ${operationId} | ${list.join('; ')} |`;
  });
  const codes = Object.entries(known).map(
    ([code, { status, message }]) => `| \`${code}\` | ${status} | ${message} |`,
  );
  return `<!-- generated from openapi/ by scripts/generate.mjs, do not edit -->

# Errors

What each operation can refuse. The tests fail on an answer with an error that is not listed here, and a whole run of them where one of these was never met; \`PV3218\`
(409, two requests at once) is the one that chance decides. Besides, every operation can answer ${cell(['PV1000'])} (500, a fault of ours), ${cell(['PV9010'])} (410, somebody else changed what
is stored) and, with \`Retry-After\`, the codes of status 503.

| operation | refuses |
|---|---|
${rows.join('\n')}

## Codes

| code | status | message |
|---|---|---|
${codes.join('\n')}
`;
}
