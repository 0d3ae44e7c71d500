import {spawn} from 'node:child_process';
import type {Log} from '@tacoplex/log';
import {emptyRuleset} from './kernel-gate.ts';

/** The kernel gate as this process keeps it; `writeRuleset` says what it is for. */
export type Gate = {
  /**
   * Put these rules in place of the last, when all that was asked for before is done. Resolves then too when it cannot
   * be done, which is told once: forwarding goes on without.
   */
  apply(ruleset: string): Promise<void>;
  remove(): Promise<void>;
};

/** What to type when the rules cannot be installed. */
const advice = {
  missing: 'apt-get install nftables',
  forbidden: 'give frame-forwarder CAP_NET_ADMIN beside CAP_NET_RAW (systemctl edit tacoplex-frame-forwarder)',
  other: 'sysctl -w net.ipv4.ip_forward=0 (stops second copies, and the way back through this leveler)',
} as const;

/** The system's commands first: under npm, `nft` would be a command of the package @vercel/nft. */
const {PATH: usualPath = ''} = process.env;
const path = `/usr/sbin:/sbin:/usr/bin:/bin:${usualPath}`;

/** A gate in this network namespace's nftables, through `nft`. */
export function createGate(log: Log): Gate {
  let last = Promise.resolve();
  let isBroken = false;
  const enqueue = async (ruleset: string): Promise<void> => {
    last = last.then(async () => {
      const fault = await runNft(ruleset);
      if (fault !== undefined && !isBroken) {
        log.warn('kernel gate not installed, the kernel may send second copies', {
          reason: fault,
          type: advice[kindOf(fault)],
        });
      }

      isBroken = fault !== undefined;
    });
    return last;
  };
  return {apply: enqueue, remove: async () => enqueue(emptyRuleset)};
}

function kindOf(fault: string): keyof typeof advice {
  if (fault.includes('ENOENT')) {
    return 'missing';
  }

  return /not permitted|must be root/i.test(fault) ? 'forbidden' : 'other';
}

/** @returns what nft found wrong, on one line; undefined if it did as told */
async function runNft(ruleset: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const nft = spawn('nft', ['-f', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: 5000,
      env: {...process.env, PATH: path},
    });
    let complaint = '';
    nft.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    nft.on('error', error => resolve(error.message));
    nft.on('close', code => resolve(code === 0 ? undefined : (complaint.split('\n')[0] ?? '') || `exit code ${code}`));
    nft.stdin.on('error', () => {}); // It ended before it read all: its exit code says why
    nft.stdin.end(ruleset);
  });
}
