import type {LevelerId} from '@tacoplex/vocabulary';
import type {Chance} from './chance.ts';
import type {Lane} from './network.ts';
import {nameOf} from './play.ts';
import type {Simulation} from './simulation.ts';
import {Violation} from './violation.ts';

/** After a lease, and after a second question on net A of sides that gave way to each other, all has been decided. */
const decidedAfterMs = 4500;
const watchedMs = 1500;
const stepMs = 50;

type Sides = readonly [readonly LevelerId[], readonly LevelerId[]];

/**
 * S1 and L2 of a cluster in two: while net A connects the sides one of them forwards, and has every address; where it does
 * not, each of them does, for its own clients. Begins with a cluster that agrees.
 */
export function partitionOnce(simulation: Simulation, chance: Chance): void {
  const sides = someSides(chance, simulation.ids);
  if (sides === undefined || simulation.segment.addresses.length === 0) {
    return;
  }

  const isJoined = chance.happens(0.5);
  const lanes: readonly Lane[] = isJoined ? ['a', 'b'] : ['a', 'b', 'arp'];
  const names = sides.map(side => side.map(nameOf).join(' ')).join(' | ');
  simulation.say(`-- two sides: ${names}; ${isJoined ? 'ARP goes through' : 'nothing goes through'}`);
  separate(simulation, sides, lanes);
  simulation.pass(decidedAfterMs);
  const untilMs = simulation.nowMs + watchedMs;
  while (simulation.nowMs < untilMs) {
    simulation.pass(stepMs);
    check(simulation, sides, isJoined);
  }
}

/** undefined: one leveler has no sides. */
function someSides(chance: Chance, ids: readonly LevelerId[]): Sides | undefined {
  const here = new Set(ids.filter(() => chance.happens(0.5)));
  const first = ids[0];
  if (ids.length < 2 || first === undefined) {
    return undefined;
  }

  if (here.size === 0 || here.size === ids.length) {
    here.clear();
    here.add(first);
  }

  return [ids.filter(id => here.has(id)), ids.filter(id => !here.has(id))];
}

function separate({network}: Simulation, [one, other]: Sides, lanes: readonly Lane[]): void {
  for (const lane of lanes) {
    for (const from of one) {
      for (const to of other) {
        network.block(lane, from, to);
        network.block(lane, to, from);
      }
    }
  }
}

function isWitness(simulation: Simulation, id: LevelerId): boolean {
  return simulation.setupOf(id).isWitness === true;
}

function check(simulation: Simulation, sides: Sides, isJoined: boolean): void {
  const serving = sides.filter(side => side.some(id => simulation.forwards(simulation.machine(id))));
  if (isJoined && serving.length > 1) {
    throw new Violation(
      'S1',
      `net A connects ${serving.map(side => side.map(nameOf).join(' ')).join(' and ')}, and both forward`,
    );
  }

  for (const {ip} of simulation.segment.addresses) {
    const holders = simulation.segment.holdersOf(ip);
    for (const side of isJoined ? [sides.flat()] : sides.filter(one => one.some(id => !isWitness(simulation, id)))) {
      const held = side.filter(id => holders.includes(id) && simulation.forwards(simulation.machine(id)));
      if (held.length !== 1) {
        throw new Violation('L2', `of ${side.map(nameOf).join(' ')} ${held.length} hold ${ip} and forward`);
      }
    }
  }
}
