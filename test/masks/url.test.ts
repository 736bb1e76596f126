import { shows, transformed } from './tables.js';

const HIDDEN = 'https://****domain.com********';

shows('URL.mask', [
  ['https://www.domain.com/jane/doe', HIDDEN, 'the example'],
  ['https://domain.com', HIDDEN, 'whether anything is hidden is not told'],
  ['https://jane:secret@domain.com', HIDDEN, 'user name and password'],
  ['https://jane.doe.domain.com', HIDDEN, 'every label in front of the domain'],
  ['https://domain.com:8443', HIDDEN, 'the port'],
  ['https://domain.com?id=7#jane', HIDDEN, 'query and fragment'],
  ['HTTPS://DOMAIN.COM/', HIDDEN, 'the case tells nothing'],
  ['https://evil.com@domain.com/', HIDDEN, 'a user name that looks like a host'],
  ['https://domain.com.', 'https://************', 'a host name that ends in a dot'],
  ['http://10.20.30.40/x', 'http://************', 'an IPv4 address'],
  ['http://[2001:db8::1]/', 'http://************', 'an IPv6 address'],
  ['http://janes-laptop/', 'http://************', 'a single label'],
  ['ftp://my_host.com/', 'ftp://************', 'a label that is no host name is not shown in part'],
  ['mailto:jane@domain.com', 'mailto:********', 'no host'],
  ['file:///home/jane', 'file:********', 'a file'],
  ['/users/jane', '/********', 'a path'],
]);

test('a host of a million characters is decided on in linear time', () => {
  const start = performance.now();
  transformed('URL.mask', `foo://${'a'.repeat(1_000_000)}_/`);
  expect(performance.now() - start).toBeLessThan(2_000);
});
