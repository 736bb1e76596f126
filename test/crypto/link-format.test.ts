import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Key } from '../../src/crypto/key.js';
import { LookupKeys } from '../../src/crypto/lookup-keys.js';
import * as doc from './by-the-document.js';

/** docs/FORMAT.md section 13, against what was frozen when it was added: by the page and by the code. */
const VECTORS = path.join(import.meta.dirname, '../vectors/coatcheck/link-1.json');
const MEMBERS = path.join(import.meta.dirname, '../vectors/coatcheck/link-2.json');

interface Subject {
  provider: string;
  issuer: string;
  tenant: string;
  subject: string;
  hash: string;
  issuer_hash: string;
  object_id: string;
  events: { name: string; transaction: string; said: string; token: string; record: string }[];
}
const v = JSON.parse(readFileSync(VECTORS, 'utf8')) as { lookup_key: string; subjects: Subject[] };
const secret = doc.unhex(v.lookup_key);
const lookup = new LookupKeys(1, Key.fromSecret(secret));
const k = doc.sub(secret, 'coatcheck/v1/link');

function byThePage(
  { provider, issuer, tenant, subject }: Subject,
  purpose: string,
  length: number,
  event: doc.Part = '',
): Buffer {
  return doc.MAC(k, doc.tuple(purpose, provider, issuer, tenant, subject, event), length);
}

function uuid(bytes: Buffer, version: number): string {
  const hex = bytes.toString('hex').split('');
  hex[12] = version.toString(16);
  hex[16] = (8 + (parseInt(hex[16]!, 16) % 4)).toString(16);
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

test.each(v.subjects)('the hashes and ids of a subject of $issuer in tenant "$tenant"', (frozen) => {
  const { hash, issuer_hash, object_id, events, ...subject } = frozen;
  expect(byThePage(frozen, 'subject', 32).toString('hex')).toBe(hash);
  expect(lookup.subjectHash(subject).toString('hex')).toBe(hash);
  expect(
    doc.MAC(k, doc.tuple('issuer', subject.provider, subject.issuer, subject.tenant), 16).toString('hex'),
  ).toBe(issuer_hash);
  expect(lookup.issuerHash(subject).toString('hex')).toBe(issuer_hash);
  expect(uuid(byThePage(frozen, 'object', 16), 8)).toBe(object_id);
  expect(lookup.linkedObjectId(subject)).toBe(object_id);

  for (const { name, transaction, said, token, record } of events) {
    const digest = createHash('sha256').update(said).digest();
    const event = doc.tuple(name, transaction, digest);
    expect(uuid(byThePage(frozen, 'token', 16, event), 4)).toBe(token);
    expect(uuid(byThePage(frozen, 'record', 16, event), 4)).toBe(record);
    expect(lookup.eventIds(subject, { name, transaction, digest })).toEqual({ token, record });
  }
});

type Member = Omit<Subject, 'issuer_hash'> & { organization: string };
const members = JSON.parse(readFileSync(MEMBERS, 'utf8')) as { lookup_key: string; members: Member[] };

test.each(members.members)('the hashes and ids of $subject in the organization $organization', (frozen) => {
  expect(members.lookup_key).toBe(v.lookup_key);
  const { hash, object_id, events, ...member } = frozen;
  const { provider, issuer, tenant, subject, organization } = member;
  const byTheNewPage = (purpose: string, length: number, event: doc.Part = ''): Buffer =>
    doc.MAC(
      doc.sub(secret, 'coatcheck/v1/organization'),
      doc.tuple(purpose, provider, issuer, tenant, subject, organization, event),
      length,
    );
  expect(byTheNewPage('subject', 32).toString('hex')).toBe(hash);
  expect(lookup.subjectHash(member).toString('hex')).toBe(hash);
  expect(uuid(byTheNewPage('object', 16), 8)).toBe(object_id);
  expect(lookup.linkedObjectId(member)).toBe(object_id);
  for (const { name, transaction, said, token, record } of events) {
    const digest = createHash('sha256').update(said).digest();
    const event = doc.tuple(name, transaction, digest);
    expect(uuid(byTheNewPage('token', 16, event), 4)).toBe(token);
    expect(uuid(byTheNewPage('record', 16, event), 4)).toBe(record);
    expect(lookup.eventIds(member, { name, transaction, digest })).toEqual({ token, record });
  }
});

test('a letter that moves from one part into the next is another subject', () => {
  const id = (issuer: string, tenant: string, subject: string): string =>
    lookup.linkedObjectId({ provider: 'oidc', issuer, tenant, subject });
  expect(new Set([id('ab', 'c', 'd'), id('a', 'bc', 'd'), id('ab', '', 'cd'), id('abc', '', 'd')]).size).toBe(
    4,
  );
});
