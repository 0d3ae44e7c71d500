#!/bin/bash
# boot-leveler - make a small host of fresh namespaces and become its init.
#
# usage: boot-leveler.sh HOST FOLDER PROJECT leveler|witness|nothing
#
# Runs as process 1 of new mount, UTS and PID namespaces, in the host's network namespace. FOLDER has `etc`, `lib` and
# `log`, which outlive a power cut, and an empty `scratch`. The machine's own files stay visible, read as they are;
# whatever is written to /etc, /opt, /var/lib and /var/log is forgotten, but for the leveler's own folders there.
set -euo pipefail

host=$1 folder=$2 project=$3 init=$4
scratch=$folder/scratch

exec 3>"$folder/booted"
echo "$host" >/proc/sys/kernel/hostname

mount -t tmpfs -o mode=755 tmpfs "$scratch"
mkdir "$scratch/project" "$scratch/host"
mount --bind "$project" "$scratch/project"
mount --bind "$folder" "$scratch/host"

# A folder of the machine, with room for a folder `tacoplex` that only we see.
grow() {
  local layer=$scratch/${1//\//_}
  mkdir -p "$layer/upper/tacoplex" "$layer/work"
  mount -t overlay -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work" overlay "$1"
}

grow /opt
mount --bind "$scratch/project" /opt/tacoplex
for place in /etc:etc /var/lib:lib /var/log:log; do
  grow "${place%:*}"
  mount --bind "$scratch/host/${place#*:}" "${place%:*}/tacoplex"
done

# libfaketime names what it shares by process number, and these are used again: by root here, by another user there.
mount -t tmpfs -o mode=1777 tmpfs /dev/shm

# The interfaces of this network namespace, and a place of its own to pin BPF programs where the kernel has one.
mount -t sysfs sysfs /sys
if mount -t bpf bpf /sys/fs/bpf 2>/dev/null; then
  chmod 711 /sys/fs/bpf
  mkdir -m 0750 /sys/fs/bpf/tacoplex
fi

cd /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 0750 /run/tacoplex

# As docs/install.md says: the processes' user, and what is its own. The machine may not know it.
getent passwd tacoplex >/dev/null || {
  echo 'tacoplex:x:978:978:TacoPleX leveler:/var/lib/tacoplex:/usr/sbin/nologin' >>/etc/passwd
  echo 'tacoplex:x:978:' >>/etc/group
}
chown root:tacoplex /etc/tacoplex /etc/tacoplex/taco.toml
for place in /etc/tacoplex/cluster.key /var/lib/tacoplex /var/log/tacoplex /run/tacoplex /sys/fs/bpf/tacoplex; do
  [ ! -e "$place" ] || chown -R tacoplex: "$place"
done

echo up >&3
exec 3>&-
conf=/opt/tacoplex/deploy/supervisord/tacoplex.conf
case $init in
  leveler) exec /usr/bin/supervisord -n -c $conf ;;
  witness) # All but the sections of the processes that have nothing to do there
    awk '/^\[/ { wanted = !/program:(frame-forwarder|arp-announcer)\]/ } wanted' $conf >/run/tacoplex/supervisord.conf
    exec /usr/bin/supervisord -n -c /run/tacoplex/supervisord.conf ;;
  *) exec sleep infinity ;;
esac
