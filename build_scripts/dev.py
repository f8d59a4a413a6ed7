"""Set DE-CAM Studio up from a bare checkout and run something in it.

    python3 build_scripts/dev.py demo      explain the bundled photograph, open the window
    python3 build_scripts/dev.py test      run the tests
    python3 build_scripts/dev.py studio    open the window
    python3 build_scripts/dev.py lint      style, types and import contracts
    python3 build_scripts/dev.py check     lint, then test
    python3 build_scripts/dev.py setup     only prepare everything

Every command is complete by itself: it makes ``.venv``, installs exactly what
``requirements.lock`` says and looks for the system libraries that Qt needs. What is already
done is not done again, without a look at the network. Further arguments are passed on.

Standard library only, because it runs before anything is installed.
"""

import shutil
import sys

OLDEST = (3, 11)
NEWEST = (3, 14)


def python_problem(version: "tuple[int, ...]") -> str:
    """One sentence if the lock does not fit this Python version, else an empty string.

    Old Pythons must get as far as calling this, so the whole file is to be readable for 3.6.
    """
    if OLDEST <= version[:2] <= NEWEST:
        return ""
    wanted = "{}.{} to {}.{}".format(*(OLDEST + NEWEST))
    found = ".".join(str(part) for part in version[:3])
    names = ["python3.%d" % minor for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]  # noqa: UP031
    other = next((name for name in names if shutil.which(name)), "")
    remedy = (
        "run this with {} instead".format(other)  # noqa: UP032
        if other
        else "install one of these and run this with it"
    )
    return "expected Python {}, found {}: {}".format(wanted, found, remedy)  # noqa: UP032


if python_problem(sys.version_info[:3]):
    sys.stderr.write("dev.py: " + python_problem(sys.version_info[:3]) + "\n")
    sys.exit(2)

if __name__ == "__main__":
    # Only now: older Pythons cannot read these files.
    from setting_up.commands import main

    raise SystemExit(main(sys.argv[1:], __doc__))
