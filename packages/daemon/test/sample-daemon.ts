/**
 * admin-broker - a stand-in that starts, waits and stops; on SIGUSR2 it finds that it cannot go on.
 *
 * usage: admin-broker [-f file] [-n] [-v]
 */
import {once} from 'node:events';
import {WorldError} from '@tacoplex/errors';
import {checkNothing, runDaemon} from '../src/index.ts';

await runDaemon({
  name: 'admin-broker',
  main: import.meta.url,
  check: checkNothing,
  async start({log}) {
    return {
      failed: once(process, 'SIGUSR2').then(() => {
        throw new WorldError('another has taken its place', {code: 'ALREADY_RUNNING', process: 'admin-broker'});
      }),
      async stop() {
        log.info('giving all back');
      },
    };
  },
});
