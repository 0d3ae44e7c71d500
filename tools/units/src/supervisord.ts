import {account, commandOf, environment, generatedHead, logOf, places} from './places.ts';
import {type ProcessUnit, priorityOf} from './table.ts';

/** A whole configuration: `supervisord -n -c tacoplex.conf`, and `supervisorctl -c tacoplex.conf status`. */
export function writeSupervisord(units: readonly ProcessUnit[]): string {
  return sections([
    [...generatedHead, '#', '# A leveler under a supervisord of its own: supervisord -n -c tacoplex.conf'],
    ...supervisorSections(),
    ...units.map(programSection),
  ]);
}

/** The programs alone, for a machine whose supervisord already runs other things. */
export function writeSupervisordPrograms(units: readonly ProcessUnit[]): string {
  return sections([
    [
      ...generatedHead,
      '#',
      "# A leveler under the machine's supervisord: copy this file to /etc/supervisor/conf.d/",
      `# ${places.run} must exist: see tmpfiles.d/tacoplex.conf`,
    ],
    ...units.map(programSection),
  ]);
}

function supervisorSections(): string[][] {
  const socket = `${places.run}/supervisor.sock`;
  return [
    ['[unix_http_server]', `file=${socket}`, 'chmod=0700'],
    [
      '[supervisord]',
      'user=root',
      'umask=007',
      `pidfile=${places.run}/supervisord.pid`,
      `logfile=${places.logs}/supervisord.log`,
      'logfile_maxbytes=1MB',
      'logfile_backups=2',
    ],
    ['[rpcinterface:supervisor]', 'supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface'],
    ['[supervisorctl]', `serverurl=unix://${socket}`],
  ];
}

function programSection(unit: ProcessUnit, index: number): string[] {
  return [
    `[program:${unit.name}]`,
    `command=${privileged(unit)} ${commandOf(unit.name)}`,
    'user=root',
    'umask=007',
    'directory=/',
    `environment=${Object.entries(environment)
      .map(([name, value]) => `${name}="${value}"`)
      .join(',')}`,
    `priority=${(index + 1) * 10}`,
    'autostart=true',
    'autorestart=true',
    // However often it dies, it is started again: a leveler must come back by itself. A process that dies within its
    // first second waits one second longer each time; one whose config is wrong waits by itself before it ends.
    'startretries=1000000000',
    'startsecs=1',
    'stopsignal=TERM',
    'stopwaitsecs=5',
    'killasgroup=true',
    'redirect_stderr=true',
    `stdout_logfile=${logOf(unit.name)}`,
    'stdout_logfile_maxbytes=10MB',
    'stdout_logfile_backups=5',
  ];
}

/**
 * supervisord hands out neither priorities nor capabilities: chrt(1), nice(1) and setpriv(1) do, and become the process. They are
 * root's, and it is not: without capabilities root still owns all of root's files.
 */
function privileged(unit: ProcessUnit): string {
  const kept = ['-all', ...unit.capabilities.map(capability => `+${capability.slice('CAP_'.length).toLowerCase()}`)];
  const words = [
    ...priorityOf(unit),
    '/usr/bin/setpriv',
    ...[`--reuid=${account}`, `--regid=${account}`, '--init-groups', '--no-new-privs'],
    ...['bounding-set', 'inh-caps', 'ambient-caps'].map(set => `--${set}=${kept.join(',')}`),
  ];
  return words.map(word => (word.includes(' ') ? `'${word}'` : word)).join(' ');
}

function sections(all: readonly (readonly string[])[]): string {
  return `${all.map(lines => lines.join('\n')).join('\n\n')}\n`;
}
