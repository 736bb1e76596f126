import type { StatusEvent } from './event.js';
import { type Fields, optionalTime, requiredFlag, requiredName } from './event-fields.js';

/** What is reported of a user who was suspended, or is no longer: `sub`, `suspended`, and `time` if it is known. */
export function readStatus(event: Fields, issuer: string): StatusEvent {
  return {
    kind: 'status',
    issuer,
    subject: requiredName(event, 'sub', ''),
    status: { suspended: requiredFlag(event, 'suspended', ''), at: optionalTime(event, 'time') },
  };
}
