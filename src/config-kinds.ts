/** How the text of a setting is read. `read` returns undefined for a text it does not understand. */
export interface Kind<T> {
  /** What a text must be, behind "must be". Shown to the operator; the text itself never is, it may be a secret. */
  readonly wants: string;
  readonly secret?: true;
  read(text: string): T | undefined;
  /** The value as the README shows it. */
  show(value: T): string;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const text: Kind<string> = { wants: 'a text', read: (given) => given, show: (value) => value };

export const secret: Kind<string | null> = {
  wants: 'a text',
  secret: true,
  read: (given) => given,
  show: (value) => value ?? '',
};

export const flag: Kind<boolean> = {
  wants: 'true or false',
  read: (given) => (/^(1|true)$/i.test(given) ? true : /^(0|false)$/i.test(given) ? false : undefined),
  show: String,
};

export const list: Kind<readonly string[]> = {
  wants: 'a comma-separated list',
  read: (given) =>
    given
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  show: (value) => value.join(','),
};

export const level: Kind<'error' | 'warn' | 'info' | 'debug'> = {
  wants: 'error, warn, info or debug',
  read: (given) => (['error', 'warn', 'info', 'debug'] as const).find((name) => name === given.toLowerCase()),
  show: String,
};

export const bytes: Kind<number> = count(1, 16 * 1024 * 1024);

/** `host:port`, also with an IPv6 host in brackets. Port 0 takes a free one. */
export const address: Kind<ListenAddress> = {
  wants: 'an address and port such as 127.0.0.1:8123',
  read(given) {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]*)):(\d{1,5})$/.exec(given);
    const port = Number(match?.[3]);
    return match && port <= 65_535 ? { host: match[1] ?? (match[2] || '0.0.0.0'), port } : undefined;
  },
  show: ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`,
};

/** Seconds, written as Go writes durations: `720h`, `1h30m`, `90s`. Null: none. */
export const duration: Kind<number | null> = {
  wants: 'a duration such as 720h or 30m',
  read(given) {
    const match = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/.exec(given);
    if (!match) return undefined;
    const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
    return ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
  },
  show: (value) => (value === null ? '' : durationText(value)),
};

/** Seconds, written as {@link duration} is; 0 or `0s` switches what it is about off. */
export const interval: Kind<number> = {
  wants: 'a duration such as 720h or 30m, or 0',
  read: (given) => (given === '0' ? 0 : (duration.read(given) ?? undefined)),
  show: durationText,
};

/** One of a few words. */
export function choice<Word extends string>(...words: readonly [Word, ...Word[]]): Kind<Word> {
  return {
    wants: words.join(' or '),
    read: (given) => words.find((word) => word === given.toLowerCase()),
    show: String,
  };
}

/** Seconds in hours, minutes and seconds as Go writes them, those that are none left out: `720h`, `1h30m`, `0s`. */
export function durationText(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const text = parts.map(([amount, unit]) => (amount === 0 ? '' : `${amount}${unit}`)).join('');
  return text === '' ? '0s' : text;
}

/** A whole number within bounds. */
export function count(least: number, most: number): Kind<number> {
  return {
    wants: `a whole number from ${least} to ${most}`,
    read(given) {
      const value = /^\d{1,15}$/.test(given) ? Number(given) : NaN;
      return value >= least && value <= most ? value : undefined;
    },
    show: String,
  };
}
