import {ConfigError} from '@tacoplex/errors';
import type {Lab} from '@tacoplex/lab';

/** Something that keeps a leveler from carrying frames, while it lives and leads; its interfaces are a0 and b0. */
export type Deed = {
  readonly name: string;
  readonly help: string;
  /** It matters to whoever holds this: what clients send comes by the LevIP, what servers answer by the gateway. */
  readonly of: 'LevIP' | 'gateway';
  /** Longest from the deed to the last lost echo that is allowed, ms. */
  readonly allowed: {readonly medianMs: number; readonly worstMs: number};
  /** @returns undoes it */
  readonly do: (lab: Lab, victim: string) => Promise<() => Promise<void>>;
};

type Commands = readonly (readonly string[])[];

const usual = {medianMs: 400, worstMs: 1000};

/** The data path goes on in the kernel until its lease is over: time enough to leave. */
const unhurried = {medianMs: 150, worstMs: 150};

/** Nobody but the other levelers can find out, by pings that do not come out. */
const tried = {medianMs: 5000, worstMs: 10_000};

/** A package of npm has a command of that name too. */
const nft = '/usr/sbin/nft';

const supervisorctl = ['supervisorctl', '-c', '/opt/tacoplex/deploy/supervisord/tacoplex.conf'];

async function run(lab: Lab, victim: string, commands: Commands): Promise<void> {
  for (const command of commands) {
    const {code, stderr} = await lab.exec(victim, command);
    if (code !== 0) {
      throw new Error(`${command.join(' ')} on ${victim}: ${stderr.trim()}`);
    }
  }
}

const byCommands =
  (break_: Commands, mend: Commands): Deed['do'] =>
  async (lab, victim) => {
    await run(lab, victim, break_);
    return async () => run(lab, victim, mend);
  };

/** In the order in which they are done and shown. */
export const deeds: readonly Deed[] = [
  {
    name: 'forwarder-stopped',
    help: 'supervisorctl stop frame-forwarder',
    of: 'LevIP',
    allowed: unhurried,
    do: byCommands([[...supervisorctl, 'stop', 'frame-forwarder']], [[...supervisorctl, 'start', 'frame-forwarder']]),
  },
  {
    name: 'forwarder-hung',
    help: 'SIGSTOP to the frame-forwarder',
    of: 'LevIP',
    allowed: unhurried,
    async do(lab, victim) {
      await lab.killProcess(victim, 'frame-forwarder', 'SIGSTOP');
      return async () => {
        await lab.killProcess(victim, 'frame-forwarder', 'SIGCONT');
      };
    },
  },
  {
    name: 'mac-a',
    help: "another MAC address of net A's interface",
    of: 'LevIP',
    allowed: usual,
    do: async (lab, victim) => changeMac(lab, victim, 'a0'),
  },
  {
    name: 'mac-b',
    help: "another MAC address of net B's interface",
    of: 'gateway',
    allowed: usual,
    do: async (lab, victim) => changeMac(lab, victim, 'b0'),
  },
  {
    name: 'invalid-dropped',
    help: 'ct state invalid drop in a forward chain',
    of: 'gateway',
    allowed: usual,
    do: byCommands(
      [
        [nft, 'add', 'table', 'inet', 'carry'],
        [nft, 'add chain inet carry forward { type filter hook forward priority 0; }'],
        [nft, 'add rule inet carry forward ct state invalid drop'],
      ],
      [[nft, 'delete', 'table', 'inet', 'carry']],
    ),
  },
  {
    name: 'no-forwarding',
    help: 'net.ipv4.ip_forward=0',
    of: 'gateway',
    allowed: usual,
    do: byCommands([['sysctl', '-qw', 'net.ipv4.ip_forward=0']], [['sysctl', '-qw', 'net.ipv4.ip_forward=1']]),
  },
  {name: 'no-address', help: "the addresses of net A's interface are flushed", of: 'LevIP', allowed: usual, do: flush},
  {
    name: 'lower-mtu',
    help: 'MTU of net B 1400',
    of: 'LevIP',
    allowed: usual,
    do: byCommands([['ip', 'link', 'set', 'b0', 'mtu', '1400']], [['ip', 'link', 'set', 'b0', 'mtu', '1500']]),
  },
  {
    name: 'prohibited',
    help: 'a rule of policy routing that prohibits what comes in on net B',
    of: 'gateway',
    allowed: tried,
    do: byCommands([['ip', 'rule', 'add', 'iif', 'b0', 'prohibit']], [['ip', 'rule', 'del', 'iif', 'b0', 'prohibit']]),
  },
];

/** @throws ConfigError USAGE with those that there are */
export function deedNamed(name: string): Deed {
  const found = deeds.find(deed => deed.name === name);
  if (found === undefined) {
    throw new ConfigError(`no deed "${name}"; there are: ${deeds.map(deed => deed.name).join(' ')}`, {code: 'USAGE'});
  }

  return found;
}

async function changeMac(lab: Lab, victim: string, name: 'a0' | 'b0'): Promise<() => Promise<void>> {
  const set = async (mac: string): Promise<void> => run(lab, victim, [['ip', 'link', 'set', name, 'address', mac]]);
  await set(`02:00:00:00:${name}:99`);
  return async () => set(lab.host(victim).links.find(link => link.name === name)?.mac ?? '');
}

/** With the address go the routes that need it: both are put back, as an operator would. */
async function flush(lab: Lab, victim: string): Promise<() => Promise<void>> {
  const {stdout} = await lab.exec(victim, ['ip', '-4', 'route', 'show', 'dev', 'a0', 'scope', 'global']);
  const routes = stdout.split('\n').filter(line => line.trim() !== '');
  const address = lab.host(victim).links.find(({name}) => name === 'a0')?.ipv4 ?? '';
  await run(lab, victim, [['ip', '-4', 'address', 'flush', 'dev', 'a0']]);
  return async () =>
    run(lab, victim, [
      ['ip', 'address', 'add', `${address}/24`, 'dev', 'a0'],
      ...routes.map(route => ['ip', 'route', 'replace', ...route.trim().split(/\s+/), 'dev', 'a0']),
    ]);
}
