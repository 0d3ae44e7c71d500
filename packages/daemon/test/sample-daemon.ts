/**
 * admin-broker - a stand-in that starts, waits and stops.
 *
 * usage: admin-broker [-f file] [-n] [-v]
 */
import {runDaemon} from '../src/index.ts';

await runDaemon({
  name: 'admin-broker',
  main: import.meta.url,
  async start({log}) {
    return {
      async stop() {
        log.info('giving all back');
      },
    };
  },
});
