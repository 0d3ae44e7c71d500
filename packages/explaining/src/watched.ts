/** A frame, and whether anybody has read what is missing in it. */
export type Watched = {readonly frame: Uint8Array; readonly isMissingRead: () => boolean};

/**
 * Watch whether the bytes from `known` on are read.
 *
 * @param frame at least `known` bytes
 */
export function watch(frame: Uint8Array, known: number): Watched {
  let isMissingRead = false;
  const get = (bytes: Uint8Array, name: string | symbol): unknown => {
    isMissingRead ||= typeof name === 'string' && Number(name) >= known;
    return Reflect.get(bytes, name, bytes);
  };
  return {frame: new Proxy(frame, {get}), isMissingRead: () => isMissingRead};
}
