import { CommandError } from '../terminal.js';
import type { Journal } from './journal.js';
import type { Source, SourceContext } from './sources.js';
import { type InputUser, pacer, pagesOf } from './user-pages.js';
import type { Read } from './user-record.js';

/** Pages on their way at once: while the vault does some, the next is read. */
const MOST_ON_THEIR_WAY = 3;

/** The users of an input, and how they are gone through. */
export interface Pages {
  readonly users: AsyncIterable<Read>;
  readonly source: Source;
  readonly context: SourceContext;
  readonly pageSize: number;
  readonly rate: number | undefined;
  readonly journal: Journal | null;
  readonly stopped: AbortSignal;
}

/**
 * Sends every user, page by page, and settles each page in the order of the input: what must be durable before the journal says so is the business of `settle`. A run that ends in between does the page again. Throws
 * {@link CommandError} where it was stopped, or the input is not the journal's.
 */
export async function runPages<Result>(
  { stopped, rate, journal, ...pages }: Pages,
  send: (page: readonly InputUser[]) => Promise<readonly Result[]>,
  settle: (page: readonly InputUser[], results: readonly Result[]) => Promise<void>,
): Promise<void> {
  const pace = pacer(rate, stopped);
  const onTheirWay: { readonly page: InputUser[]; readonly results: Promise<readonly Result[]> }[] = [];
  const settleFirst = async (): Promise<void> => {
    const { page, results } = onTheirWay.shift()!;
    try {
      await settle(page, await results);
    } catch (error) {
      // What was on its way when somebody stopped it is done again by the next run.
      if (!stopped.aborted) throw error;
    }
  };

  for await (const page of pagesOf(inputOf({ ...pages, journal }), pages.pageSize)) {
    await pace(page.length);
    if (stopped.aborted) break;
    const results = send(page);
    // It is waited for in its turn; until then a failure of it is nobody's.
    results.catch(() => undefined);
    onTheirWay.push({ page, results });
    if (onTheirWay.length >= MOST_ON_THEIR_WAY) await settleFirst();
  }
  while (!stopped.aborted && onTheirWay.length > 0) await settleFirst();
  if (stopped.aborted) {
    const settled = journal?.progress.users;
    throw new CommandError(
      settled === undefined ? 'Stopped.' : `Stopped at ${settled} users; the same command goes on there.`,
    );
  }
}

/** The users that are still to be done. Those whom an earlier run settled are only compared with its journal. */
async function* inputOf({
  users,
  source,
  context,
  journal,
}: Pick<Pages, 'users' | 'source' | 'context' | 'journal'>): AsyncGenerator<InputUser> {
  const settled = journal?.progress.users ?? 0;
  let n = 0;
  for await (const read of users) {
    const id = 'user' in read ? (source.idOf(read.user, context) ?? '') : '';
    n++;
    if (n <= settled) journal!.pass(id, n);
    else yield { id, read, event: 'user' in read ? source.eventOf(read.user, context) : null };
  }
  if (n < settled)
    throw new CommandError('The input is shorter than the journal says. Begin another journal.');
}
