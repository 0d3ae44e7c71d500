export {tacoplex} from '#generated';
export * from './catalogue.ts';
export * from './codec.ts';
export type {Decoded, Encodable} from './decoded.ts';
