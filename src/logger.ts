import winston, { type Logger } from 'winston';

/** Where lines go; the process's own output, or a test's list. */
export type Output = NodeJS.WritableStream;

/** What stands in every line, so that the lines of many deployments can be told apart; an empty text is left out. */
export interface Origin {
  readonly customer_identifier?: string;
  readonly customer_env?: string;
  readonly customer_region?: string;
  /** Which of several processes that serve together. */
  readonly worker?: number;
}

/** The operator's log: one JSON object a line. What may be in a line is decided where it is written. */
export function createLogger(level: string, output: Output, origin: Origin = {}): Logger {
  const named = Object.entries(origin).filter(([, text]) => text !== '');
  return winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp({ alias: 'time' }), winston.format.json()),
    defaultMeta: { product: 'coatcheck', ...Object.fromEntries(named) },
    transports: [new winston.transports.Stream({ stream: output })],
  });
}
