/** JSON in lines of at most `width` characters where that is possible: what fits stays on one line. */
export function fitJson(value: unknown, width: number): string[] {
  const flat = JSON.stringify(value);
  if (flat.length <= width || typeof value !== 'object' || value === null) return [flat];

  const isList = Array.isArray(value);
  const members = Object.entries(value).map(([name, member]) => {
    const label = isList ? '' : `${JSON.stringify(name)}:`;
    const [first, ...rest] = fitJson(member, width - 3 - label.length);
    return [label + first!, ...rest];
  });
  const lines = members.flatMap((member, i) => {
    const end = i === members.length - 1 ? '' : ',';
    return member.map((line, j) => `  ${line}${j === member.length - 1 ? end : ''}`);
  });
  return [isList ? '[' : '{', ...lines, isList ? ']' : '}'];
}

/** A request's path, continued on indented lines between its parameters. */
export function fitPath(path: string, width: number): string[] {
  return fill(path.split(/(?=[?&])/), width, '    ', '');
}

/** Prose, wrapped between words. */
export function fitProse(text: string, width: number): string[] {
  return fill(text.split(' '), width, '', ' ');
}

/** Puts as many parts on a line as fit. */
function fill(parts: readonly string[], width: number, indent: string, between: string): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = lines.length > 0 && `${lines.at(-1)!}${between}${part}`;
    if (longer && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(lines.length === 0 ? part : indent + part);
  }
  return lines;
}
