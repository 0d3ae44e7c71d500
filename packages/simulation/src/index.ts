export * from './chance.ts';
export * from './deeds.ts';
export {goodWeather, type Weather} from './network.ts';
export * from './run-seed.ts';
export * from './shorten.ts';
export * from './simulation.ts';
export * from './toy-content.ts';
export * from './violation.ts';
export {type Weakness, weaknesses} from './weakness.ts';
