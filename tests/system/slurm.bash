# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# A Slurm of our own on the loopback addresses of this network namespace: munged, slurmctld, and nodes that are slurmds with ports
# of their own. Everything of it is in $cluster; whoever sources this is the first process of a PID namespace, whose end ends it all.

cluster_nodes=10
declare -a cluster_slurmd # their pids, from 1
cluster_declare() { # what slurm.conf says
	local i
	cat <<-EOF
	ClusterName=night
	SlurmctldHost=$(hostname -s)(127.0.0.1)
	SlurmctldPort=16817
	SlurmUser=root
	SlurmdUser=root
	AuthType=auth/munge
	AuthInfo=socket=$cluster/munge.socket,cred_expire=20
	CredType=cred/munge
	StateSaveLocation=$cluster/state
	SlurmdSpoolDir=$cluster/spool/%n
	SlurmctldPidFile=$cluster/slurmctld.pid
	SlurmdPidFile=$cluster/slurmd-%n.pid
	SlurmctldLogFile=$cluster/log/slurmctld
	SlurmdLogFile=$cluster/log/slurmd-%n
	ProctrackType=proctrack/linuxproc
	TaskPlugin=task/none
	SwitchType=switch/none
	MpiDefault=none
	JobAcctGatherType=jobacct_gather/none
	AccountingStorageType=accounting_storage/none
	SelectType=select/cons_tres
	SelectTypeParameters=CR_Core
	ReturnToService=2
	SlurmdTimeout=10
	SlurmctldTimeout=10
	KillWait=5
	SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=1,requeue_delay=1
	PartitionName=all Nodes=n[1-$cluster_nodes] Default=YES MaxTime=INFINITE State=UP
	EOF
	for ((i = 1; i <= cluster_nodes; i++)); do
		echo "NodeName=n$i NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$((16820 + i)) CPUs=1 RealMemory=1000"
	done
}

# cluster_start UNPACKED: what is unpacked below there is laid over /usr. False: it does not start; why is in $cluster/log.
cluster_start() {
	local i
	export SLURM_CONF=$cluster/slurm.conf
	[ ! -d "$1/usr" ] || (cd "$1" && mount -t overlay overlay -o lowerdir=usr:/usr /usr) || return 1
	mkdir -p "$cluster"/{log,state,spool,bin} && chmod 755 "$cluster" || return 1
	for i in slurmctld slurmd slurmstepd; do # Debian's alternatives
		[ -e "/usr/sbin/$i" ] || ln -s "/usr/sbin/$i-wlm" "$cluster/bin/$i"
	done
	PATH=$cluster/bin:$PATH:/usr/sbin
	# Slurm looks up addresses as glibc does for hosts that have some beside 127.0.0.1.
	ip link set lo up && ip address add 192.0.2.1/32 dev lo || return 1
	(umask 077 && head -c 1024 /dev/urandom >"$cluster/munge.key")
	munged --foreground --force --num-threads 2 --socket "$cluster/munge.socket" --key-file "$cluster/munge.key" --pid-file "$cluster/munged.pid" \
		--log-file "$cluster/log/munged" --seed-file "$cluster/munge.seed" >"$cluster/log/munged.out" 2>&1 &
	for ((i = 0; i < 100; i++)); do [ -S "$cluster/munge.socket" ] && break || sleep 0.1; done
	cluster_declare >"$SLURM_CONF"
	slurmctld -D -c >"$cluster/log/slurmctld.out" 2>&1 &
	for ((i = 1; i <= cluster_nodes; i++)); do
		slurmd -D -N "n$i" -d "$(command -v slurmstepd)" >"$cluster/log/slurmd-n$i.out" 2>&1 &
		cluster_slurmd[i]=$!
	done
	for ((i = 0; i < 100; i++)); do
		[ "$(sinfo -h -t idle -o %D 2>/dev/null)" = $cluster_nodes ] && return
		sleep 0.2
	done
	return 1
}

# cluster_task JOB TASK: the pid of the shell that is that task, and the node it runs on.
cluster_task() {
	local id node pid
	read -r id node < <(squeue -h -j "${1}_$2" -t R -o '%A %N')
	for pid in $(pgrep -f "slurm_script --step"); do
		if tr '\0' '\n' </proc/"$pid"/environ 2>/dev/null | grep -qx "SLURM_JOB_ID=$id"; then
			echo "$pid $node"
			return
		fi
	done
	return 1
}

# cluster_kill_below PID...: and all processes that came from there, so that none of them tells of another's end
cluster_kill_below() {
	local pid
	for pid in "$@"; do
		kill -STOP "$pid" 2>/dev/null
		# shellcheck disable=SC2046
		cluster_kill_below $(pgrep -P "$pid")
		kill -KILL "$pid" 2>/dev/null
	done
}

# cluster_wait SECONDS: until nothing is queued any more
cluster_wait() {
	local end=$((SECONDS + $1))
	while [ -n "$(squeue -h)" ]; do
		[ $SECONDS -lt $end ] || return 1
		sleep 1
	done
}
