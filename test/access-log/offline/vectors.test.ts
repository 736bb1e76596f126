import { readFileSync } from 'node:fs';
import { jsonl } from '../../../src/access-log/export/jsonl.js';
import { ExportedEntry } from '../../../src/access-log/export/exported-entry.js';
import { verifyExport } from '../../../src/access-log/offline/verify-export.js';

interface Vector {
  export: string;
  from_2: string;
  size: number;
  root: string;
}
const file = new URL('../../vectors/coatcheck/audit-export-1.json', import.meta.url);
const vector = JSON.parse(readFileSync(file, 'utf8')) as Vector;
const checkpoint = { origin: 'x', size: vector.size, root: Buffer.from(vector.root, 'hex') };

async function* piece(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

test.each(['export', 'from_2'] as const)('the frozen export verifies: %s', async (name) => {
  const found = await verifyExport(piece(vector[name]), { checkpoint, earlier: [], unsignedTail: false });
  expect(found).toEqual({
    ok: true,
    from: name === 'export' ? 0 : 2,
    size: 3,
    root: vector.root,
    unsigned: 0,
  });
});

test('the vault writes its lines byte for byte', () => {
  for (const line of vector.export.trimEnd().split('\n')) {
    const said = JSON.parse(line) as {
      index: number;
      leaf: string;
      texts?: Record<string, { salt: string; text: string }>;
    };
    const bytes = Buffer.from(line.slice(line.indexOf(',"entry":') + 9, -1));
    const texts = Object.entries(said.texts ?? {}).map(([kind, { salt, text }]) => ({
      kind,
      salt: Buffer.from(salt, 'hex'),
      text,
    }));
    const entry = new ExportedEntry(said.index, Buffer.from(said.leaf, 'base64'), bytes, texts);
    expect(jsonl.line(entry, '').toString()).toBe(line);
  }
});
