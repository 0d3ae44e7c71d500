import {WorldError} from '@tacoplex/errors';

/** @throws WorldError PERMISSION_MISSING unless namespaces can be made */
export function needRoot(): void {
  if (process.getuid?.() !== 0) {
    throw new WorldError('making network namespaces needs root; type: sudo npm run bench -- datapath', {
      code: 'PERMISSION_MISSING',
      capability: 'CAP_SYS_ADMIN',
    });
  }
}
