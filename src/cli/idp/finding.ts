/** Something that was looked at: as it should be, worth knowing, or wrong, and then what to do about it. */
export interface Finding {
  readonly level: 'ok' | 'note' | 'wrong';
  readonly what: string;
  readonly fix?: string;
}

export function ok(what: string): Finding {
  return { level: 'ok', what };
}

export function note(what: string): Finding {
  return { level: 'note', what };
}

export function wrong(what: string, fix: string): Finding {
  return { level: 'wrong', what, fix };
}
