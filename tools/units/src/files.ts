import {writeSupervisord, writeSupervisordPrograms} from './supervisord.ts';
import {writeLogrotate, writeService, writeSysusers, writeTarget, writeTmpfiles} from './systemd.ts';
import type {ProcessUnit} from './table.ts';

/** Every generated file: path relative to `deploy/`, and content. */
export function writeFiles(units: readonly ProcessUnit[]): Map<string, string> {
  return new Map([
    ['supervisord/tacoplex.conf', writeSupervisord(units)],
    ['supervisord/conf.d/tacoplex.conf', writeSupervisordPrograms(units)],
    ['systemd/tacoplex.target', writeTarget(units, 'leveler')],
    ['systemd/tacoplex-witness.target', writeTarget(units, 'witness')],
    ...units.map(
      (unit, index) => [`systemd/tacoplex-${unit.name}.service`, writeService(unit, units.slice(0, index))] as const,
    ),
    ['sysusers.d/tacoplex.conf', writeSysusers()],
    ['tmpfiles.d/tacoplex.conf', writeTmpfiles()],
    ['logrotate.d/tacoplex', writeLogrotate(units)],
  ]);
}
