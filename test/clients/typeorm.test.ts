import { registerVaultEncryption, withTransformations } from '@piiano/typeorm-encryption';
import {
  BaseEntity,
  Column,
  DataSource,
  Entity,
  type FindOptionsSelect,
  Not,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { setClients } from '../support/iam.js';
import { addCollection, sql } from '../support/steps.js';
import { type TestDatabase, cloneDatabase } from '../support/test-postgres.js';
import { ADMIN_KEY, type TestVault, startVault } from '../support/vault.js';

/**
 * An application that keeps its customers in a PostgreSQL of its own and lets the vendor's unmodified TypeORM plug-in encrypt four of their columns
 * with the vault.
 */
class Customer extends BaseEntity {
  declare id: number;
  declare name: string;
  declare email: string;
  declare phone: string;
  declare ssn: string | null;
  declare state: string;
}
PrimaryGeneratedColumn()(Customer.prototype, 'id');
Column({ type: 'text', encrypt: true })(Customer.prototype, 'name');
Column({ type: 'text', encrypt: true })(Customer.prototype, 'email');
Column({ type: 'text', encrypt: true, vaultField: 'phone_number' })(Customer.prototype, 'phone');
Column({ type: 'text', encrypt: true, nullable: true })(Customer.prototype, 'ssn');
Column({ type: 'text' })(Customer.prototype, 'state');
Entity({ name: 'customers', schema: 'shop' })(Customer);

const KEMP = {
  name: 'Shawn Kemp',
  email: 'shawnkemp@example.com',
  phone: '+12065550100',
  ssn: '123-12-1234',
  state: 'WA',
};
const JOHN = {
  name: 'John Doe',
  email: 'john@example.com',
  phone: '+12065550101',
  ssn: '078-05-1120',
  state: 'NV',
};

let vault: TestVault;
let database: TestDatabase;
let source: DataSource;

/** A connection of the application to its database, encrypting with this key. */
async function connect(apiKey: string): Promise<DataSource> {
  const made = new DataSource({
    type: 'postgres',
    url: database.url,
    entities: [Customer],
    synchronize: true,
    logging: false,
  });
  registerVaultEncryption(made, { vaultURL: vault.url, apiKey });
  await made.initialize();
  return made;
}

const inDatabase = (column: string): Promise<unknown[]> =>
  sql({ ...vault, database }, `select ${column} from shop.customers order by id`);

beforeAll(async () => {
  vault = await startVault();
  database = await cloneDatabase();
  await sql({ ...vault, database }, 'create schema shop');
  await addCollection(
    vault,
    'customers PERSONS ( name NAME, email EMAIL, phone_number PHONE_NUMBER, ssn SSN NULL );',
  );
  source = await connect(ADMIN_KEY);
  Customer.useDataSource(source);
});
afterAll(async () => {
  await source.destroy();
  await database.drop();
  await vault.close();
});

test('a table without rows is read without an error', async () => {
  expect(await Customer.find()).toEqual([]);
  expect(await Customer.findOneBy({ email: KEMP.email })).toBeNull();
});

test('what is saved comes back, and the application’s database holds nothing but ciphertexts', async () => {
  const saved = await Customer.create({ ...KEMP }).save();
  expect(saved).toMatchObject({ ...KEMP, id: expect.any(Number) });
  await source.manager.insert(Customer, { ...JOHN });

  expect(await Customer.find({ order: { id: 'ASC' } })).toEqual([
    expect.objectContaining(KEMP),
    expect.objectContaining(JOHN),
  ]);
  for (const row of (await inDatabase('*')) as Record<string, string>[]) {
    for (const column of ['name', 'email', 'phone', 'ssn'])
      expect(row[column]).toMatch(/^AQEC[A-Za-z0-9+/]+={0,2}$/);
    expect(['WA', 'NV']).toContain(row.state);
  }
  const dumped = JSON.stringify(await inDatabase('*'));
  for (const value of [KEMP.name, KEMP.email, KEMP.ssn, '2065550100', 'Kemp'])
    expect(dumped).not.toContain(value);
});

test('equality is found in SQL, by the ciphertext, whatever the spelling of the value', async () => {
  const found = (where: object): Promise<string[]> =>
    Customer.find({ where, order: { id: 'ASC' } }).then((all) => all.map(({ name }) => name));
  expect(await found({ email: KEMP.email })).toEqual([KEMP.name]);
  expect(await found({ phone: '+1-206-555-0100' })).toEqual([KEMP.name]);
  expect(await found({ email: KEMP.email, state: 'WA' })).toEqual([KEMP.name]);
  expect(await found({ email: KEMP.email, state: 'NV' })).toEqual([]);
  expect(await found([{ email: KEMP.email }, { email: JOHN.email }])).toEqual([KEMP.name, JOHN.name]);
  expect(await found({ email: Not(KEMP.email) })).toEqual([JOHN.name]);
  expect(await found({ email: 'nobody@example.com' })).toEqual([]);
});

test('a column is read plain and masked, alone and in one request', async () => {
  const select = (names: string[]): FindOptionsSelect<Customer> =>
    Object.fromEntries(names.map((name) => [name, true]));
  const read = (names: string[]): Promise<object[]> =>
    withTransformations(Customer).find({ where: { email: KEMP.email }, select: select(names) });
  expect(await read(['email.mask'])).toEqual([{ 'email.mask': 's********@example.com' }]);
  expect(await read(['email', 'email.mask', 'ssn.mask'])).toEqual([
    { email: KEMP.email, 'email.mask': 's********@example.com', 'ssn.mask': '***-**-1234' },
  ]);
  expect(await read(['name', 'state'])).toEqual([{ name: KEMP.name, state: 'WA' }]);
});

test('an update encrypts what it changes', async () => {
  await source.manager.update(Customer, { state: 'NV' }, { phone: '+12065550199' });
  expect(await Customer.findOneBy({ phone: '+12065550199' })).toMatchObject({ name: JOHN.name });
  const [first, second] = (await inDatabase('phone')) as { phone: string }[];
  expect(first!.phone).not.toBe(second!.phone);
});

test('a column without a value stays without one', async () => {
  await Customer.create({ ...JOHN, name: 'Ann Null', ssn: null }).save();
  const [ann] = await Customer.find({ where: { name: 'Ann Null' } });
  expect(ann).toMatchObject({ name: 'Ann Null', email: JOHN.email });
  expect(ann).not.toHaveProperty('ssn');
});

test('an application whose role has masks sees through them, and cannot search behind them', async () => {
  const { support } = await setClients(vault, [
    {
      name: 'support',
      capabilities: ['CapCryptoEncrypter', 'CapCryptoDecrypter'],
      allow: [
        {
          operations: ['decrypt', 'encrypt'],
          resources: ['customers/properties/*', 'customers/properties/ssn.mask'],
        },
      ],
      masks: { 'customers/ssn': 'mask' },
    },
  ]);
  const theirs = await connect(support!);
  try {
    const [kemp] = await theirs.manager.find(Customer, { where: { email: KEMP.email } });
    expect(kemp).toMatchObject({ email: KEMP.email, ssn: '***-**-1234' });
    await expect(theirs.manager.find(Customer, { where: { ssn: KEMP.ssn } })).rejects.toThrow('PV1006');
  } finally {
    await theirs.destroy();
  }
});

test('the vault kept none of it', async () => {
  expect(await sql(vault, 'select from object')).toEqual([]);
  expect(await sql(vault, 'select from token')).toEqual([]);
});
