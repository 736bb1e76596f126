/** The content type of signed notes and proofs in text form. */
export const NOTE_TYPE = 'text/plain; charset=utf-8';
