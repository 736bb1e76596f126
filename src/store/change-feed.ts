import pg from 'pg';

/** The channel on which every instance says that collections, IAM, keys or keysets changed. */
export const CHANGE_CHANNEL = 'coatcheck_change';

const RECONNECT_MS = 500;

export interface ChangeFeed {
  /** False while the connection is down: then a cache must ask the database each time. */
  readonly listening: boolean;
  close(): Promise<void>;
}

/**
 * Listens for changes made by any instance, on a connection of its own, and calls `onChange` for each, and once more
 * whenever the connection comes back, because what was sent meanwhile is lost.
 */
export function openChangeFeed(databaseUrl: string, onChange: () => void): ChangeFeed {
  let listening = false;
  let closed = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;

  /** A connection that ends twice, or late, must not count for the one that replaced it. */
  const lost = (which: pg.Client): void => {
    if (client !== which) return;
    client = undefined;
    listening = false;
    void which.end().catch(() => undefined);
    if (!closed) retry = setTimeout(() => void connect(), RECONNECT_MS);
  };

  const connect = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'coatcheck changes',
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
    });
    client = next;
    next.on('error', () => lost(next));
    next.on('end', () => lost(next));
    next.on('notification', onChange);
    try {
      await next.connect();
      await next.query(`listen ${CHANGE_CHANNEL}`);
      // It may have been lost again between the answer and here.
      if (client !== next) return;
      listening = true;
      onChange();
    } catch {
      lost(next);
    }
    if (closed) await next.end().catch(() => undefined);
  };
  void connect();

  return {
    get listening() {
      return listening;
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => undefined);
    },
  };
}
