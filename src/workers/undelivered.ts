import type { Worker } from 'node:cluster';

/** A connection that node:cluster hands over; closing it twice does no harm. */
interface Connection {
  close(): void;
}

/**
 * Closes the connection that was on its way to a worker when it died, at most one. node:cluster forgets it and keeps it open, and its client would wait for an
 * answer as long as it can.
 */
export function closeUndelivered({ process }: Worker): void {
  let handed: Connection | undefined;
  const send = process.send.bind(process) as (...args: unknown[]) => boolean;
  process.send = (message: { act?: string }, handle?: unknown, ...rest: unknown[]): boolean => {
    if (message.act === 'newconn') handed = handle as Connection;
    return send(message, handle, ...rest);
  };
  // Taken or refused: whoever refuses is followed by another worker. Before node:cluster hears it, which then hands over the next one at once.
  process.prependListener('internalMessage' as 'message', (reply: object) => {
    if ('accepted' in reply) handed = undefined;
  });
  // A worker may be handed one after its end, as long as its line is not cut.
  for (const end of ['exit', 'disconnect'] as const) process.once(end, () => handed?.close());
}
