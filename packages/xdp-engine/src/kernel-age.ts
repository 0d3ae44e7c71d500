import {WorldError} from '@tacoplex/errors';

/** The oldest kernel with all that the program and its maps need. */
export const oldestKernel = '5.15';

/**
 * Say what a refusal of the kernel means where that is not to be seen from its number.
 *
 * @param error what was thrown; anything but a WorldError KERNEL_REFUSED is given back as it is
 * @param release of the kernel, as `uname -r` says it
 */
export function explainRefusal(error: unknown, release: string): unknown {
  if (!(error instanceof WorldError) || error.facts.code !== 'KERNEL_REFUSED') {
    return error;
  }

  const meaning = meaningOf(String(error.facts.errno), release);
  return meaning === undefined ? error : new WorldError(`${error.message}; ${meaning}`, error.facts, {cause: error});
}

function meaningOf(errno: string, release: string): string | undefined {
  if (isOlder(release, oldestKernel)) {
    return `Linux ${release} is too old for the xdp engine, which needs ${oldestKernel}: install a newer kernel, or write engine = "cap"`;
  }

  switch (errno) {
    case 'ENOSYS':
      return `Linux ${release} was built without BPF (CONFIG_BPF_SYSCALL): install another kernel, or write engine = "cap"`;
    case 'EPERM':
    case 'EACCES':
      return (
        'this process has the capabilities, so something else forbids it: lockdown (type: cat /sys/kernel/security/lockdown), ' +
        "or a container's seccomp profile"
      );
    default:
      return undefined;
  }
}

/** @returns false if a release does not begin with two numbers: then nothing is known of its age */
function isOlder(release: string, than: string): boolean {
  const [major, minor] = numbersOf(release);
  const [leastMajor = 0, leastMinor = 0] = numbersOf(than);
  return major !== undefined && minor !== undefined && (major - leastMajor || minor - leastMinor) < 0;
}

function numbersOf(release: string): number[] {
  return /^(\d+)\.(\d+)/.exec(release)?.slice(1).map(Number) ?? [];
}
