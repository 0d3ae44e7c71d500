import {findCarryingFaults} from './carrying-faults.ts';
import {howToReturn} from './drain.ts';
import {findDroppedWords} from './dropped-words.ts';
import {formatDuration} from './durations.ts';
import {joinNames} from './join-names.ts';
import {findNetFaults} from './net-faults.ts';
import {beatsCome, isMissed, isPresent} from './presence.ts';
import {findReachFaults} from './reach-faults.ts';
import type {StatusDocument} from './schemas.ts';
import {findTrialFaults} from './serving.ts';
import type {Stand} from './standing.ts';

type Status = Omit<StatusDocument, 'warnings' | 'standing' | 'serving'>;
type Warning = StatusDocument['warnings'][number];

/** The elector speaks every 250 ms, the others each second. */
const electorSilentMs = 650;
const processSilentMs = 3000;
/** Servers are asked for their MAC address every 5 s. */
const serverSilentMs = 15_000;

/** What is wrong, in words, most pressing first, each with what to do about it. */
export function findWarnings(status: Status, stand: Stand): Warning[] {
  return [
    ...silentProcesses(status),
    ...(stand.advice === '' || stand.state === 'unknown' ? [] : [{what: stand.words, advice: stand.advice}]),
    ...levelerWarnings(status),
    ...findDroppedWords(status),
    ...findNetFaults(status.levelers),
    ...findCarryingFaults(status.levelers),
    ...findTrialFaults(status.levelers),
    ...diskWarnings(status),
    ...findReachFaults(status.levelers),
    ...modeWarnings(status),
    ...editionWarnings(status),
    ...outsiderWarnings(status),
    ...engineWarnings(status),
    ...addressWarnings(status),
    ...serverWarnings(status),
  ];
}

function silentProcesses({processes}: Status): Warning[] {
  return processes
    .filter(({name, silenceMs}) => silenceMs === null || silenceMs > silenceLimit(name))
    .map(({name, silenceMs}) => ({
      what:
        silenceMs === null
          ? `${name} has not been heard since admin-broker started`
          : `${name} has been silent for ${formatDuration(silenceMs)}`,
      advice: `taco logs ${name}`,
    }));
}

function silenceLimit(name: string): number {
  return name === 'elector' ? electorSilentMs : processSilentMs;
}

function levelerWarnings({levelers, version, digest}: Status): Warning[] {
  const suspects = levelers
    .filter(({member, state}) => member && state === 'suspect')
    .map(leveler => suspect(leveler, levelers));
  const strays = levelers
    .filter(({self, state, digest: other}) => !self && state === 'live' && digest !== null && other !== digest)
    .map(({name, version: other}) => ({
      what: `leveler ${name} has version ${other ?? 'none'}, this one ${version ?? 'none'}`,
      advice: `it should catch up within 2 s; if it does not, on ${name}: taco logs elector`,
    }));
  const leavers = levelers
    .filter(({state, silenceMs}) => state === 'leaving' && beatsCome({silenceMs}))
    .map(({name}) => ({
      what: `leveler ${name} leaves: it takes no shared address`,
      advice: `to bring it back: ${howToReturn(name)}`,
    }));
  return [...suspects, ...leavers, ...strays];
}

function suspect(missing: Status['levelers'][number], levelers: Status['levelers']): Warning {
  const {name, silenceMs} = missing;
  if (beatsCome({silenceMs})) {
    return {
      what: `leveler ${name} is heard, but does not hear this one`,
      advice: `what is between them: switches, filters? On ${name}: taco status`,
    };
  }

  const since = silenceMs === null ? 'at all' : `for ${formatDuration(silenceMs)}`;
  const witnesses = levelers.filter(({self, hears}) => !self && hears.some(heard => isHeard(heard, name)));
  return witnesses.length === 0
    ? {
        what: `leveler ${name} has not been heard ${since}`,
        advice: `is it running? On ${name}: taco status. Gone for good: taco leveler remove ${name}`,
      }
    : {
        what: `leveler ${name} has not been heard ${since}, but ${joinNames(witnesses.map(({name: other}) => other))} hears it`,
        advice: `mend net A and net B between this leveler and ${name}: cables, switches, VLANs, packet filters`,
      };
}

function isHeard({leveler, on}: Status['levelers'][number]['hears'][number], name: string): boolean {
  return leveler === name && on !== 'none' && on !== null;
}

function modeWarnings({securityMode}: Status): Warning[] {
  if (securityMode === 'receive-only') {
    return [{what: 'this leveler only listens: it takes no part', advice: `${setMode}, when keys and nets are right`}];
  }

  return securityMode === 'permissive'
    ? [{what: 'retired keys are believed here', advice: `${setMode}, when no leveler needs that any more`}]
    : [];
}

const setMode = 'set security.mode = "enforcing" in taco.toml and restart the elector';

function editionWarnings({levelers}: Status): Warning[] {
  const self = levelers.find(leveler => leveler.self);
  const strays = levelers.filter(({self: isSelf, state}) => !isSelf && state === 'live');
  return [
    ...strays
      .filter(({configDigest}) => isOther(configDigest, self?.configDigest))
      .map(({name}) => ({
        what: `leveler ${name} has another config than this one`,
        advice: `make /etc/tacoplex/taco.toml the same on both and restart; then: taco verify`,
      })),
    ...strays
      .filter(({software}) => isOther(software, self?.software))
      .map(({name, software}) => ({
        what: `leveler ${name} runs version ${software}, this one ${self?.software}`,
        advice: 'finish the upgrade; then: taco verify',
      })),
  ];
}

function diskWarnings({levelers}: Status): Warning[] {
  return levelers.filter(isPresent).flatMap(({name, diskFault}) =>
    diskFault === null
      ? []
      : [
          {
            what: `leveler ${name} cannot write to its disk: ${diskFault}; it does not count for changes, or for votes`,
            advice: `on ${name}: df -h /var/lib/tacoplex; mount | grep tacoplex`,
          },
        ],
  );
}

/** Both are known, and not the same. */
function isOther(one: string | null, other: string | null | undefined): boolean {
  return one !== null && other !== null && other !== undefined && one !== other;
}

function outsiderWarnings({outsiders, levelers}: Status): Warning[] {
  const isHere = (id: number): boolean => levelers.some(leveler => leveler.id === id && isPresent(leveler));
  return outsiders.flatMap(({id, name, removed}) => {
    if (!removed) {
      return [
        {
          what: `leveler ${name} is announced and has not joined`,
          advice: `start it with the same config and key; if it does not come: taco leveler remove ${name}`,
        },
      ];
    }

    return isHere(id)
      ? [
          {
            what: `leveler ${name} was removed and runs still; it forwards nothing`,
            advice: `stop it there; or let it in again: taco leveler add ${name}`,
          },
        ]
      : [];
  });
}

function engineWarnings({engine, version, digest}: Status): Warning[] {
  if (engine === null) {
    return []; // Said already: frame-forwarder is silent
  }

  if (engine.haltedBecause !== null) {
    return [{what: `frame-forwarder forwards nothing: ${engine.haltedBecause}`, advice: 'taco logs frame-forwarder'}];
  }

  return digest !== null && engine.digest !== digest
    ? [
        {
          what: `the data path follows version ${engine.version ?? 'none'}, the cluster is at ${version ?? 'none'}`,
          advice: 'look again in a second; if it stays: taco logs frame-forwarder',
        },
      ]
    : [];
}

function addressWarnings({addresses, levelers}: Status): Warning[] {
  const missed = levelers.filter(isMissed).map(({name}) => name);
  const unless = missed.length === 0 ? '' : `unless it is ${missed.join(' or ')}: `;
  return addresses.flatMap(({address, net, holder, strangers}) => [
    ...(holder === null
      ? [{what: `nobody holds ${net === 'a' ? 'LevIP' : 'gateway'} ${address}`, advice: 'taco logs arp-announcer'}]
      : []),
    ...strangers.map(mac => ({
      what: `${mac} answers for ${address} too`,
      advice: `${unless}find the machine with that MAC address and take ${address} away from it`,
    })),
  ]);
}

function serverWarnings({servers, services, engine}: Status): Warning[] {
  const idle = services
    .filter(
      ({group}) => !servers.some(server => server.group === group && server.state === 'ready' && server.weight > 0),
    )
    .map(({address, group}) => ({
      what: `service ${address} has no server: group ${group} has none that is ready and has a weight`,
      advice: `taco server add NAME ADDRESS --group ${group}`,
    }));
  return engine === null ? idle : [...servers.flatMap(mute), ...servers.flatMap(twin), ...idle];
}

function twin({name, address, mac, otherMac}: Status['servers'][number]): Warning[] {
  return otherMac === null
    ? []
    : [
        {
          what: `${name} is at two MAC addresses: ${mac ?? 'none'}, which answers and gets its traffic, and ${otherMac}`,
          advice: `find the machine with ${otherMac} and take ${address} away from it`,
        },
      ];
}

function mute({name, address, mac, silenceMs, bins}: Status['servers'][number]): Warning[] {
  const advice = `is it up, on net B, with ${address}? Try: ping ${address}`;
  if (bins === 0) {
    return [];
  }

  if (mac === null) {
    return [
      {
        what: `server ${name} (${address}) has never answered here: what its ${bins} bins get is lost`,
        advice: `${advice}; or give its bins to the others: taco server weight ${name} 0`,
      },
    ];
  }

  return silenceMs !== null && silenceMs > serverSilentMs
    ? [{what: `server ${name} (${address}) has not answered for ${formatDuration(silenceMs)}`, advice}]
    : [];
}
