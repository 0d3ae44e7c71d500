import {ConfigError} from '@tacoplex/errors';
import type {Process} from '@tacoplex/messages';
import test from 'ava';
import {checkRole} from '../src/check-role.ts';

const file = '/etc/tacoplex/taco.toml';

for (const name of ['elector', 'admin-broker'] as const) {
  test(`a witness runs ${name}`, t => {
    t.notThrows(() => checkRole(name, {file, role: 'witness'}));
  });
}

for (const name of ['frame-forwarder', 'arp-announcer'] as const satisfies readonly Process[]) {
  test(`a witness runs no ${name}, and says how to end it; a leveler runs it`, t => {
    const told = t.throws(() => checkRole(name, {file, role: 'witness'}), {instanceOf: ConfigError});

    t.is(
      told?.message,
      `${file}: role: a witness runs elector and admin-broker, not ${name}; type: systemctl disable --now tacoplex-${name}`,
    );
    t.notThrows(() => checkRole(name, {file, role: 'leveler'}));
  });
}
