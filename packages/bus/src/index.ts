export * from './bus.ts';
export {openBus} from './zeromq-bus.ts';
