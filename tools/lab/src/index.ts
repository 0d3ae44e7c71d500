export {levIp, shared} from './addresses.ts';
export {endFollowers, followStatus, type StatusPatience, statusWith} from './await-status.ts';
export type {Capture} from './capture.ts';
export {type ClusterStatus, holderOf, isWhole, readStatus} from './cluster-status.ts';
export {configureCluster, firstServices, taco, waitForLeader} from './configure-cluster.ts';
export {type BuildOptions, checkMachine, createLab} from './create-lab.ts';
export {describeStatus} from './describe-status.ts';
export {type Description, listLabs} from './folder.ts';
export {writeNginxConf, writeTacoToml} from './host-files.ts';
export {Lab, openLab} from './lab.ts';
export {bridgeScript, cableScript, hostScript, linkScript, namespaceBatch} from './network-scripts.ts';
export {
  defaultOptions,
  type Engine,
  type Host,
  type LabOptions,
  type LabPlan,
  type Layout,
  type Link,
  planLab,
  type Role,
  type Route,
  type Wire,
} from './plan.ts';
export {inRealTime} from './real-time.ts';
export type {Ended, RunOptions} from './run.ts';
export {describeLab, formatStatus, type HostStatus, type LabStatus} from './status.ts';
export type {Supervised} from './supervisor.ts';
export {tearDown} from './tear-down.ts';
export {cut, type FrameKind, frameKinds, partition, planTrouble, type Trouble, type TroubleRule} from './trouble.ts';
export type {TroubleCount} from './trouble-layout.ts';
export type {Troublemaker} from './troublemaker.ts';
export {type Patience, patienceMs, waitFor} from './wait-for.ts';
export {bigPage, bigPageBytes} from './web-server.ts';
