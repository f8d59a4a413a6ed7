"""The command ``decam``."""

from __future__ import annotations

import argparse
import io
import os
import platform
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from rich.console import Console

from decam_engine.batch_command import add_batch_arguments, run_batch
from decam_engine.bench import add_bench_arguments, run_bench
from decam_engine.bundle import check_bundle
from decam_engine.children import run_as_child
from decam_engine.command_parts import (
    MODEL_HELP,
    add_budget,
    add_common,
    add_reading,
    open_model,
    opening,
    say,
)
from decam_engine.compare_command import add_compare_arguments, run_compare
from decam_engine.demo_command import add_demo_arguments, run_demo
from decam_engine.errors import DecamError, SettingsError
from decam_engine.explain_command import add_explain_arguments, run_explain
from decam_engine.inspection import add_inspect_arguments, run_inspect
from decam_engine.predict_command import add_predict_arguments, run_predict
from decam_engine.reports.manifest import versions
from decam_engine.verify_command import add_verify_arguments, run_verify
from decam_engine.version import __version__

DONE, BUG, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


class _Check(argparse.Action):
    """``--check``, which needs no command."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(check_bundle())
        parser.exit()


class _Parser(argparse.ArgumentParser):
    """Usage errors are one line that says what to do."""

    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message}. See: {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code: 0 done, 1 bug, 2 bad input, 130 interrupted."""
    code = run_as_child(sys.argv[1:] if arguments is None else arguments)
    if code is not None:
        return code
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # File names that are no text, or not in the terminal's code, are escaped.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        options = _parser().parse_args(arguments)
        command: Callable[[argparse.Namespace, Console], int] = options.command
        return command(options, errors)
    except DecamError as error:
        say(errors, f"decam: error: {error}")
        return BAD_INPUT
    except KeyboardInterrupt:
        say(errors, "decam: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception:
        traceback.print_exc()
        facts = ", ".join(f"{k} {v}" for k, v in versions().items())
        say(
            errors,
            f"decam: this is a bug in decam-studio {__version__}. Please report it with the lines "
            f"above ({platform.platform()}, {facts}).",
        )
        return BUG


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="decam",
        description="Explain an image classifier's decisions from its output alone.",
        epilog="Exit codes: 0 done, 1 bug, 2 bad usage or input, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"decam-studio {__version__}")
    parser.add_argument(
        "--check", action=_Check, help="check the files of the standalone application, and end"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    explain = commands.add_parser("explain", help="find the pixels that drive a decision")
    add_explain_arguments(explain)
    explain.set_defaults(command=run_explain)

    batch = commands.add_parser("batch", help="explain folders of any size, to be gone on with")
    add_batch_arguments(batch)
    add_reading(batch)
    add_common(batch)
    add_budget(batch)
    batch.set_defaults(command=_batch)

    predict = commands.add_parser("predict", help="list a model's most probable classes")
    add_predict_arguments(predict)
    predict.set_defaults(command=run_predict)

    inspect = commands.add_parser("inspect", help="say how a model is read and what was assumed")
    inspect.add_argument("model", metavar="MODEL", help=MODEL_HELP)
    add_inspect_arguments(inspect)
    add_common(inspect)
    inspect.set_defaults(command=_inspect)

    demo = commands.add_parser("demo", help="explain the bundled photograph, show the window")
    add_demo_arguments(demo)
    demo.set_defaults(command=run_demo)

    verify = commands.add_parser("verify", help="check a saved report and run it again")
    add_verify_arguments(verify)
    verify.set_defaults(command=_verify)

    compare = commands.add_parser("compare", help="compare models, classes, methods or seeds")
    add_compare_arguments(compare)
    compare.set_defaults(command=_compare)

    bench = commands.add_parser("bench", help="measure maps: methods x budgets x photographs")
    add_bench_arguments(bench)
    bench.set_defaults(command=_bench)
    return parser


def _inspect(options: argparse.Namespace, errors: Console) -> int:
    return run_inspect(options, open_model(options, errors), lambda text: say(errors, text))


def _verify(options: argparse.Namespace, errors: Console) -> int:
    return run_verify(options, errors, lambda text: say(errors, text))


def _compare(options: argparse.Namespace, errors: Console) -> int:
    return run_compare(options, errors, lambda text: say(errors, text))


def _batch(options: argparse.Namespace, errors: Console) -> int:
    return run_batch(options, errors, lambda text: say(errors, text), opening(options))


def _bench(options: argparse.Namespace, errors: Console) -> int:
    return run_bench(options, errors)


if __name__ == "__main__":
    raise SystemExit(main())
