/** The properties that are touched, each once; the id stands in where none is, so that a policy is always asked. */
export function orId(names: readonly string[]): string[] {
  return names.length > 0 ? [...new Set(names)] : ['id'];
}
