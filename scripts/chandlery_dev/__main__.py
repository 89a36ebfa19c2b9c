"""python -m chandlery_dev demo | run --data-dir FOLDER"""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from .processes import REPOSITORY, Failure, FolderLock
from .shell import Stopwatch
from .stack import Process, Stack
from .tools import BIN, step
from .walkthrough import Walkthrough, resident_mebibytes


def demo() -> None:
    watch = Stopwatch()
    with tempfile.TemporaryDirectory(prefix="chandlery-demo-") as folder:
        stack = Stack(Path(folder))
        try:
            print("Starting the AWS emulator on 127.0.0.1", flush=True)
            stack.emulator.start()
            Walkthrough(stack).run()
            print("\nResident memory at the end:", flush=True)
            for process in (stack.control_plane, stack.broker):
                assert isinstance(process, Process)
                print(f"  {process.name:<22} {resident_mebibytes(process.pid):5.1f} MiB")
        except Failure:
            show_logs(stack)
            raise
        finally:
            stack.stop()
    print(f"\nThe walkthrough works, in {watch.seconds():.0f} s; nothing is left behind.")


def run(data_dir: Path) -> None:
    """The set-up, until Ctrl-C; what it keeps is in the folder."""
    lock = FolderLock(data_dir)
    stack = Stack(data_dir, persist=True)
    stack.check_ports()
    try:
        with step("Starting the AWS emulator, the broker and the control plane"):
            stack.start()
        stack.check()
        print(f"The AWS emulator:       {stack.emulator.url}")
        print(f"aws-servicebroker:      {stack.broker_url}")
        print(f"service-catalog local:  https://127.0.0.1:{stack.api_port}")
        print("\nIn another terminal:\n")
        print(f"    export KUBECONFIG={stack.kubeconfig}")
        folders = [REPOSITORY / "build/release/bin", *([BIN] if (BIN / "kubectl").exists() else [])]
        print(f'    export PATH="{":".join(map(str, folders))}:$PATH"')
        for name, value in stack.emulator.environment().items():
            print(f"    export {name}={value}")
        print("    kubectl get clusterserviceclasses", end="\n\n")
        print("Ctrl-C ends it; what you made stays in", data_dir, flush=True)
        while True:
            stack.check()
            time.sleep(1)
    finally:
        stack.stop()
        lock.release()


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

    def interrupted(_number, _frame):
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):  # a shell starts what runs in the background with SIGINT ignored
        signal.signal(number, interrupted)
    try:
        if arguments.command == "demo":
            demo()
        else:
            run(arguments.data_dir)
    except Failure as failure:
        print(f"\nFAILED: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; everything that was started has ended.")
        return 0 if arguments.command == "run" else 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
