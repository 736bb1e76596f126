import { type Operation, TextAnswer } from '../operation.js';
import { NOTE_TYPE } from './note-type.js';

export const getCheckpoint: Operation<'getCheckpoint'> = {
  id: 'getCheckpoint',

  async run(call, { checkpoints }) {
    await call.record({ outcome: 'allowed' });
    return new TextAnswer(NOTE_TYPE, await checkpoints.note(await checkpoints.latest()));
  },
};
