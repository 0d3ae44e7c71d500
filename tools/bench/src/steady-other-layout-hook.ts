import type {LoadHook} from 'node:module';

const place = '/xdp-engine/dist/src/layout.js';
const constant = /(?<=xdpLayout = )\d+(?=;)/;

/** Loads the module that has the number of the layout with the next number. @see Node's documentation of module.register */
export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith(place)) {
    return loaded;
  }

  const text = Buffer.from(loaded.source as Uint8Array).toString();
  if (!constant.test(text)) {
    throw new RangeError(`${url}: where is the layout?`);
  }

  return {...loaded, source: text.replace(constant, layout => String(Number(layout) + 1))};
};
