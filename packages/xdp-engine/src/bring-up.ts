import {release} from 'node:os';
import {
  attachXdp,
  BpfObject,
  countPossibleCpus,
  listPins,
  makePinFolder,
  openPinnedLink,
  type Program,
  removePin,
  removePinFolder,
  type Target,
  usualBpffs,
  type XdpLink,
} from '@tacoplex/kernel';
import {explainRefusal} from './kernel-age.ts';
import {forwarderFile} from './object-files.ts';
import {hasMaps, type Pins, pinnedMaps, pinsOf, removeIfEmpty, removePins} from './pins.ts';

/** What there is once the program is loaded, and this one or a predecessor's attached. */
export type Up = {
  readonly object: BpfObject;
  readonly pins: Pins;
  readonly attached: Attached;
  /** Whether a predecessor's program was attached already; it still is. */
  readonly adopted: boolean;
  /** Whether a predecessor has left maps of our layout. */
  readonly hadMaps: boolean;
};

/**
 * Load, and attach unless a predecessor's program is attached; what was not there before and fails goes away again.
 *
 * @throws WorldError PERMISSION_MISSING, KERNEL_REFUSED, or INTERFACE_UNUSABLE if somebody else's program is attached
 */
export function bringUp(netA: Target, bpffs: string, wantsLog: boolean): Up {
  const pins = pinsOf(bpffs, netA.name);
  makePinFolder(bpffs, pins.maps);
  const hadMaps = hasMaps(pins);
  let object: BpfObject | undefined;
  try {
    object = loadForwarder(pins, wantsLog);
    const adopted = adoptLink(pins, netA);
    const attached =
      adopted === undefined ? attach(object.program('forward'), netA, pins) : {link: adopted, reason: ''};
    return {object, pins, attached, adopted: adopted !== undefined, hadMaps};
  } catch (error) {
    object?.close();
    if (!hadMaps) {
      removePinFolder(pins.maps);
      removeIfEmpty(pins);
    }

    throw explainRefusal(error, release());
  }
}

type Attached = {readonly link: XdpLink; readonly reason: string};

function attach(program: Program, netA: Target, {link: path}: Pins): Attached {
  const {link, reason} = attachXdp(program, netA);
  try {
    link.pin(path);
  } catch (error) {
    link.close();
    throw error;
  }

  return {link, reason};
}

function loadForwarder(pins: Pins, wantsLog: boolean): BpfObject {
  return new BpfObject(forwarderFile, {
    programs: ['forward'],
    entries: {counters: countPossibleCpus()},
    pins: Object.fromEntries(pinnedMaps.map(name => [name, `${pins.maps}/${name}`])),
    wantsLog,
  });
}

/** @returns undefined if nothing is attached, or to an interface that is gone: then its pin is removed */
function adoptLink({link: path}: Pins, {index}: Target): XdpLink | undefined {
  const link = openPinnedLink(path);
  if (link === undefined || link.interfaceIndex === index) {
    return link;
  }

  link.close();
  removePin(path);
  return undefined;
}

/**
 * Take off whatever a process has left on an interface, without loading anything. Nothing there: nothing happens.
 *
 * @returns whether anything was there
 * @throws WorldError PERMISSION_MISSING, KERNEL_REFUSED
 */
export function uninstallXdp(interfaceName: string, bpffs = usualBpffs): boolean {
  const pins = pinsOf(bpffs, interfaceName);
  const wasThere = listPins(pins.folder).length > 0;
  const link = openPinnedLink(pins.link);
  if (link !== undefined && link.interfaceIndex !== 0) {
    link.detach();
  }

  link?.close();
  removePins(pins);
  return wasThere;
}
