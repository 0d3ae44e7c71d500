import type {Config} from '@tacoplex/config';
import {WorldError} from '@tacoplex/errors';
import type {Log} from '@tacoplex/log';
import {XdpEngine, type XdpParts} from './engine.ts';

/** The engine that runs, and why that one. */
export type Choice =
  | {readonly engine: 'cap'; readonly reason: string}
  | {readonly engine: 'xdp'; readonly reason: string; readonly xdp: XdpEngine};

/**
 * Open the engine that the config asks for. `auto`: xdp, or where that cannot be, cap, with one notice that says why.
 *
 * @throws WorldError if the config asks for xdp and it cannot be
 */
export function chooseEngine({engine}: Config['engine'], parts: XdpParts, log: Log): Choice {
  if (engine === 'cap') {
    return {engine: 'cap', reason: 'as configured'};
  }

  try {
    const xdp = new XdpEngine(parts);
    const asked = engine === 'xdp' ? 'as configured' : 'auto';
    const how = xdp.reason === '' ? `${xdp.mode} mode` : `${xdp.mode} mode: ${xdp.reason}`;
    log.notice('xdp engine runs', {interface: parts.netA.name, mode: xdp.mode, adopted: xdp.wasAdopted});
    return {engine: 'xdp', reason: `${asked}, ${how}`, xdp};
  } catch (error) {
    if (engine === 'xdp' || !(error instanceof WorldError)) {
      throw error;
    }

    log.notice('xdp engine cannot run, the cap engine does', {reason: error.message});
    return {engine: 'cap', reason: `auto: no xdp: ${error.message}`};
  }
}
