import type {Config} from '@tacoplex/config';
import {ConfigError} from '@tacoplex/errors';
import type {Process} from '@tacoplex/messages';

const onWitness: readonly Process[] = ['elector', 'admin-broker'];

/** @throws ConfigError if the process has nothing to do on a machine of this role */
export function checkRole(name: Process, {file, role}: Pick<Config, 'file' | 'role'>): void {
  if (role === 'witness' && !onWitness.includes(name)) {
    throw new ConfigError(
      `${file}: role: a witness runs elector and admin-broker, not ${name}; type: systemctl disable --now tacoplex-${name}`,
      {code: 'CONFIG_INVALID', file, line: 0, path: 'role'},
    );
  }
}
