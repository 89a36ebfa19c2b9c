"""Kubernetes whole on this machine: the control plane, and a node on which pods run.

For a process, run by root, that has mount, network, cgroup and PID namespaces to itself (`make test-node`): only these are changed. Pods reach the
node, services and each other, and nothing outside. Control groups of version 1.
"""

import json
import shutil
import subprocess
from pathlib import Path

from .cluster import Cluster
from .processes import Failure, wait_until

ADDRESS = "10.99.0.1"
PODS = "10.88.0.0/24"
NAME = "node"
CGROUP = "chandlery-node"
CGROUPS = Path("/sys/fs/cgroup")
PAUSE = "localhost/pause:1"
# What the kubelet insists on. It is shown these; the kernel's own are the whole machine's.
SYSCTLS = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1000000,
    "kernel/keys/root_maxbytes": 25000000,
}
OWN_FOLDERS = ("/run", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers", "/etc/cni")


class Node(Cluster):
    """Kubernetes' own parts are administrators here; whoever runs in a pod is what its ServiceAccount is."""

    name = "the node"
    address = ADDRESS
    server_names = f"IP:{ADDRESS},IP:10.96.0.1,DNS:kubernetes.default.svc"
    controllers = ("*",)

    def start(self, controllers: bool = False) -> None:
        """Again after it was stopped, with what was stored: the machine's restart."""
        if not self._folder.exists():
            self._folder.mkdir(mode=0o700)
            _take_namespaces(self._folder)
            self._write_settings()
        self.start_kubernetes()
        self._start_containerd()
        self._start_node()
        wait_until("the node being ready", lambda: self.check() or self._is_ready(), 90)

    def stop(self) -> None:
        super().stop()  # containers are descendants of containerd, and end with it
        for folder in CGROUPS.glob(f"*/{CGROUP}"):
            for below in sorted([folder, *(each for each in folder.rglob("*") if each.is_dir())], reverse=True):
                below.rmdir()

    def load(self, archive: Path) -> None:
        """An image, under the name that it has without a registry's, too."""
        said = self._ctr("images", "import", archive)
        image = next(word for word in said.split() if "/" in word)
        self._ctr("images", "tag", "--force", image, image.replace("localhost/", "docker.io/"))

    def kill_containers(self, namespace: str, selector: str) -> int:
        """kill -9 of the programs in these pods; how many there were."""
        path = "jsonpath={.items[*].status.containerStatuses[*].containerID}"
        ids = self._kubectl("get", "pods", "-n", namespace, "-l", selector, "-o", path).split()
        for each in ids:
            self._ctr("tasks", "kill", "--signal", "SIGKILL", each.removeprefix("containerd://"))
        return len(ids)

    def restart(self) -> None:
        """The machine's: every process ends, and what was stored is there again."""
        super().stop()
        self.start()

    # --- private

    @property
    def _socket(self) -> Path:
        return self._folder / "containerd.sock"

    def _ctr(self, *arguments: object) -> str:
        return run("ctr", "--address", self._socket, "--namespace", "k8s.io", *arguments)

    def _start_containerd(self) -> None:
        self._start_part("containerd", shutil.which("containerd") or "containerd", "--config", self._folder / "containerd.toml")
        wait_until("containerd answering", lambda: self.check() or self._ctr("version"), 20)
        if not (self._folder / "pause.tar").exists():
            self._make_pause()

    def _make_pause(self) -> None:
        """The image that holds a pod's namespaces. There is no registry to take it from."""
        archive, storage = self._folder / "pause.tar", self._folder / "buildah"
        buildah = ("buildah", "--root", storage / "root", "--runroot", storage / "run", "--storage-driver", "vfs")
        busybox = Path(shutil.which("busybox") or "/bin/busybox")
        text = 'FROM scratch\nCOPY busybox /busybox\nENTRYPOINT ["/busybox", "sleep", "infinity"]\n'
        run(*buildah, "bud", "--isolation", "chroot", "--tag", PAUSE, "--file", "-", busybox.parent, stdin=text)
        run(*buildah, "push", PAUSE, f"docker-archive:{archive}:{PAUSE}")
        self._ctr("images", "import", archive)

    def _start_node(self) -> None:
        scheduler, kubelet, proxy, coredns = self._tools("kube-scheduler", "kubelet", "kube-proxy", "coredns")
        folder, kubeconfig = self._folder, self._kubeconfig
        self._start_part("kube-scheduler", scheduler, "--kubeconfig", kubeconfig, "--leader-elect=false", "--bind-address", "127.0.0.1")
        self._start_part(
            "kubelet", kubelet, "--config", folder / "kubelet.json", "--kubeconfig", kubeconfig, "--hostname-override", NAME,
            "--node-ip", ADDRESS, "--root-dir", folder / "kubelet", "--cert-dir", folder / "kubelet-certificates",
        )  # fmt: skip
        self._start_part(
            "kube-proxy", proxy, "--kubeconfig", kubeconfig, "--proxy-mode", "iptables", "--cluster-cidr", PODS, "--hostname-override", NAME,
            "--bind-address", ADDRESS, "--conntrack-max-per-core", "0", "--conntrack-tcp-timeout-established", "0",
            "--conntrack-tcp-timeout-close-wait", "0",
        )  # fmt: skip
        self._start_part("coredns", coredns, "-conf", folder / "Corefile")

    def _is_ready(self) -> bool:
        return "True" in self._kubectl("get", "node", NAME, "-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')

    def _write_settings(self) -> None:
        folder = self._folder
        self._write("containerd.toml", f"""version = 2
root = "{folder}/containerd"
state = "{folder}/containerd-state"
[grpc]
  address = "{self._socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{folder}/cni"
""")  # fmt: skip
        (folder / "cni").mkdir()
        addresses = {"type": "host-local", "dataDir": f"{folder}/cni-addresses", "ranges": [[{"subnet": PODS}]]}
        bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "isDefaultGateway": True, "hairpinMode": True, "ipam": addresses}
        self._write("cni/pods.conflist", json.dumps({"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge]}))
        self._write("kubelet.json", json.dumps({
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": ADDRESS,
            "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
            "authorization": {"mode": "AlwaysAllow"},
            "containerRuntimeEndpoint": f"unix://{self._socket}",
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{CGROUP}",
            "failCgroupV1": False,
            "failSwapOn": False,
            "enforceNodeAllocatable": [],
            "clusterDNS": [ADDRESS],
            "clusterDomain": "cluster.local",
            "resolvConf": "",
            "podLogsDir": f"{folder}/pod-logs",
            "volumePluginDir": f"{folder}/volume-plugins",
            "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
            "imageGCHighThresholdPercent": 100,
            "syncFrequency": "5s",
        }))  # fmt: skip
        self._write("Corefile", f""".:53 {{
  bind {ADDRESS}
  errors
  kubernetes cluster.local in-addr.arpa {{
    kubeconfig {self._kubeconfig}
    ttl 1
  }}
}}
""")  # fmt: skip


def run(*command: object, stdin: str | None = None) -> str:
    done = subprocess.run(list(map(str, command)), input=stdin, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise Failure(f"{command[0]} {command[1]} failed: {done.stderr}")
    return done.stdout


def _take_namespaces(folder: Path) -> None:
    if not (CGROUPS / "memory").is_dir():
        raise Failure(f"{CGROUPS} has no control groups of version 1")
    run("mount", "--make-rprivate", "/")
    for line in Path("/proc/mounts").read_text().splitlines():
        _, where, kind, options, *_ = line.split()
        if Path(where).parent == CGROUPS and kind.startswith("cgroup"):
            _take_cgroups(Path(where), kind, options)
    for each in OWN_FOLDERS:
        Path(each).mkdir(parents=True, exist_ok=True)
        run("mount", "-t", "tmpfs", "tmpfs", each)
    Path("/run/lock").mkdir()
    (folder / "sysctls").mkdir()
    for name, value in SYSCTLS.items():
        shown = folder / "sysctls" / name.replace("/", ".")
        shown.write_text(f"{value}\n")
        run("mount", "--bind", shown, Path("/proc/sys") / name)
    run("mount", "--make-rshared", "/")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "node0", "type", "bridge")
    run("ip", "address", "add", f"{ADDRESS}/24", "dev", "node0")
    run("ip", "link", "set", "node0", "up")
    run("ip", "route", "add", "default", "via", ADDRESS)
    run("sysctl", "-w", "net.ipv4.ip_forward=1", "net.bridge.bridge-nf-call-iptables=1", "net.ipv4.conf.all.route_localnet=1")


def _take_cgroups(where: Path, kind: str, options: str) -> None:
    """Mounted anew, its root is that of the namespace."""
    controller = "name=systemd" if "name=systemd" in options else where.name
    run("umount", where)
    run("mount", "-t", kind, *(["-o", f"none,{controller}" if "=" in controller else controller] if kind == "cgroup" else []), "cgroup", where)
    own = where / CGROUP
    own.mkdir(exist_ok=True)
    for name in ("cpuset.cpus", "cpuset.mems"):
        if (own / name).exists():
            (own / name).write_text((where / name).read_text())
