import type {Run, Verb} from './verb.ts';

/** What a verb does is loaded when it is used: most commands need little of it. */
const show =
  (name: Exclude<keyof typeof import('./show.ts'), 'askStatus' | 'readStatus' | 'shownStatus'>): Run =>
  async (world, given) =>
    (await import('./show.ts'))[name](world, given);

type ChangeName = keyof typeof import('./change.ts')['changes'];

const change =
  (name: ChangeName): Run =>
  async (world, given) => {
    const {changes, carryOut} = await import('./change.ts');
    const {readIfVersion} = await import('./parse-words.ts');
    return carryOut(world, changes[name](given), readIfVersion(given), given.options.force === true);
  };

const ifVersion = {
  flags: '--if-version <version>',
  help: 'refuse unless this version, as taco status prints it, is in force',
};

/** A verb that changes the cluster state: by its name among the changes. */
const changing = (name: ChangeName, verb: Omit<Verb, 'run'>): Verb => ({
  ...verb,
  options: [...(verb.options ?? []), ifVersion],
  run: change(name),
});

const key =
  (name: keyof typeof import('./key.ts')): Run =>
  async (world, given) =>
    (await import('./key.ts'))[name](world, given);

const force = (when: string) => ({flags: '--force', help: `even if ${when}; what can never work stays refused`});

const leaveBehind = {flags: '--force', help: 'even if members are not heard: they are left behind'};

const group = {flags: '--group <name>', help: 'server group (default: the group named default)'};

/** Everything that taco can do. Help, prefixes and completion come from here. */
export const verbs: readonly Verb[] = [
  {
    noun: 'status',
    options: [
      {flags: '-w, --watch', help: 'go on showing it; with --json one document a line; Ctrl-C ends it'},
      {flags: '--every <time>', help: 'with --watch: how long to rest after each answer, 100ms to 3600s (default: 1s)'},
    ],
    help: 'show the cluster as this leveler sees it, and what is wrong with it',
    examples: ['taco status', 'taco status --json', 'taco status --watch', 'taco status --watch --every 500ms --json'],
    run: async (world, given) => (await import('./watch-status.ts')).showOrWatch(world, given),
  },
  {
    noun: 'verify',
    options: [{flags: '--wait <seconds>', help: 'for what is under way, 0 to 60 (default: 3)'}],
    help: 'check that all levelers are reachable and have the same state, config and software; exit 1 if not',
    examples: ['taco verify', 'taco verify --wait 0 --json'],
    run: async (world, given) => (await import('./verify.ts')).verify(world, given),
  },
  {
    noun: 'leveler',
    verb: 'list',
    help: 'list the levelers: live or not, leader or not, what they hold',
    examples: ['taco leveler list'],
    run: show('listLevelers'),
  },
  {
    noun: 'leveler',
    verb: 'add',
    operands: ['<name>', '[address]'],
    options: [ifVersion],
    help: 'announce a leveler by its address on net B, or let one that was removed come back',
    examples: ['taco leveler add leveler3 10.0.1.4', 'taco leveler add leveler2'],
    run: async (world, given) => (await import('./add-leveler.ts')).announceLeveler(world, given),
  },
  changing('removeLeveler', {
    noun: 'leveler',
    verb: 'remove',
    operands: ['<names...>'],
    options: [
      {
        flags: '--force',
        help: 'even if it is live; on a caretaker: give up all that are named, at once, without a majority',
      },
    ],
    help: 'forget a leveler that is gone for good: it counts no more, and does not come back by itself',
    examples: ['taco leveler remove leveler2', 'taco leveler remove leveler1 leveler2 --force'],
  }),
  {
    noun: 'leveler',
    verb: 'drain',
    operands: ['[name]'],
    options: [
      {
        flags: '--uninstall',
        help: 'here only: then take its data path away, the XDP program or the rules of the cap engine',
      },
      {flags: '--force', help: 'even if no other leveler can take over: what nobody takes is not served any more'},
      {flags: '--yes', help: 'without a name: the leveler that this is typed on is meant'},
    ],
    help: 'make the others take over from a leveler, without a packet lost; until it is undrained or restarted',
    examples: ['taco leveler drain leveler0', 'taco leveler drain leveler0 --uninstall', 'taco leveler drain --yes'],
    run: async (world, given) => (await import('./drain.ts')).drain(world, given),
  },
  {
    noun: 'leveler',
    verb: 'undrain',
    operands: ['[name]'],
    help: 'let a drained leveler take part again, without a restart (default: the one that this is typed on)',
    examples: ['taco leveler undrain leveler0'],
    run: async (world, given) => (await import('./drain.ts')).undrain(world, given),
  },
  {
    noun: 'key',
    verb: 'list',
    help: 'list the keys that the levelers sign with, who has which, and what to type next',
    examples: ['taco key list', 'taco key list --json'],
    run: key('listKeys'),
  },
  {
    noun: 'key',
    verb: 'add',
    options: [
      {flags: '--by-hand', help: 'take the key that lies beside the key file of each leveler, as cluster.key.new'},
      ifVersion,
    ],
    help: 'bring another key to every leveler, sealed with the current one; the first of three steps',
    examples: ['taco key add', 'taco key generate /etc/tacoplex/cluster.key.new && taco key add --by-hand'],
    run: key('addKey'),
  },
  {
    noun: 'key',
    verb: 'activate',
    operands: ['[id]'],
    options: [leaveBehind, ifVersion],
    help: 'have every leveler send with the next key; refused until all have it on their disks',
    examples: ['taco key activate', 'taco key activate 1f2e3d4c'],
    run: key('activateKey'),
  },
  {
    noun: 'key',
    verb: 'retire',
    operands: ['[id]'],
    options: [leaveBehind, ifVersion],
    help: 'accept the previous key no longer, or give up the next one; refused while somebody sends with it',
    examples: ['taco key retire', 'taco key retire 1f2e3d4c'],
    run: key('retireKey'),
  },
  {
    noun: 'key',
    verb: 'export',
    operands: ['<file>'],
    help: 'write the keys of this leveler to a new file, for one that joins or has missed a rotation',
    examples: ['sudo taco key export /root/cluster.key'],
    run: key('exportKeys'),
  },
  {
    noun: 'key',
    verb: 'generate',
    operands: ['<file>'],
    help: 'write a key that nobody has yet to a new file',
    examples: ['sudo taco key generate /etc/tacoplex/cluster.key'],
    run: key('generateKey'),
  },
  {
    noun: 'server',
    verb: 'list',
    help: 'list the servers: weight, bins, packets, MAC address',
    examples: ['taco server list'],
    run: show('listServers'),
  },
  changing('addServer', {
    noun: 'server',
    verb: 'add',
    operands: ['<name>', '<address>'],
    options: [
      group,
      {flags: '--weight <number>', help: 'share relative to the others, 0 to 1000 (default: 1)'},
      force("nobody answers for the address, or it is outside net B, or a witness's own"),
    ],
    help: 'add a server by its own address on net B, for which it answers ARP and nobody else',
    examples: ['taco server add s1 10.0.1.101', 'taco server add s2 10.0.1.102 --weight 2 --group web'],
  }),
  changing('removeServer', {
    noun: 'server',
    verb: 'remove',
    operands: ['<name>'],
    help: 'remove a server; its bins go to the others',
    examples: ['taco server remove s1'],
  }),
  changing('setWeight', {
    noun: 'server',
    verb: 'weight',
    operands: ['<name>', '<number>'],
    help: 'change the share of a server, 0 to 1000; 0: it gets nothing',
    examples: ['taco server weight s1 10'],
  }),
  {
    noun: 'service',
    verb: 'list',
    help: 'list the services: group, affinity, packets',
    examples: ['taco service list'],
    run: show('listServices'),
  },
  changing('addService', {
    noun: 'service',
    verb: 'add',
    operands: ['<service>'],
    options: [
      group,
      {
        flags: '--affinity <fields>',
        help: 'what keeps a client on its server: flow, client, port or ipid (default: flow)',
      },
      force('the address is a LevIP'),
    ],
    help: 'add a service, ADDRESS[:PORT][/PROTOCOL], by an address of its own; no port: every port',
    examples: [
      'taco service add 10.0.1.200:80',
      'taco service add 10.0.1.200:53/udp --affinity client',
      'taco service add [fd00:b::200]:443/tcp --group web',
    ],
  }),
  changing('removeService', {
    noun: 'service',
    verb: 'remove',
    operands: ['<service>'],
    help: 'remove a service',
    examples: ['taco service remove 10.0.1.200:80/tcp'],
  }),
  {
    noun: 'group',
    verb: 'list',
    help: 'list the server groups',
    examples: ['taco group list'],
    run: show('listGroups'),
  },
  changing('addGroup', {
    noun: 'group',
    verb: 'add',
    operands: ['<name>'],
    help: 'add a server group; each has a bin table of its own',
    examples: ['taco group add web'],
  }),
  changing('removeGroup', {
    noun: 'group',
    verb: 'remove',
    operands: ['<name>'],
    help: 'remove a server group that has no servers and no services',
    examples: ['taco group remove web'],
  }),
  {
    noun: 'table',
    verb: 'show',
    options: [
      {flags: '--group <name>', help: 'this group only'},
      {flags: '--bins', help: 'list which bins go to which server too'},
    ],
    help: "show each server's bins, share and configured share",
    examples: ['taco table show', 'taco table show --group web --bins'],
    run: show('showTable'),
  },
  {
    noun: 'explain',
    operands: ['[protocol]', '[source]', '[destination]'],
    options: [
      {flags: '--pcap <file>', help: 'each frame of a capture, pcap or pcapng; -: standard input'},
      {flags: '--state <file>', help: 'reason from this file, such as taco export prints, not from a running cluster'},
      {
        flags: '--our-mac <mac>',
        help: "with --pcap: the leveler's own MAC address (default: each frame's destination)",
      },
      {flags: '--vlan <number>', help: 'the flow comes in this VLAN, 0 to 4094'},
      {flags: '--id <number>', help: 'IPv4 identification, 0 to 65535: for services with affinity ipid (default: 0)'},
    ],
    help: 'tell which server gets a flow, or each frame of a capture, and why',
    examples: [
      'taco explain tcp 192.0.2.7:40001 10.0.1.200:80',
      'taco explain udp [2001:db8::7]:5353 [fd00:b::200]:53',
      'taco explain icmp 192.0.2.7 10.0.1.200',
      'taco explain --pcap frames.pcap --json',
      'tcpdump -i eth0 -c 100 -w - | taco explain --pcap -',
      'taco explain --state examples/state.toml tcp 192.0.2.7:40001 10.0.1.200:80',
    ],
    run: async (world, given) => (await import('./explain.ts')).explain(world, given),
  },
  {
    noun: 'export',
    help: 'print the cluster state as a file: groups, servers, services',
    examples: ['taco export > state.toml', 'taco export --json'],
    run: async world => (await import('./export.ts')).exportState(world),
  },
  {
    noun: 'logs',
    operands: ['<process>'],
    options: [
      {flags: '-f, --follow', help: 'go on printing new lines'},
      {flags: '-n, --lines <number>', help: 'how many of the last lines (default: 50)'},
    ],
    help: 'print the log of a process of this leveler',
    examples: [
      'taco logs elector',
      'taco logs frame-forwarder -f',
      'taco -f /etc/tacoplex/taco.toml logs elector -n 200',
    ],
    run: async (world, given) => (await import('./logs.ts')).showLogs(world, given),
  },
  {
    noun: 'version',
    help: 'show the versions of taco and of the admin-broker it reaches',
    examples: ['taco version'],
    run: show('showVersion'),
  },
  {
    noun: 'adm',
    operands: ['[letters...]'],
    help: 'the letters of the original tacoplexadm; alone: the state in its plain format',
    examples: [
      'taco adm',
      'taco adm -V 10.0.1.200 80      add the virtual address, TCP (port 0: everything)',
      'taco adm -v 10.0.1.200 80      delete it',
      'taco adm -S 10.0.1.101         add the server; -D means the same',
      'taco adm -s 10.0.1.101         delete the server; -d means the same',
      'taco adm -L 10.0.1.3           say how a leveler is added',
      'taco adm -l 10.0.1.3           delete the leveler',
      'taco adm -f FILE -V …          with this config file',
    ],
    run: async (world, given) => (await import('./adm.ts')).administer(world, given),
  },
  {
    noun: 'completion',
    verb: 'bash',
    help: "print a script that completes taco's words in bash",
    examples: ['taco completion bash | sudo tee /etc/bash_completion.d/taco'],
    run: async world => {
      world.writeLine((await import('./completion.ts')).bashCompletion(verbs));
      return undefined;
    },
  },
];
