import { accepts, refuses } from './tables.js';

const KEPT: [string, string][] = [
  ['https://example.com', 'a host'],
  ['HTTPS://Example.com/A?b=c#d', 'the text is kept, its case too'],
  ['http://user:pass@host:8080/', 'user and port'],
  ['https://bücher.example/straße', 'letters beyond ASCII'],
  ['http://[::1]/', 'an IPv6 address'],
  ['mailto:jane@example.com', 'no host'],
  ['urn:uuid:0', 'a URN'],
  ['/', 'the root path'],
  ['/users/7?tab=1', 'a path'],
];
accepts(
  'URL',
  KEPT.map(([text, why]) => [text, text, why]),
);
refuses('URL', [
  ['', 'nothing'],
  ['example.com', 'no scheme'],
  ['users/7', 'a relative path'],
  ['//example.com/x', 'a host without a scheme'],
  ['https://', 'no host'],
  ['https://exa mple.com', 'a space'],
  [' https://example.com', 'space in front, which parsers drop'],
  ['https://exam\tple.com', 'a tab, which parsers drop'],
  ['https://example.com/\n', 'a line break'],
  ['https:\\\\example.com', 'backslashes, which some parsers turn'],
  ['/a\\b', 'a backslash in a path'],
  ['https://a.b/\u0000', 'U+0000'],
  ['https://a.b/\ud800', 'a lone surrogate'],
  ['http://1.2.3.4.5.6/', 'a host that looks like an address and is none'],
  ['https://example.com:99999/', 'a port that does not exist'],
  [`https://example.com/${'a'.repeat(450)}`, 'longer than the limit'],
  [7, 'a number'],
]);
