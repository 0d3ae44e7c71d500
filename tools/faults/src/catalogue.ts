import {arpStorms} from './arp-storms.ts';
import {carrying} from './carrying.ts';
import {clocks} from './clocks.ts';
import {crashes} from './crashes.ts';
import {cuts} from './cuts.ts';
import {disks} from './disks.ts';
import type {Fault} from './fault.ts';
import {foreigners} from './foreigners.ts';
import {forgers} from './forgers.ts';
import {fullDisks} from './full-disks.ts';
import {hangs} from './hangs.ts';
import {intruders} from './intruders.ts';
import {keys} from './keys.ts';
import {members} from './members.ts';
import {noise} from './noise.ts';
import {partitions} from './partitions.ts';
import {storms} from './storms.ts';
import {strangers} from './strangers.ts';
import {twins} from './twins.ts';
import {wrongServers} from './wrong-servers.ts';

/** The rows that are played here, by their number. */
export const catalogue: readonly Fault[] = [
  ...arpStorms,
  ...carrying,
  ...clocks,
  ...crashes,
  ...cuts,
  ...disks,
  ...foreigners,
  ...forgers,
  ...hangs,
  ...fullDisks,
  ...intruders,
  ...keys,
  ...members,
  ...noise,
  ...partitions,
  ...storms,
  ...strangers,
  ...twins,
  ...wrongServers,
].toSorted((one, other) => one.row - other.row);
