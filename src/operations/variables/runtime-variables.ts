import { VaultError } from '../../errors.js';
import type { Database } from '../../store/database.js';
import { readVariables } from '../../store/configuration-variables.js';

/** The settings that can change while the vault runs, with their values. */
export interface VariableValues {
  readonly log_level: 'debug' | 'info' | 'warn' | 'error';
  readonly trace_sql: boolean;
}

export type VariableName = keyof VariableValues;

/** How each is read from its text: undefined for a text it does not understand. */
const READ: { readonly [Name in VariableName]: (text: string) => VariableValues[Name] | undefined } = {
  log_level: (text) => (['debug', 'info', 'warn', 'error'] as const).find((level) => level === text),
  trace_sql: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
};

/** What each must be, for whoever gave something else. */
const WANTED: Record<VariableName, string> = {
  log_level: 'It must be debug, info, warn or error.',
  trace_sql: 'It must be true or false.',
};

/** The variable of a name. Throws PV9067; the name is the caller's text and is not repeated. */
export function variableNamed(name: string): VariableName {
  if (!Object.hasOwn(READ, name)) throw new VaultError('PV9067');
  return name as VariableName;
}

/** Throws PV1012 for a text that the variable cannot have. */
export function checkVariable(name: VariableName, text: string): void {
  if (READ[name](text) === undefined)
    throw new VaultError('PV1012', { field: 'value', reason: WANTED[name] });
}

/**
 * The run-time variables as they are in this instance. They are kept in the database, so that they are the same in every instance and outlive
 * a restart; what was never set, or was cleared, is as the settings say.
 */
export class RuntimeVariables {
  readonly defaults: VariableValues;
  readonly #database: Database;
  readonly #apply: (values: VariableValues) => void;
  #values: VariableValues;
  #refreshing: Promise<void> = Promise.resolve();

  /** `apply` makes values take effect; it is called with the defaults at once and then whenever they may have changed. */
  constructor(database: Database, defaults: VariableValues, apply: (values: VariableValues) => void) {
    this.#database = database;
    this.#apply = apply;
    this.defaults = defaults;
    this.#values = defaults;
    apply(defaults);
  }

  get values(): VariableValues {
    return this.#values;
  }

  /** Takes on what the database says now. One after the other: an older answer must not overtake a newer one. */
  async refresh(): Promise<void> {
    const refreshed = this.#refreshing.catch(() => undefined).then(() => this.#load());
    this.#refreshing = refreshed;
    return refreshed;
  }

  async #load(): Promise<void> {
    const stored = await readVariables(this.#database);
    const valueOf = <Name extends VariableName>(name: Name): VariableValues[Name] =>
      READ[name](stored.get(name) ?? '') ?? this.defaults[name];
    this.#values = { log_level: valueOf('log_level'), trace_sql: valueOf('trace_sql') };
    this.#apply(this.#values);
  }
}
