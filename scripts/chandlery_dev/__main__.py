"""python -m chandlery_dev demo | run --data-dir FOLDER"""

import argparse
import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .emulator import FORGOTTEN
from .ending import Interrupted, describe, forget_output, say, watch_for_signals
from .folder_lock import FolderLock, check_space
from .processes import REPOSITORY, Failure, Process
from .restarts import Restarts
from .shell import Stopwatch
from .stack import Stack
from .supervise import end_descendants
from .tools import BIN
from .walkthrough import Walkthrough, resident_mebibytes


def demo() -> None:
    watch = Stopwatch()
    with passing_folder() as folder:
        check_space(folder, "take another folder for temporary files: TMPDIR=… make demo")
        stack = Stack(folder)
        try:
            print("Starting the AWS emulator on 127.0.0.1", flush=True)
            stack.emulator.start()
            Walkthrough(stack).run()
            print("\nResident memory at the end:", flush=True)
            for process in (stack.control_plane, stack.broker):
                assert isinstance(process, Process)
                print(f"  {process.name:<22} {resident_mebibytes(process.pid):5.1f} MiB")
        except Exception:
            show_logs(stack)
            raise
        finally:
            stack.stop()
    print(f"\nThe walkthrough works, in {watch.seconds():.0f} s; nothing is left behind.")


@contextlib.contextmanager
def passing_folder() -> Iterator[Path]:
    """It goes with the processes that use it, however this one ends."""
    folder = Path(tempfile.mkdtemp(prefix="chandlery-demo-"))
    lock = FolderLock(folder)
    command = [sys.executable, "-m", "chandlery_dev.janitor", str(folder)]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY / "scripts")}
    janitor = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=env, cwd="/", start_new_session=True)
    try:
        assert janitor.stdout is not None
        janitor.stdout.readline()  # it has opened the lock
        Process.held.append(lock.fileno())
        yield folder
    finally:
        end_descendants(but=janitor.pid)
        lock.release()
        janitor.wait(20)


def run(data_dir: Path) -> None:
    """The set-up, until Ctrl-C; what it keeps is in the folder."""
    tell_of_earlier(data_dir)
    lock = FolderLock(data_dir)
    check_space(data_dir)
    Process.held.append(lock.fileno())
    stack = Stack(data_dir, persist=True)
    stack.check_ports()
    try:
        Restarts(stack).keep(lambda: tell(stack))
    finally:
        stack.stop()
        lock.release()


def tell_of_earlier(data_dir: Path) -> None:
    """Before 0.1.0 was released, the folder was the one above, which `service-catalog local` and `aws-servicebroker` use."""
    earlier = data_dir.parent
    if not data_dir.exists() and (earlier / "settings.json").exists() and (earlier / "emulator-state").exists():
        print(f"{data_dir} is a new folder. What an earlier `make run` kept is in {earlier}: make run DATA_DIR={shlex.quote(str(earlier))} continues with it", flush=True)


def tell(stack: Stack) -> None:
    print(f"The AWS emulator:       {stack.emulator.url}")
    print(f"aws-servicebroker:      {stack.broker_url}")
    print(f"service-catalog local:  https://127.0.0.1:{stack.api_port}")
    print("\nIn another terminal:\n")
    aws = stack.emulator.environment()
    if others := [name for name in FORGOTTEN if name not in aws]:
        print(f"    unset {' '.join(others)}")
    print(f"    export KUBECONFIG={shlex.quote(str(stack.kubeconfig))}")
    folders = [REPOSITORY / "build/release/bin", *([BIN] if (BIN / "kubectl").exists() else [])]
    print(f'    export PATH="{in_double_quotes(":".join(map(str, folders)))}:$PATH"')
    for name, value in aws.items():
        print(f"    export {name}={shlex.quote(value)}")
    if any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") for name in os.environ):
        for name in ("NO_PROXY", "no_proxy"):
            print(f"    export {name}={shlex.quote(os.environ[name])}")
    print("    kubectl get clusterserviceclasses", end="\n\n")
    print("Ctrl-C ends it; what you made stays in", stack.folder, flush=True)


def in_double_quotes(text: str) -> str:
    """As a shell reads it there."""
    return re.sub(r'([\\"$`])', r"\\\1", text)


def data_folder(text: str) -> Path:
    folder = Path(os.path.abspath(os.path.expanduser(text)))
    if not text.strip() or folder == REPOSITORY:
        raise argparse.ArgumentTypeError("name a folder of its own for what is kept, such as DATA_DIR=~/chandlery-data")
    return folder


def show_logs(stack: Stack) -> None:
    for process in (stack.broker, stack.control_plane):
        if isinstance(process, Process):
            print(f"\nThe end of {process.log.name}:\n{process.output()[-3000:]}", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m chandlery_dev")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="the walkthrough, shown and checked")
    run_command = commands.add_parser("run", help="the same set-up, until Ctrl-C")
    run_command.add_argument("--data-dir", type=data_folder, required=True)
    arguments = parser.parse_args()
    os.chdir(REPOSITORY)
    folder = arguments.data_dir if arguments.command == "run" else None
    try:
        try:
            watch_for_signals()
            if arguments.command == "demo":
                demo()
            else:
                run(arguments.data_dir)
        finally:
            end_descendants()
    except Failure as failure:
        say(f"\nFAILED: {failure}", sys.stderr)
        return 1
    except BrokenPipeError:
        forget_output()
        return 128 + signal.SIGPIPE
    except Interrupted as interrupted:
        say("\nInterrupted; everything that was started has ended.")
        return 0 if arguments.command == "run" else 128 + interrupted.number
    except Exception as error:  # noqa: BLE001 - told in one line
        say(f"\nFAILED: {describe(error, folder)}", sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
