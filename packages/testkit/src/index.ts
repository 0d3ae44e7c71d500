export {HandClock} from './hand-clock.ts';
export {collectLog} from './log-lines.ts';
export {MemoryNetwork} from './memory-network.ts';
