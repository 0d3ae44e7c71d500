import {createRequire} from 'node:module';

/** An `import` of a CommonJS package has Node read all of it once more, for its names: three times as long as this takes. */
const require = createRequire(import.meta.url);
export const {Protocol} = require('netlink/dist/constants.js') as typeof import('netlink/dist/constants.js');
export const {createNetlink} = require('netlink/dist/netlink.js') as typeof import('netlink/dist/netlink.js');
export const {getString, parseAttributes} =
  require('netlink/dist/structs.js') as typeof import('netlink/dist/structs.js');
