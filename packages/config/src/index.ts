export * from './config.ts';
export {digestConfig} from './digest.ts';
export * from './key.ts';
export * from './ring-file.ts';
export {configFile} from './schema.ts';
export {snoopedGroup} from './snooped-group.ts';
export {parseToml} from './toml.ts';
