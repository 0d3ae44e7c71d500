export {becomeOrdinary} from './become-ordinary.ts';
export {holdLock} from './lock.ts';
export {defaultConfigFile, softwareVersion} from './options.ts';
export {supervisedVariable} from './pause.ts';
export * from './run-daemon.ts';
