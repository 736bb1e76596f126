import winston, { type Logger } from 'winston';

/** Where lines go; the process's own output, or a test's list. */
export type Output = NodeJS.WritableStream;

/** The operator's log: one JSON object a line. What may be in a line is decided where it is written. */
export function createLogger(level: string, output: Output): Logger {
  return winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp({ alias: 'time' }), winston.format.json()),
    defaultMeta: { product: 'coatcheck' },
    transports: [new winston.transports.Stream({ stream: output })],
  });
}
