import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {WorldError} from '@tacoplex/errors';
import {calmly, claim, type Fault, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

const floodProgram = fileURLToPath(new URL('./flood-main.js', import.meta.url));

/** What somebody who is not of the cluster sends each second, to one leveler. */
const floodPerSecond = 60_000;

/** Rows about others on a leveler's machine and nets who mean it ill. */
export const intruders: readonly Fault[] = [
  {
    row: 54,
    title: "another user of a leveler's machine wants the elector's port",
    how: 'bound without privilege, in every way of sharing, on each address and interface',
    cases: [{name: '', verdict: {kind: 'N'}, provenBy: proofs.keptPort, play: bindPort}],
  },
  {
    row: 57,
    title: "a flood of forged datagrams with levelers' addresses",
    how: 'recorded on net A, a bit of each HMAC turned, 60,000 a second to the leader',
    cases: [{name: '', verdict: {kind: 'Z'}, provenBy: proofs.forgedFlood, play: flood}],
  },
];

/** Numbers of Linux. */
const [reusePort, bindToDevice] = [15, 25];

/** Perl, which every Debian has: Node cannot ask for all ways of sharing a port. */
const thief = `
  use Socket; use Errno;
  my ($device, @addresses) = @ARGV;
  for my $address ('0.0.0.0', @addresses) {
    for my $options ([], [SO_REUSEADDR], [${reusePort}], [SO_REUSEADDR, ${reusePort}]) {
      for my $link ('', $device) {
        socket(my $thief, PF_INET, SOCK_DGRAM, 0) or die "socket: $!";
        setsockopt($thief, SOL_SOCKET, $_, 1) or die "option $_: $!" for @$options;
        setsockopt($thief, SOL_SOCKET, ${bindToDevice}, $link) or die "$link: $!" if $link ne '';
        my $isBound = bind($thief, sockaddr_in(7848, inet_aton($address)));
        print $isBound ? "bound" : $!{EADDRINUSE} ? "refused" : "$!", " $address @$options $link\\n";
      }
    }
  }`;

async function bindPort(scene: Scene): Promise<Shown> {
  const {lab} = scene;
  const beganMs = Date.now();
  const tries = await Promise.all(
    scene.levelers.flatMap(leveler =>
      lab.host(leveler).links.map(async ({name, ipv4}) => {
        const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'];
        const own = ipv4.split('/')[0] ?? '';
        const {code, stdout, stderr} = await lab.exec(leveler, [
          ...asNobody,
          'perl',
          '-e',
          thief,
          name,
          own,
          '239.255.78.48',
        ]);
        return code === 0 ? stdout.trim().split('\n') : [`${leveler}: ${stderr.trim()}`];
      }),
    ),
  );
  const [all, others] = [tries.flat(), tries.flat().filter(line => !line.startsWith('refused'))];
  await scene.pause(scene.isShort ? 500 : 2500); // Longer than a lease
  const silent = scene.levelers.flatMap(leveler => scene.silences(leveler, beganMs));
  return {
    findings: [
      claim(`each of ${all.length} tries is refused (${others.join(', ') || 'all are'})`, others.length === 0),
      calmly(`nobody is taken for dead (${silent.length} times)`, silent.length === 0),
    ],
  };
}

async function flood(scene: Scene): Promise<Shown> {
  const {lab, leader} = scene;
  const file = join(lab.folder, 'flood.pcap');
  const capture = await lab.capture('wire', 'net-a', file);
  await scene.pause(500);
  await capture.stop();
  const before = await countForged(scene);
  const beganMs = Date.now();
  const seconds = scene.isShort ? 2 : 10;
  const mac = lab.host(leader).links.find(({wire}) => wire === 'net-a')?.mac ?? '';
  const words = [file, 'net-a', String(floodPerSecond), String(seconds), String(1 + scene.draw(2 ** 31 - 1)), mac];
  const {code, stdout, stderr} = await lab.exec('wire', [process.execPath, floodProgram, ...words]);
  rmSync(file, {force: true});
  if (code !== 0) {
    throw new WorldError(`flood-main: ${stderr.trim()}`, {code: 'COMMAND_FAILED', command: 'flood-main'});
  }

  const sent = Number(stdout);
  const after = await countForged(scene);
  const status = await scene.status(leader);
  const silent = scene.levelers.flatMap(leveler => scene.silences(leveler, beganMs));
  const lines = scene.log(leader, 'elector', beganMs).length;
  return {
    findings: [
      claim(`forged ones were counted (${after - before} of ${sent} sent)`, sent > 0 && after > before),
      calmly(`${leader} leads on (${status?.leader})`, status?.leader === leader),
      calmly(`nobody is taken for dead (${silent.length} times)`, silent.length === 0),
      claim(`${leader} tells it in few lines (${lines})`, lines <= 10),
    ],
    figures: {sentPerSecond: Math.round(sent / seconds)},
  };
}

/** How many datagrams the leader has counted as forged, or as more than it takes. */
async function countForged(scene: Scene): Promise<number> {
  const status = await scene.status(scene.leader);
  return (status?.reasons ?? [])
    .filter(({name}) => /^datagram (bad-mac|over-limit)$/.test(name))
    .reduce((sum, {count}) => sum + count, 0);
}
