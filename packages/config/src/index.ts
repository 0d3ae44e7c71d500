export * from './config.ts';
export {digestConfig} from './digest.ts';
export * from './key.ts';
export * from './ring-file.ts';
export {configFile} from './schema.ts';
export {parseToml} from './toml.ts';
