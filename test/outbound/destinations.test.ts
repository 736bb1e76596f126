import { chooseTarget, readDestination } from '../../src/outbound/destinations.js';
import { isPublic, pinAddress } from '../../src/outbound/addresses.js';

const DESTINATIONS = [
  'https://good.example',
  'https://api.example/v1/',
  'http://127.0.0.1:8080/hook',
  'https://[2001:db8::1]:8443',
].map(readDestination);

test.each([
  ['https://good.example', 'https://good.example'],
  ['https://GOOD.example:443/any/path?q=1#fragment', 'https://good.example'],
  ['https://api.example/v1', 'https://api.example/v1'],
  ['https://api.example/v1/charges?a=/../b', 'https://api.example/v1'],
  ['http://127.0.0.1:8080/hook/x', 'http://127.0.0.1:8080/hook'],
  ['http://127.1:8080/hook', 'http://127.0.0.1:8080/hook'],
  ['https://[2001:db8:0::1]:8443/x', 'https://[2001:db8::1]:8443'],
])('%s falls under %s', (url, base) => {
  const target = chooseTarget(url, DESTINATIONS);
  expect(target.destination.base).toBe(base);
  expect(target.url.hash).toBe('');
});

test.each([
  '',
  'good.example',
  '//good.example',
  'http://good.example/',
  'https://good.example.evil/',
  'https://good.example:8443/',
  'https://good.example./',
  'https://sub.good.example/',
  'https://evil/good.example',
  'https://good.example@evil/',
  'https://user@good.example/',
  'https://user:pass@good.example/',
  'https://good.example\\@evil/',
  'https://evil\\.good.example/',
  'https:\\\\good.example/',
  ' https://good.example/',
  'https://good.example/\n',
  'https://good.exa\tmple/',
  'https://good.example/a/../b',
  'https://good.example/a/%2e%2E/b',
  'https://good.example/..',
  'https://api.example/',
  'https://api.example/v10',
  'https://api.example/v1/../admin',
  'https://api.example/v1/.%2e/admin',
  'https://api.example/v1/..%2fadmin',
  'https://api.example/v1/%252e%252e/admin',
  'https://api.example/v1/a%5c..%5cadmin',
  'https://api.example//v1',
  'http://127.0.0.1/hook',
  'http://127.0.0.1:8080/hooks',
  'http://localhost:8080/hook',
  'ftp://good.example/',
  'file:///etc/passwd',
  'data:text/plain,x',
  'javascript:1',
])('%j falls under none, PV9060', (url) =>
  expect(() => chooseTarget(url, DESTINATIONS)).toThrow(expect.objectContaining({ code: 'PV9060' })),
);

test.each(['', 'good.example', 'ftp://x', 'https://u@x', 'https://x?q', 'https://x#f', 'https://'])(
  'the setting %j stops the start',
  (text) => expect(() => readDestination(text)).toThrow('is not a base URL'),
);

test.each([
  ['93.184.216.34', true],
  ['2606:2800:220:1::1', true],
  ['10.1.2.3', false],
  ['172.16.0.1', false],
  ['192.168.1.1', false],
  ['127.0.0.1', false],
  ['0.0.0.0', false],
  ['169.254.169.254', false],
  ['100.64.0.1', false],
  ['192.0.2.1', false],
  ['198.18.0.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['::', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['::ffff:a00:1', false],
  ['fe80::1', false],
  ['fe80::1%eth0', false],
  ['fd00::1', false],
  ['64:ff9b::10.0.0.1', false],
  ['2002:a00:1::', false],
  ['2001:db8::1', false],
  ['ff02::1', false],
  ['nonsense', false],
])('%s is public: %j', (address, expected) => expect(isPublic(address)).toBe(expected));

describe('a name', () => {
  const destination = readDestination('https://good.example');
  const resolved = (...addresses: string[]) =>
    pinAddress(destination, async () => addresses.map((address) => ({ address, family: 4 })));

  test('is pinned to the first of its addresses', async () =>
    expect(await resolved('93.184.216.34', '93.184.216.35')).toEqual({
      address: '93.184.216.34',
      family: 4,
    }));

  test.each([['127.0.0.1'], ['93.184.216.34', '10.0.0.1'], ['::ffff:192.168.0.1']])(
    'with an address of a network of one’s own among them is refused, PV9060: %s %s',
    async (...addresses) =>
      expect(resolved(...addresses.filter(Boolean))).rejects.toMatchObject({ code: 'PV9060' }),
  );

  test('that does not resolve is PV9061', async () => {
    await expect(resolved()).rejects.toMatchObject({ code: 'PV9061' });
    const broken = pinAddress(destination, async () => Promise.reject(new Error('ENOTFOUND')));
    await expect(broken).rejects.toMatchObject({ code: 'PV9061' });
  });

  test('that is an address the operator listed is taken as it is', async () => {
    const never = async () => Promise.reject(new Error('not to be asked'));
    const pinned = await pinAddress(readDestination('http://127.0.0.1:1'), never);
    expect(pinned).toEqual({ address: '127.0.0.1', family: 4 });
    expect(await pinAddress(readDestination('http://[::1]:1'), never)).toEqual({ address: '::1', family: 6 });
  });
});
