import { textMask } from './text-mask.js';

const BEFORE_DOMAIN = '****';
const AFTER_DOMAIN = '********';

/**
 * `https://www.domain.com/jane?id=7` -> `https://****domain.com********`: the scheme and the last two labels of the
 * host name. User name, subdomain, port, path, query and fragment are hidden behind a fixed number of stars, so
 * that neither their length nor their presence is told. An address or a single label as host is hidden too, and of
 * a URL without a host or a path only the scheme or the slash remains.
 */
export const urlMask = textMask({
  types: ['URL'],
  description: 'The scheme and the domain, everything else starred.',
  star(text) {
    if (text.startsWith('/')) return `/${AFTER_DOMAIN}`;
    if (!URL.canParse(text)) return AFTER_DOMAIN;
    const { protocol, host, hostname } = new URL(text);
    if (host === '') return protocol + AFTER_DOMAIN;
    return `${protocol}//${BEFORE_DOMAIN}${domainOf(hostname)}${AFTER_DOMAIN}`;
  },
});

/** The last two labels, or nothing: a top level begins with a letter, the last part of an IPv4 address does not. */
function domainOf(hostname: string): string {
  const [second = '', top = ''] = hostname.split('.').slice(-2);
  return /^[a-z0-9-]+$/i.test(second) && /^[a-z][a-z0-9-]*$/i.test(top) ? `${second}.${top}` : '';
}
