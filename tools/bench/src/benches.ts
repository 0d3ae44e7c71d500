import {beatsBench} from './beats-bench.ts';
import type {Bench} from './bench.ts';
import {carryBench} from './carry-bench.ts';
import {controlBench} from './control-bench.ts';
import {datapathBench} from './datapath-bench.ts';
import {failoverBench} from './failover-bench.ts';
import {idleBench} from './idle-bench.ts';
import {steadyBench} from './steady-bench.ts';
import {tableBench} from './table-bench.ts';

/** Everything that can be measured, in the order of the help. */
export const benches: readonly Bench[] = [
  forAny(tableBench),
  forAny(datapathBench),
  forAny(steadyBench),
  forAny(controlBench),
  forAny(failoverBench),
  forAny(carryBench),
  forAny(beatsBench),
  forAny(idleBench),
];

/** A bench gets back only figures of its own. */
function forAny<Figures extends object>(bench: Bench<Figures>): Bench {
  return bench as unknown as Bench;
}
