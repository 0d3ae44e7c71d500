import type {LoadHook} from 'node:module';
import {setTimeout as wait} from 'node:timers/promises';

const place = '/xdp-engine/dist/src/engine.js';
const lateMs = 12_000;

/** Loads the engine late. @see Node's documentation of module.register */
export const load: LoadHook = async (url, context, nextLoad) => {
  if (url.endsWith(place)) {
    await wait(lateMs);
  }

  return nextLoad(url, context);
};
