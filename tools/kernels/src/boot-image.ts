import {chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {runCommand} from './run-command.ts';

const bpftool = '/usr/sbin/bpftool';

/** What the machine does: loads each object, and says what `read-console.ts` reads. */
const init = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t bpf bpf /sys/fs/bpf
echo "kernel $(uname -r)"
for object in /objects/*; do
  name=$(basename $object .bpf.o)
  bpftool -d prog loadall $object /sys/fs/bpf/$name >/log 2>&1 && result=loaded || result=refused
  grep -a -e 'BEGIN PROG LOAD LOG' -e '^processed ' /log | sed "s/^/verifier /"
  [ $result = loaded ] || grep -a -B 4 '^processed ' /log | grep -a -v '^processed ' | tail -n 4 | sed "s/^/reason /"
  echo "object $name $result"
done
echo done
poweroff -f
`;

/** Make the file system that a kernel starts with. @param objects files that clang made @returns its file */
export function makeBootImage(folder: string, busybox: string, objects: readonly string[]): string {
  const root = join(folder, 'root');
  for (const name of ['bin', 'lib64', 'sys', 'proc', 'dev', 'objects']) {
    mkdirSync(join(root, name), {recursive: true});
  }

  copyFileSync(join(busybox, 'bin/busybox'), join(root, 'bin/busybox'));
  copyFileSync(bpftool, join(root, 'bin/bpftool'));
  for (const library of librariesOf(bpftool)) {
    mkdirSync(dirname(join(root, library)), {recursive: true});
    copyFileSync(library, join(root, library));
  }

  for (const object of objects) {
    copyFileSync(object, join(root, 'objects', basename(object)));
  }

  writeFileSync(join(root, 'init'), init);
  chmodSync(join(root, 'init'), 0o755);
  return pack(root, folder, join(busybox, 'bin/busybox'));
}

function librariesOf(program: string): string[] {
  const text = runCommand('ldd', [program]).toString();
  return [...text.matchAll(/(\/\S+) \(0x/g)].map(([, library = '']) => library);
}

function pack(root: string, folder: string, busybox: string): string {
  const archive = join(folder, 'boot.cpio');
  runCommand('sh', ['-ec', `find . | ${busybox} cpio -o -H newc > ${archive}`], {cwd: root});
  const image = `${archive}.gz`;
  writeFileSync(image, gzipSync(readFileSync(archive), {level: 1}));
  return image;
}
