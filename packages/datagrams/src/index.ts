export * from './beat.ts';
export * from './datagram.ts';
export * from './message.ts';
export * from './sizes.ts';
