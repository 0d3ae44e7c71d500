import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {WorldError} from '@tacoplex/errors';
import {createLab, type Lab, levIp, shared, waitFor} from '@tacoplex/lab';
import {startProbe} from './failover-probe.ts';
import type {Stage} from './failover-stage.ts';
import type {Draw} from './random.ts';

const program = '/usr/sbin/keepalived';

/** @throws WorldError COMMAND_FAILED where it is not installed */
export function needKeepalived(): void {
  if (!existsSync(program)) {
    throw new WorldError(`${program} is missing; install it: npm run setup`, {
      code: 'COMMAND_FAILED',
      command: program,
    });
  }
}

/** Such as `v2.2.7`. */
export function keepalivedVersion(): string {
  const {stderr} = spawnSync(program, ['--version'], {encoding: 'utf8'});
  return /v[\d.]+/.exec(stderr)?.[0] ?? 'unknown';
}

/**
 * What keepalived needs to hold the LevIP and the servers' gateway together, in turn: whoever takes over keeps them.
 *
 * @param advertMs between two adverts; 1,000 is its default
 */
export function keepalivedConf(name: string, advertMs: number): string {
  return `global_defs {
  router_id ${name}
  vrrp_version 3
}
vrrp_instance levip {
  state BACKUP
  nopreempt
  interface a0
  virtual_router_id 51
  advert_int ${advertMs / 1000}
  virtual_ipaddress {
    ${levIp(0).ipv4}/24 dev a0
    ${shared.gateway.ipv4}/24 dev b0
  }
}
`;
}

/** Two hosts that run keepalived and let their kernels forward, in the place of levelers. @throws WorldError */
export async function openKeepalived(advertMs: number, draw: Draw, signal: AbortSignal): Promise<Stage> {
  needKeepalived();
  const lab = await createLab({
    name: `bench-failover-k${advertMs}`,
    levelers: 2,
    servers: 1,
    startLevelers: false,
    signal,
  });
  const begin = async (leveler: string): Promise<void> => startKeepalived(lab, leveler, advertMs, signal);
  try {
    for (const {name} of lab.levelers) {
      await begin(name);
    }

    const probe = startProbe(lab, signal);
    return {
      lab,
      probe,
      draw,
      signal,
      // Whoever stands by has heard the other twice.
      untilReady: async () => {
        await pause(2 * advertMs, undefined, {signal});
        await probe.untilSteady(0);
      },
      async revive(leveler) {
        await lab.powerOn(leveler);
        await begin(leveler);
      },
      async close() {
        await probe.stop();
        await lab.down();
      },
    };
  } catch (error) {
    await lab.down();
    throw error;
  }
}

async function startKeepalived(lab: Lab, leveler: string, advertMs: number, signal: AbortSignal): Promise<void> {
  const home = join(lab.folder, leveler);
  const [conf, log] = [join(home, 'etc/keepalived.conf'), join(home, 'log/keepalived.log')];
  writeFileSync(conf, keepalivedConf(leveler, advertMs));
  writeFileSync(log, '');
  const server = lab.servers[0]?.links[0]?.ipv4 ?? '';
  const script = `ip route replace ${shared.servIp.ipv4}/32 via ${server}
mkdir -p /run/keepalived
exec ${program} --dont-fork --log-console --vrrp --use-file /etc/tacoplex/keepalived.conf \\
  --pid /run/keepalived/main.pid --vrrp_pid /run/keepalived/vrrp.pid >>/var/log/tacoplex/keepalived.log 2>&1`;
  lab.spawn(leveler, ['sh', '-ec', script], {stdio: 'ignore', detached: true}).unref();
  const entered = (): boolean => /Entering (BACKUP|MASTER) STATE/.test(readFileSync(log, 'utf8'));
  await waitFor(entered, {what: `${leveler}: keepalived runs; see ${log}`, signal});
}
