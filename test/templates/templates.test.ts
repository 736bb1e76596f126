import fc from 'fast-check';
import { VaultError } from '../../src/errors.js';
import { parseTemplate } from '../../src/templates/parse.js';
import { type Place, renderTemplate } from '../../src/templates/render.js';

function render(template: string, variables: object, place: Place = 'text'): string {
  return renderTemplate(parseTemplate(template, 'f'), variables as Record<string, unknown>, place, 'f');
}
function refused(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error instanceof VaultError ? [error.code, error.context.field] : error;
  }
}

const card = {
  card: { number: '4111 1111', expiration: '12/2030', 'odd name': 1, n: 7, tags: ['a'] },
  name: 'A"\\B',
};

test.each([
  ['plain text', 'plain text'],
  ['{{ .card.number }}', '4111 1111'],
  ['a{{.card.number}}b{{ .card.n }}c', 'a4111 1111b7c'],
  ['{{ .card.number | urlquery }}', '4111+1111'],
  ['{{ .card.expiration | substr 0 2 | urlquery }}', '12'],
  ['{{ .card.expiration | substr 3 -1 }}', '2030'],
  ['{{ .card.expiration | substr -5 2 }}', '12'],
  ['{{ .card.expiration | substr 3 99 }}', '2030'],
  ['{{ urlquery .card.expiration }}', '12%2F2030'],
  ['{{ substr 0 1 .name }}', 'A'],
  ['{{ .name }}', 'A\\"\\\\B'],
  ['{{ .name | escape_quotes }}', 'A\\"\\\\B'],
  ['{{ .name | substr 0 9 }}', 'A"\\B'],
  ['{{ "}}" | urlquery }}', '%7D%7D'],
  ['{{ "a\\"b" }}', 'a"b'],
  ['{"tags": {{ .card.tags }}}', '{"tags": ["a"]}'],
  ['}} { } "', '}} { } "'],
])('%s becomes %s', (template, expected) => expect(render(template, card)).toBe(expected));

test('characters are counted, not their halves', () =>
  expect(render('{{ .a | substr 1 2 }}', { a: 'x😀y' })).toBe('😀'));

test.each([
  '{{ .card.none }}',
  '{{ .none }}',
  '{{ .card.number.length }}',
  '{{ .constructor }}',
  '{{ .__proto__ }}',
  '{{ .card.null }}',
])('a variable without a value is PV9062: %s', (template) =>
  expect(refused(() => render(template, { ...card, card: { ...card.card, null: null } }))).toEqual([
    'PV9062',
    'f',
  ]),
);

test.each([
  '{{',
  '{{ .a',
  '{{ }}',
  '{{ | }}',
  '{{ .a | }}',
  '{{ .a | .b }}',
  '{{ .a .b }}',
  '{{ . }}',
  '{{ .a. }}',
  '{{ "a }}',
  '{{ .a | html }}',
  '{{ .a | constructor }}',
  '{{ .a | urlquery 1 }}',
  '{{ .a | substr 1 }}',
  '{{ urlquery }}',
  '{{ substr 1 (len .a) .a }}',
  '{{ if .a }}x{{ end }}',
  '{{ $x := .a }}',
  '{{- .a }}',
  '{{/* comment */}}',
])('what is not understood is PV9062, without repeating it: %s', (template) =>
  expect(refused(() => parseTemplate(template, 'f'))).toEqual(['PV9062', 'f']),
);

test('a text that gets too long is PV9062', () =>
  expect(refused(() => render('{{ .a }}{{ .a }}', { a: 'x'.repeat(600_000) }))).toEqual(['PV9062', 'f']));

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', '\n', '}', '{', '/', '?', '#', '&', '@', '.', '%', '\0'),
    fc.string(),
  ),
});

describe('a value cannot break out', () => {
  test.each(['{{ .v }}', '{{ .v | escape_quotes }}', '{{ .v | substr 1 -1 | escape_quotes }}'])(
    'of the JSON string it stands in: %s',
    (inside) =>
      fc.assert(
        fc.property(anyText, (v) => {
          const document = JSON.parse(render(`{"a": "${inside}", "b": 1}`, { v })) as object;
          expect(Object.keys(document)).toEqual(['a', 'b']);
          if (!inside.includes('substr')) expect(document).toEqual({ a: v, b: 1 });
        }),
      ),
  );

  test.each(['{{ .v }}', '{{ .v | urlquery }}', '{{ .v | substr 0 5 | urlquery }}'])(
    'of the part of a URL it stands in: %s',
    (inside) =>
      fc.assert(
        fc.property(anyText, (v) => {
          const url = new URL(render(`https://good.example/a?x=${inside}&y=1`, { v }, 'url'));
          expect([url.host, url.pathname, url.hash, [...url.searchParams.keys()]]).toEqual([
            'good.example',
            '/a',
            '',
            ['x', 'y'],
          ]);
          if (!inside.includes('substr')) expect(url.searchParams.get('x')).toBe(v.toWellFormed());
        }),
      ),
  );

  test('of a segment of a path, unless it is a step, which the destination refuses', () =>
    fc.assert(
      fc.property(anyText, (v) => {
        fc.pre(v !== '.' && v !== '..');
        const url = new URL(render('https://good.example/a/{{ .v }}/b', { v }, 'url'));
        expect(url.pathname.split('/').length).toBe(4);
        expect([url.host, url.search, url.hash]).toEqual(['good.example', '', '']);
      }),
    ));
});

test('no text whatever makes parsing throw anything else', () =>
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{{', '}}', '.a', '|', '"', ' ', '1', 'substr', '\\', 'x') }),
      (text) => {
        const result = refused(() => parseTemplate(text, 'f'));
        expect(Array.isArray(result)).toBe(true);
      },
    ),
  ));
