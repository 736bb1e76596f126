/** Settings the vault relies on. Given on the command line, where neither ALTER SYSTEM nor an edited file can undo them. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  // No socket in /tmp, where every local user could take its name first.
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',

  // An acknowledged write survives a power cut.
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_log_hints: 'on',

  // The log file must never hold a value. PostgreSQL quotes values in an error's message (level ERROR, below LOG), in its
  // detail (terse drops it), in the statement and in its parameters.
  log_min_messages: 'log',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_statement: 'none',
  log_min_duration_statement: '-1',
  log_min_duration_sample: '-1',
  log_transaction_sample_rate: '0',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_temp_files: '-1',
  log_lock_waits: 'off',
  log_checkpoints: 'off',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_timezone: 'UTC',

  cluster_name: 'coatcheck',
  max_connections: '100',
  shared_buffers: '128MB',
  jit: 'off',
  timezone: 'UTC',
};

/** For tests that do not test durability: several times faster, and a power cut may destroy the cluster. */
const NOT_DURABLE = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

/** The server's arguments for these settings; `sharedBuffers` is memory for pages where it is not to be the usual. */
export function settingsArguments(port: number, durable: boolean, sharedBuffers?: string): string[] {
  const all = {
    ...SETTINGS,
    ...(durable ? {} : NOT_DURABLE),
    ...(sharedBuffers !== undefined && { shared_buffers: sharedBuffers }),
    port: String(port),
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
