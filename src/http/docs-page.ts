import { createHash } from 'node:crypto';
import { parse, stringify } from 'yaml';

/** A page and the policy it is served with. */
export interface Page {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

type Node = Record<string, unknown>;

const METHODS = ['get', 'post', 'patch', 'delete'];

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
code, pre { font: 0.9em/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 0.6rem; border: 1px solid #8884; border-radius: 4px; }
details { border: 1px solid #8884; border-radius: 4px; margin: 0.4rem 0; padding: 0.3rem 0.7rem; }
summary { cursor: pointer; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: 0.2rem 0.6rem 0.2rem 0; border-bottom: 1px solid #8883; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 600; }
.planned { opacity: 0.6; }
`;

/**
 * The API reference as one page made from the text of openapi.yaml: no script, no request to anybody. A viewer from npm would be ten
 * megabytes of JavaScript in the one process that holds the keys.
 */
export function docsPage(openapi: string): Page {
  const document = parse(openapi) as Node;
  const style = createHash('sha256').update(STYLE).digest('base64');
  return {
    html: layout(document),
    contentSecurityPolicy: `default-src 'none';style-src 'sha256-${style}';frame-ancestors 'none';base-uri 'none';form-action 'none'`,
  };
}

function layout(document: Node): string {
  const info = document.info as Node;
  const tags = (document.tags as Node[]).map((tag) => sectionOf(document, tag)).join('');
  const { schemas } = document.components as Record<string, Node>;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text(info.title)} API</title>
<style>${STYLE}</style>
<h1>${text(info.title)} API</h1>
<p>${text(info.description)}</p>
<p>The contract: <a href="/openapi.yaml">openapi.yaml</a>. A key goes into <code>Authorization: Bearer …</code>.</p>
${tags}
<h2>Schemas</h2>
${Object.entries(schemas!)
  .map(
    ([name, schema]) =>
      `<details id="${text(name)}"><summary><code>${text(name)}</code></summary>${yaml(schema)}</details>`,
  )
  .join('\n')}
<h2>Errors</h2>
<table><tr><th>Code<th>Status<th>Message</tr>
${Object.entries(document['x-error-codes'] as Record<string, Node>)
  .map(([code, { status, message }]) => `<tr><td>${text(code)}<td>${text(status)}<td>${text(message)}</tr>`)
  .join('\n')}
</table>
</html>
`;
}

function sectionOf(document: Node, { name, description }: Node): string {
  const operations = Object.entries(document.paths as Record<string, Node>).flatMap(([path, item]) =>
    METHODS.filter((method) => (item[method] as Node | undefined)?.tags?.toString() === name).map((method) =>
      operationOf(document, method, path, item),
    ),
  );
  return `<h2>${text(name)}</h2>\n<p>${text(description)}</p>\n${operations.join('\n')}\n`;
}

function operationOf(document: Node, method: string, path: string, item: Node): string {
  const operation = item[method] as Node;
  const planned = operation['x-status'] === 'planned';
  const parameters = [item.parameters ?? [], operation.parameters ?? []].flat() as Node[];
  const rows = parameters.map((each) => parameterRow(resolve(document, each)));
  const capabilities = (operation['x-capabilities'] as string[] | undefined)?.join(', ');
  const { requestBody, responses } = operation as { requestBody?: Node; responses: Record<string, Node> };
  return `<details id="${text(operation.operationId)}"${planned ? ' class="planned"' : ''}>
<summary><span class="method">${method.toUpperCase()}</span> <code>${text(path)}</code> ${text(operation.summary)}${planned ? ' (planned)' : ''}</summary>
<p>${text(operation.description)}</p>
${capabilities ? `<p>Needs one of: ${text(capabilities)}</p>` : ''}
${rows.length > 0 ? `<table><tr><th>Parameter<th>In<th>Type<th>What it does</tr>${rows.join('')}</table>` : ''}
${requestBody ? `<h4>Body</h4>${yaml(requestBody.content)}` : ''}
<h4>Answer</h4>${yaml(resolve(document, responses['200']!).content ?? 'empty')}
</details>`;
}

function parameterRow({ name, in: place, schema, description, required }: Node): string {
  const type = stringify(schema, { flow: true } as never).trim();
  return `<tr><td><code>${text(name)}</code>${required ? ' *' : ''}<td>${text(place)}<td><code>${text(type)}</code><td>${text(description)}</tr>`;
}

function resolve(document: Node, node: Node): Node {
  if (typeof node.$ref !== 'string') return node;
  const steps = node.$ref.slice(2).split('/');
  return steps.reduce<Node>((here, step) => here[step] as Node, document);
}

function yaml(value: unknown): string {
  return `<pre>${text(stringify(value, { lineWidth: 100 }))}</pre>`;
}

function text(value: unknown): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return String((value as string | undefined) ?? '').replace(/[&<>"]/g, (sign) => entities[sign]!);
}
