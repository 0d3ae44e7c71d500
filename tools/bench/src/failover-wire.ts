import {readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {WorldError} from '@tacoplex/errors';
import {type Lab, levIp, waitFor} from '@tacoplex/lab';
import {monotonicMs} from './failover-probe.ts';
import {findStages, findSuccessor, readLines, type Stages} from './failover-stages.ts';
import {readRecords} from './pcap-records.ts';

/** Where electors beat, unless their config says otherwise. */
const port = 7848;

export type WireWatch = {
  /**
   * Say where the time of a failover went that is over.
   *
   * @param cutMs CLOCK_MONOTONIC, as `answeredMs`
   * @param answeredMs when the first probe was sent that was answered again
   * @returns undefined where what was written down does not tell
   */
  readonly explain: (victim: string, cutMs: number, answeredMs: number) => Promise<Stages | undefined>;
  readonly stop: () => Promise<void>;
};

/**
 * Write down beats and ARP on net A. The kernel puts the times to the frames, so the writer needs no hurry: everybody else on
 * this machine goes first.
 */
export async function watchWire(lab: Lab, signal: AbortSignal): Promise<WireWatch> {
  const file = join(lab.folder, 'failover.pcap');
  const filter = `arp or udp dst port ${port}`;
  const argv = ['nice', '-n', '19', 'tcpdump', '-n', '-U', '-Z', 'root', '--immediate-mode', '-i', 'net-a', '-w', file];
  const child = lab.spawn('wire', [...argv, filter], {stdio: ['ignore', 'ignore', 'pipe']});
  let isOver = false;
  const ended = new Promise<void>(resolve => {
    child.once('close', () => {
      isOver = true;
      resolve();
    });
  });
  let said = '';
  createInterface({input: child.stderr!}).on('line', line => {
    said = line;
  });
  await waitFor(() => isOver || said.includes('listening on'), {timeoutMs: 10_000, what: 'tcpdump records', signal});
  if (isOver) {
    throw new WorldError(`tcpdump on net-a: ${said}`, {code: 'COMMAND_FAILED', command: 'tcpdump'});
  }

  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    await ended;
  };
  return {
    stop,
    async explain(victim, cutMs, answeredMs) {
      await stop();
      const records = readRecords(readFileSync(file));
      rmSync(file);
      const offsetMs = wallOffsetMs();
      const evidence = {
        records,
        levIp: levIp(0).ipv4,
        victim: {name: victim, mac: macOf(lab, victim)},
        cutMs: cutMs + offsetMs,
        answeredMs: answeredMs + offsetMs,
      };
      const successor = findSuccessor(evidence);
      const name = lab.levelers.find(leveler => macOf(lab, leveler.name) === successor?.mac)?.name;
      if (successor === undefined || name === undefined) {
        return undefined;
      }

      const logOf = (processName: string): string => readFileSync(lab.logFile(name, processName), 'utf8');
      // Its supervisord writes what it logs, and has no hurry.
      const look = (): Stages | undefined =>
        findStages(evidence, successor, {
          elector: readLines(logOf('elector')),
          announcer: readLines(logOf('arp-announcer')),
        });
      return waitFor(look, {timeoutMs: 3000, what: `${name} has logged it`, everyMs: 100, signal}).catch(
        (error: unknown) => {
          signal.throwIfAborted();
          if (error instanceof WorldError) {
            return undefined;
          }

          throw error;
        },
      );
    },
  };
}

function macOf(lab: Lab, leveler: string): string {
  return lab.host(leveler).links.find(({wire}) => wire === 'net-a')?.mac ?? '';
}

/** What to add to a time of CLOCK_MONOTONIC to have one of the wall clock. Waits for the next whole millisecond. */
function wallOffsetMs(): number {
  const first = Date.now();
  let nowMs = first;
  while (nowMs === first) {
    nowMs = Date.now();
  }

  return nowMs - monotonicMs();
}
