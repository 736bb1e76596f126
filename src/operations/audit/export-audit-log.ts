import { type ExportRequest, exportLog, exportPreface } from '../../access-log/export/export-log.js';
import { EXPORT_FORMATS } from '../../access-log/export/formats.js';
import { VaultError } from '../../errors.js';
import { readLogHead } from '../../store/access-log/append.js';
import { prunedSize } from '../../store/access-log/pruned.js';
import type { Database } from '../../store/database.js';
import { type Operation, StreamAnswer } from '../operation.js';

export const exportAuditLog: Operation<'exportAuditLog'> = {
  id: 'exportAuditLog',

  async run(call, { database, version }) {
    const format = EXPORT_FORMATS[call.query.format ?? 'jsonl'];
    const pruned = await prunedSize(database);
    const { size } = await readLogHead(database);
    const { from = pruned, limit = size } = call.query;
    if (from < pruned) throw new VaultError('PV9081', { field: 'from' });
    if (from > size) throw new VaultError('PV9080', { field: 'from' });
    const to = Math.min(from + limit, size);

    await call.record({ outcome: 'allowed', range: [from, to] });
    return new StreamAnswer(format.contentType, piecesOf(database, { format, from, to, version }));
  },
};

/** The preface goes with the first page: an error on the way to that can still be answered. */
async function* piecesOf(database: Database, request: ExportRequest): AsyncGenerator<Buffer> {
  let preface = await exportPreface(database, request);
  for await (const { lines } of exportLog(database, request)) {
    yield Buffer.concat([preface, lines]);
    preface = Buffer.alloc(0);
  }
  if (preface.length > 0) yield preface;
}
