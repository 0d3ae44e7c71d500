export * from './interfaces.ts';
export * from './multicast-socket.ts';
export * from './offloads.ts';
export {readFacts, readRulesetAside, readSetting} from './read-facts.ts';
export {type Facts, findUnmet, type Requirement, requirements, type Task, type Unmet} from './requirements.ts';
export * from './watch-links.ts';
export * from './watch-machine.ts';
