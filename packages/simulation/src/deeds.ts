import {isSound, nets} from '@tacoplex/election';
import type {LevelerId} from '@tacoplex/vocabulary';
import {tryAgainMs} from './disks.ts';
import {type Deed, type Fall, keySteps} from './draw-deed.ts';
import type {Machine} from './machine.ts';
import {goodWeather} from './network.ts';
import type {Simulation} from './simulation.ts';
import type {KeyStep} from './toy-keys.ts';

type Relapse = Extract<Deed, {kind: 'relapse'}>;

/** Let one deed happen. What makes no sense as things are does not. */
export function perform(simulation: Simulation, deed: Deed): void {
  simulation.pass(deed.afterMs);
  switch (deed.kind) {
    case 'ask':
      simulation.ask(deed.leveler, deed.command);
      break;
    case 'power':
      switchPower(simulation, deed.leveler, deed.files);
      break;
    case 'relapse':
      relapse(simulation, deed);
      break;
    case 'restart':
      simulation.restart(deed.leveler);
      break;
    case 'pause':
      simulation.pause(deed.leveler, deed.ms);
      break;
    case 'freeze':
      simulation.freeze(deed.leveler, deed.ms);
      break;
    case 'cut':
      for (const {net, from, to} of deed.ways) {
        simulation.cut(net, from, to);
      }

      break;
    case 'weather':
      simulation.changeWeather(deed.weather);
      break;
    case 'mend':
      simulation.mend();
      break;
    case 'powerCut':
      cutPower(simulation);
      break;
    case 'stumble':
      fall(simulation, deed.stallMs, deed.falls);
      break;
    case 'ambush':
      for (let count = 0; count < deed.times; count++) {
        ambush(simulation);
      }

      break;
    case 'replay':
      replay(simulation, deed.leveler, deed.draw, deed.otherNet);
      break;
    case 'haunt':
      haunt(simulation, deed.leveler, deed.hearer, deed.waitMs);
      break;
    case 'playback':
      playBack(simulation, deed.leveler, deed.isDeaf);
      break;
    case 'leave':
      simulation.leave(deed.leveler);
      break;
    case 'fillDisks':
      for (const leveler of deed.levelers) {
        simulation.fillDisk(leveler, deed.ms);
      }

      break;
    case 'keyStep':
      takeKeyStep(simulation, deed.leveler, deed.step, deed.force);
      break;
    case 'rotation':
      for (const step of keySteps) {
        takeKeyStep(simulation, deed.leveler, step, deed.force);
        simulation.pass(deed.gapMs);
      }

      break;
  }
}

/** What was asked before a healing is carried out or refused by then. A key step by force may leave one behind until then. */
const answeredByMs = 400;

/** Everything whole again, everybody up and awake. */
export function heal(simulation: Simulation): void {
  const wasFull = simulation.machines.some(({diskFullUntilMs}) => diskFullUntilMs > simulation.nowMs - tryAgainMs);
  simulation.freeDisks();
  simulation.mend();
  simulation.changeWeather(goodWeather);
  for (const {id: leveler, up, state} of simulation.machines) {
    if (!up) {
      simulation.start(leveler);
    } else if (state.leaving) {
      simulation.restart(leveler);
    }
  }

  simulation.keyRings.help();
  simulation.after(answeredByMs, () => simulation.keyRings.help());
  const awakeMs = Math.max(...simulation.machines.map(({pausedUntilMs}) => pausedUntilMs));
  simulation.pass(Math.max(0, awakeMs - simulation.nowMs, wasFull ? tryAgainMs : 0));
}

/** The new key is drawn where an operator asks for it; its name is never the same twice. */
function takeKeyStep(simulation: Simulation, leveler: LevelerId, step: KeyStep['kind'], force: boolean): void {
  simulation.askForKeys(leveler, step, simulation.chance.hex(16), force);
}

function fall(simulation: Simulation, stallMs: number, falls: readonly Fall[]): void {
  for (const leader of simulation.leaders) {
    simulation.pause(leader, stallMs);
  }

  simulation.pass(Math.min(stallMs, 200));
  for (const {leveler, afterMs} of falls) {
    simulation.restart(leveler);
    simulation.pass(afterMs);
  }
}

/**
 * The leader begins anew, and two who do not hear each other stand for its place. As soon as one has won and the other
 * still asks, all who voted begin anew: who forgets a vote gives it twice.
 */
function ambush(simulation: Simulation): void {
  heal(simulation);
  simulation.passUntil(() => simulation.isAgreed, 2000);
  const [one, other] = simulation.ids.filter(leveler => !simulation.leaders.includes(leveler));
  if (one === undefined || other === undefined) {
    return;
  }

  for (const net of nets) {
    simulation.cut(net, one, other);
    simulation.cut(net, other, one);
  }

  for (const leader of simulation.leaders) {
    simulation.restart(leader);
  }

  simulation.passUntil(() => isWonAgainst(simulation, one, other) || isWonAgainst(simulation, other, one), 600, 1);
  for (const leveler of simulation.ids.filter(leveler => leveler !== one && leveler !== other)) {
    simulation.restart(leveler);
  }

  simulation.pass(200);
}

/**
 * One that was there when something was committed loses files, comes back where it hears but one that was not there, and
 * begins anew: what it finds on its disk then is not all that it has promised.
 */
function relapse(simulation: Simulation, {leveler, files, companion, againMs}: Relapse): void {
  heal(simulation);
  simulation.passUntil(() => simulation.isAgreed, 2000);
  if (leveler === companion || !hasRecovered(simulation)) {
    return;
  }

  part(simulation, [companion]);
  simulation.pass(500);
  simulation.ask(leveler);
  simulation.pass(300);
  if (hasRecovered(simulation)) {
    simulation.crash(leveler);
    simulation.tear(leveler, files);
    simulation.mend();
    part(simulation, [leveler, companion]);
    simulation.start(leveler);
    simulation.pass(againMs);
    simulation.restart(leveler);
    simulation.pass(1000);
  }
}

/** Nothing gets from some to the others, nor back. */
function part(simulation: Simulation, some: readonly LevelerId[]): void {
  for (const net of nets) {
    for (const other of simulation.ids.filter(one => !some.includes(one))) {
      for (const one of some) {
        simulation.cut(net, one, other);
        simulation.cut(net, other, one);
      }
    }
  }
}

/** Whether one leads a term in which the other stands. */
function isWonAgainst(simulation: Simulation, winner: LevelerId, loser: LevelerId): boolean {
  const [won, lost] = [simulation.stateOf(winner), simulation.stateOf(loser)];
  return won.role.kind === 'leader' && lost.role.kind === 'candidate' && won.term === lost.term;
}

/** Files are lost one leveler at a time, and never before the last one has recovered: more is more than is promised. */
function switchPower(simulation: Simulation, leveler: LevelerId, files: readonly ('memory' | 'value')[]): void {
  if (!simulation.isUp(leveler)) {
    simulation.start(leveler);
    return;
  }

  const tears = files.length > 0 && hasRecovered(simulation);
  simulation.crash(leveler);
  if (tears) {
    simulation.tear(leveler, files);
  }
}

/** Who has recovered knows its votes, and has them on disk again. */
function hasRecovered({machines}: Simulation): boolean {
  const lineages = new Set(machines.map(({state}) => state.held?.lineage));
  return machines.every(isSafe) && lineages.size === 1;
}

function isSafe({up, state: {sound}, disk}: Machine): boolean {
  return up && sound && isSound(disk);
}

function cutPower(simulation: Simulation): void {
  for (const {id: leveler} of simulation.upMachines) {
    simulation.crash(leveler);
  }

  simulation.pass(simulation.chance.between(100, 3000));
  for (const leveler of simulation.ids) {
    simulation.start(leveler);
  }
}

function replay(simulation: Simulation, leveler: LevelerId, draw: number, otherNet: boolean): void {
  const {up, lately, record, pausedUntilMs} = simulation.machine(leveler);
  const heard = otherNet ? lately : [...record, ...lately];
  const one = heard[Math.floor(draw * heard.length)];
  if (up && one !== undefined && pausedUntilMs <= simulation.nowMs) {
    simulation.say(`somebody plays to leveler${leveler} what leveler${one.header.sender} said`);
    simulation.replay(leveler, one, otherNet ? (one.net === 'a' ? 'b' : 'a') : one.net);
  }
}

/** An elector ends and begins again, and another hears once more what the one before has said. */
function haunt(simulation: Simulation, leveler: LevelerId, hearerId: LevelerId, waitMs: number): void {
  const hearer = simulation.machine(hearerId);
  const {electorLives} = hearer;
  const said = hearer.lately.filter(({header}) => header.sender === leveler);
  simulation.restart(leveler);
  simulation.pass(waitMs);
  if (hearer.up && hearer.electorLives === electorLives && hearer.pausedUntilMs <= simulation.nowMs) {
    simulation.say(`somebody plays to leveler${hearerId} what leveler${leveler} said before it began anew`);
    for (const one of said) {
      simulation.replay(hearerId, one);
    }
  }
}

/** The elector begins anew, and hears what its predecessor heard at the same age; perhaps nothing else. */
function playBack(simulation: Simulation, leveler: LevelerId, isDeaf: boolean): void {
  const machine = simulation.machine(leveler);
  if (!machine.up) {
    return;
  }

  if (isDeaf) {
    for (const other of simulation.ids.filter(one => one !== leveler)) {
      simulation.cut('a', other, leveler);
      simulation.cut('b', other, leveler);
    }
  }

  simulation.restart(leveler);
  simulation.say(`somebody plays to leveler${leveler} what it heard when it began the last time`);
  const {electorLives, recording} = machine;
  for (const one of recording) {
    simulation.after(one.ageMs, () => {
      if (machine.electorLives === electorLives && simulation.nowMs >= machine.pausedUntilMs) {
        simulation.replay(leveler, one);
      }
    });
  }
}
