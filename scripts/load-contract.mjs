import { join, relative } from 'node:path';
import { bundle, createConfig } from '@redocly/openapi-core';

/** All parts of openapi/ in one document, with references into its own components only. Throws what does not fit together. */
export async function loadContract(root) {
  const config = await createConfig({});
  const { bundle: result, problems } = await bundle({ ref: join(root, 'openapi', 'openapi.yaml'), config });
  if (problems.length > 0)
    throw new Error(problems.map((problem) => describeProblem(root, problem)).join('\n'));
  return sortComponents(structuredClone(result.parsed));
}

function describeProblem(root, problem) {
  const [place] = problem.location;
  const file = place ? relative(root, place.source.absoluteRef) : 'openapi';
  return `${file}${place?.pointer ?? ''}: ${problem.message}`;
}

/** The bundler adds components in the order it meets them; by name, a change in one path moves nothing else. */
function sortComponents(document) {
  for (const [kind, entries] of Object.entries(document.components)) {
    document.components[kind] = Object.fromEntries(
      Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  return document;
}
