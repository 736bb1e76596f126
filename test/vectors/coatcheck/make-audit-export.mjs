/** Prints audit-export-1.json: made from the words of docs/FORMAT.md section 8, without the vault's code. */
import { createHash } from 'node:crypto';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const salt = Buffer.alloc(16, 7);
const text = 'ticket "7"\\\n|=\u2028ü';
const entries = [
  '{"v":1,"time":"2026-01-01T00:00:00.000Z","request_id":"a","user":"Admin","role":"","operation":"listCollections","outcome":"allowed","iam_version":0}',
  `{"v":1,"time":"2026-01-01T00:00:01.000Z","request_id":"b","user":"Admin","role":"","operation":"detokenize","adhoc_hash":"${sha256(salt, text).toString('hex')}","outcome":"denied","iam_version":1}`,
  '{"v":1,"time":"2026-01-01T00:00:02.000Z","request_id":"c","user":"","role":"","operation":"authenticate","outcome":"denied","iam_version":0,"count":3}',
].map((entry) => Buffer.from(entry));
const leaves = entries.map((bytes) => sha256(Buffer.of(0), bytes));
const texts = ['', `,"texts":{"adhoc_reason":{"salt":"${salt.toString('hex')}","text":${JSON.stringify(text)}}}`, ''];
const lines = entries.map((bytes, i) => `{"index":${i},"leaf":"${leaves[i].toString('base64')}"${texts[i]},"entry":${bytes}}\n`);
const two = sha256(Buffer.of(1), leaves[0], leaves[1]);

process.stdout.write(
  `${JSON.stringify(
    {
      export: lines.join(''),
      from_2: `{"frontier":{"size":2,"hashes":["${two.toString('base64')}"]}}\n${lines[2]}`,
      size: 3,
      root: sha256(Buffer.of(1), two, leaves[2]).toString('hex'),
    },
    null,
    2,
  )}\n`,
);
