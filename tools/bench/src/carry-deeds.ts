import type {Lab} from '@tacoplex/lab';

/** Something that keeps a leveler from carrying frames, while it lives and leads; its interfaces are a0 and b0. */
export type Deed = {
  readonly name: string;
  readonly help: string;
  /** Longest from the deed to the last lost echo that is allowed, ms. */
  readonly allowed: {readonly medianMs: number; readonly worstMs: number};
  readonly do: (lab: Lab, victim: string) => Promise<unknown>;
  readonly undo: (lab: Lab, victim: string) => Promise<unknown>;
};

const usual = {medianMs: 400, worstMs: 1000};

/** The data path goes on in the kernel until its lease is over: time enough to leave. */
const unhurried = {medianMs: 150, worstMs: 150};

/** A package of npm has a command of that name too. */
const nft = '/usr/sbin/nft';

const supervisorctl = ['supervisorctl', '-c', '/opt/tacoplex/deploy/supervisord/tacoplex.conf'];

const run =
  (...commands: readonly (readonly string[])[]) =>
  async (lab: Lab, victim: string): Promise<void> => {
    for (const command of commands) {
      const {code, stderr} = await lab.exec(victim, command);
      if (code !== 0) {
        throw new Error(`${command.join(' ')} on ${victim}: ${stderr.trim()}`);
      }
    }
  };

/** What `flush` has taken away, by leveler. */
const taken = new Map<string, readonly (readonly string[])[]>();

/** In the order in which they are done and shown. */
export const deeds: readonly Deed[] = [
  {
    name: 'forwarder-stopped',
    help: 'supervisorctl stop frame-forwarder',
    allowed: unhurried,
    do: run([...supervisorctl, 'stop', 'frame-forwarder']),
    undo: run([...supervisorctl, 'start', 'frame-forwarder']),
  },
  {
    name: 'forwarder-hung',
    help: 'SIGSTOP to the frame-forwarder',
    allowed: unhurried,
    do: async (lab, victim) => lab.killProcess(victim, 'frame-forwarder', 'SIGSTOP'),
    undo: async (lab, victim) => lab.killProcess(victim, 'frame-forwarder', 'SIGCONT'),
  },
  ...(['a0', 'b0'] as const).map(
    (name): Deed => ({
      name: `mac-${name[0]}`,
      help: `another MAC address of net ${name === 'a0' ? 'A' : 'B'}'s interface`,
      allowed: usual,
      do: run(['ip', 'link', 'set', name, 'address', `02:00:00:00:${name}:99`]),
      undo: async (lab, victim) => {
        const link = lab.host(victim).links.find(one => one.name === name);
        await run(['ip', 'link', 'set', name, 'address', link?.mac ?? ''])(lab, victim);
      },
    }),
  ),
  {
    name: 'invalid-dropped',
    help: 'ct state invalid drop in a forward chain',
    allowed: usual,
    do: run(
      [nft, 'add', 'table', 'inet', 'carry'],
      [nft, 'add chain inet carry forward { type filter hook forward priority 0; }'],
      [nft, 'add rule inet carry forward ct state invalid drop'],
    ),
    undo: run([nft, 'delete', 'table', 'inet', 'carry']),
  },
  {
    name: 'no-forwarding',
    help: 'net.ipv4.ip_forward=0',
    allowed: usual,
    do: run(['sysctl', '-qw', 'net.ipv4.ip_forward=0']),
    undo: run(['sysctl', '-qw', 'net.ipv4.ip_forward=1']),
  },
  {
    name: 'no-address',
    help: "the addresses of net A's interface are flushed",
    allowed: usual,
    do: flush,
    undo: async (lab, victim) => run(...(taken.get(victim) ?? []))(lab, victim),
  },
  {
    name: 'lower-mtu',
    help: 'MTU of net B 1400',
    allowed: usual,
    do: run(['ip', 'link', 'set', 'b0', 'mtu', '1400']),
    undo: run(['ip', 'link', 'set', 'b0', 'mtu', '1500']),
  },
];

/** With the address go the routes that need it: both are put back, as an operator would. */
async function flush(lab: Lab, victim: string): Promise<void> {
  const {stdout} = await lab.exec(victim, ['ip', '-4', 'route', 'show', 'dev', 'a0', 'scope', 'global']);
  const routes = stdout.split('\n').filter(line => line.trim() !== '');
  const address = lab.host(victim).links.find(({name}) => name === 'a0')?.ipv4 ?? '';
  taken.set(victim, [
    ['ip', 'address', 'add', address.includes('/') ? address : `${address}/24`, 'dev', 'a0'],
    ...routes.map(route => ['ip', 'route', 'replace', ...route.trim().split(/\s+/), 'dev', 'a0']),
  ]);
  await run(['ip', '-4', 'address', 'flush', 'dev', 'a0'])(lab, victim);
}
