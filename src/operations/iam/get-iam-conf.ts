import { formatIamConfig } from '../../policy/iam-config.js';
import { type Operation, TextAnswer } from '../operation.js';

/** The media type of IAM configurations. */
const TOML = 'application/toml';

export const getIamConf: Operation<'getIamConf'> = {
  id: 'getIamConf',

  async run(call) {
    await call.record({ outcome: 'allowed' });
    return new TextAnswer(TOML, formatIamConfig(call.metadata.iam.config));
  },
};
