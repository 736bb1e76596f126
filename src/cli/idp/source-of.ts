import { CommandError } from '../terminal.js';
import { customSource } from './custom-source.js';
import { SOURCES, type Source } from './sources.js';

/** The source that the command line names. Throws {@link CommandError} where there is a file for one that needs none, or none for one that does. */
export function sourceOf({ from, map }: { readonly from: string; readonly map?: string }): Source {
  if ((from === 'custom') !== (map !== undefined))
    throw new CommandError('--map is for --from custom, which needs it.');
  return map === undefined ? SOURCES[from]! : customSource(map);
}
