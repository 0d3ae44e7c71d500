import {account, commandOf, environment, generatedHead, logOf, places} from './places.ts';
import type {ProcessUnit} from './table.ts';

type Lines = readonly string[];

const targets = {leveler: 'tacoplex.target', witness: 'tacoplex-witness.target'} as const;

/** The unit an operator starts and stops: all processes of a leveler, or of a witness. */
export function writeTarget(all: readonly ProcessUnit[], role: keyof typeof targets): string {
  const units = role === 'leveler' ? all : all.filter(({runsOnWitness}) => runsOnWitness);
  return unitFile([
    [
      '[Unit]',
      `Description=TacoPleX ${role}`,
      'Documentation=file:/opt/tacoplex/docs/install.md',
      `Wants=${units.map(({name}) => serviceOf(name)).join(' ')}`,
      'Wants=network-online.target',
      'After=network-online.target',
    ],
    ['[Install]', 'WantedBy=multi-user.target'],
  ]);
}

/**
 * The unit of one process.
 *
 * @param unit the process
 * @param before those that start before it and so stop after it
 */
export function writeService(unit: ProcessUnit, before: readonly ProcessUnit[]): string {
  return unitFile([
    [
      '[Unit]',
      `Description=TacoPleX ${unit.name}: ${unit.job}`,
      `PartOf=${[targets.leveler, ...(unit.runsOnWitness ? [targets.witness] : [])].join(' ')}`,
      `After=${['network-online.target', ...before.map(({name}) => serviceOf(name))].join(' ')}`,
      `ConditionPathExists=${places.config}`,
      // However often it dies, it is started again: a leveler must come back by itself.
      'StartLimitIntervalSec=0',
    ],
    [
      '[Service]',
      `ExecStart=${commandOf(unit.name)}`,
      `Environment=${Object.entries(environment)
        .map(pair => pair.join('='))
        .join(' ')}`,
      // Nothing here tells one exit code from another but RestartPreventExitStatus, and whoever has corrected a config need not
      // think of a start: a process whose config is wrong waits by itself before it ends.
      'Restart=always',
      'RestartSec=250ms',
      'KillSignal=SIGTERM',
      'TimeoutStopSec=5s',
      `Nice=${unit.nice}`,
      ...(unit.realtime === undefined ? [] : ['CPUSchedulingPolicy=rr', `CPUSchedulingPriority=${unit.realtime}`]),
      `StandardOutput=append:${logOf(unit.name)}`,
      'StandardError=inherit',
      'UMask=0007',
      `User=${account}`,
      `Group=${account}`,
      'RuntimeDirectory=tacoplex',
      'RuntimeDirectoryMode=0750',
      'RuntimeDirectoryPreserve=yes',
      ...(unit.readsKey ? ['StateDirectory=tacoplex', 'StateDirectoryMode=0750'] : []),
      'LogsDirectory=tacoplex',
      'LogsDirectoryMode=0750',
      ...privileges(unit),
      ...walls(unit),
    ],
    ['[Install]', `WantedBy=${targets.leveler}`],
  ]);
}

/** The user that all processes run as; its group may talk to them. */
export function writeSysusers(): string {
  return file([`u tacoplex - "TacoPleX leveler" ${places.state}`]);
}

/** The directories that must exist before the first process opens its log. */
export function writeTmpfiles(): string {
  const folders = ['/etc/tacoplex', places.run, places.state, places.logs];
  const owned = folders.map(folder => `d ${folder} 0750 ${folder.startsWith('/etc') ? 'root' : 'tacoplex'} tacoplex -`);
  // The BPF file system lets nobody but root in: passing through is enough to reach our own folder.
  return file([...owned, 'z /sys/fs/bpf 0711 root root -', `d ${places.bpf} 0750 tacoplex tacoplex -`]);
}

/** Rotation of the logs that systemd appends to. supervisord rotates its own. */
/** The audit log is renamed, not cut: `copytruncate` may lose what is written meanwhile. */
export function writeLogrotate(units: readonly ProcessUnit[]): string {
  return file([
    `${places.logs}/audit.log {`,
    '    monthly',
    '    rotate 24',
    '    missingok',
    '    notifempty',
    '    compress',
    '    nocreate',
    '    su tacoplex tacoplex',
    '}',
    '',
    `${[...units.map(({name}) => logOf(name)), `${places.logs}/supervisord.log`].join(' ')} {`,
    '    size 10M',
    '    rotate 5',
    '    missingok',
    '    notifempty',
    '    compress',
    '    copytruncate',
    '    su tacoplex tacoplex',
    '}',
  ]);
}

function privileges({capabilities}: ProcessUnit): Lines {
  const list = capabilities.join(' ');
  return [`AmbientCapabilities=${list}`, `CapabilityBoundingSet=${list}`, 'NoNewPrivileges=yes'];
}

/** No MemoryDenyWriteExecute: Node compiles at run time. */
function walls({families, capabilities, readsKey}: ProcessUnit): Lines {
  const usesBpf = capabilities.includes('CAP_BPF');
  return [
    'ProtectSystem=strict',
    'ProtectHome=yes',
    'PrivateTmp=yes',
    'PrivateDevices=yes',
    'ProtectClock=yes',
    'ProtectControlGroups=yes',
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    ...(usesBpf ? [`ReadWritePaths=-${places.bpf}`] : []),
    ...(readsKey ? [] : [`InaccessiblePaths=-${places.key} -${places.state}`]),
    'LockPersonality=yes',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    `RestrictAddressFamilies=${families.join(' ')}`,
    'SystemCallArchitectures=native',
    `SystemCallFilter=@system-service${usesBpf ? ' bpf perf_event_open' : ''}`,
    'SystemCallErrorNumber=EPERM',
  ];
}

function serviceOf(name: string): string {
  return `tacoplex-${name}.service`;
}

function unitFile(sections: readonly Lines[]): string {
  return file(sections.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])));
}

function file(lines: Lines): string {
  return `${[...generatedHead, '', ...lines].join('\n')}\n`;
}
