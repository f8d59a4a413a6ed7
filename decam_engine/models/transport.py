"""HTTP to a model server: bounded in time, size and tries."""

from __future__ import annotations

import base64
import ipaddress
import re
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit

import urllib3

from decam_engine.errors import ModelError, ModelRunError
from decam_engine.models.sockets import Sockets
from decam_engine.version import __version__

EXAMPLE = "http://HOST:PORT/v2/models/NAME"
# Seconds before a connection counts as failed.
CONNECT_TIMEOUT = 5.0
# Seconds before the second try; each further one waits twice as long.
BACK_OFF = 0.5
# A server may ask for a longer pause, but not for a longer one than this.
LONGEST_PAUSE = 10.0
# What a server answers when it is busy or being replaced, not when the request is wrong.
RETRIED = (429, 502, 503, 504)
CHUNK = 65_536
# Characters of a server's own words that are shown.
SHOWN = 200
_PATH = re.compile(r"(.*)/v2/models/([^/]+)(?:/versions/([^/]+))?(?:/infer)?/?")


def is_server_url(text: object) -> bool:
    """Whether this means a model server rather than a file."""
    return isinstance(text, str) and text.strip().lower().startswith(("http://", "https://"))


@dataclass(frozen=True)
class Address:
    """Where a model is served.

    Attributes:
        base: ``http://host:port/prefix``, without credentials.
        host: ``host:port``, to be shown.
        hostname: to be looked up.
        model, version: as the URL names them; version None where it does not.
        authorization: what the Authorization header says, or None.
    """

    base: str
    host: str
    hostname: str
    model: str
    version: str | None
    authorization: str | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        """Of the model, below ``base``."""
        path = f"/v2/models/{quote(self.model, safe='')}"
        return path if self.version is None else f"{path}/versions/{quote(self.version, safe='')}"

    @property
    def url(self) -> str:
        """The whole address, without credentials."""
        return self.base + self.path

    @property
    def insecure(self) -> str | None:
        """A warning where a password crosses the network readable, else None."""
        if self.authorization is None or self.loopback or self.base.startswith("https:"):
            return None
        return f"The password goes to {self.host} unencrypted; use https if the server has it."

    @property
    def loopback(self) -> bool:
        """Whether the server is on this machine."""
        if self.hostname == "localhost" or self.hostname.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.hostname).is_loopback
        except ValueError:
            return False


def parse_address(url: str) -> Address:
    """Read the URL of a served model.

    Raises:
        ModelError: not of the form ``http://HOST:PORT/v2/models/NAME[/versions/V]``. The
            message holds no credentials.
    """
    shown = clean(re.sub(r"//.*@", "//", url.strip()))
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise ModelError(
            f"{shown} is no address of a model ({error}): expected {EXAMPLE}."
        ) from None
    found = _PATH.fullmatch(parts.path)
    names = [] if found is None else [unquote(n) for n in found.groups()[1:] if n is not None]
    if (
        found is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or any(not n.isprintable() or n in (".", "..") for n in names)
    ):
        raise ModelError(
            f"{shown} is no address of a model: expected {EXAMPLE} or "
            f"{EXAMPLE}/versions/VERSION, of a server that speaks the Open Inference Protocol (v2)."
        )
    if parts.query or parts.fragment:
        raise ModelError(f"{shown} holds a ? or #: expected {EXAMPLE} with nothing behind it.")
    hostname = parts.hostname
    place = f"[{hostname}]" if ":" in hostname else hostname
    host = place if port is None else f"{place}:{port}"
    return Address(
        base=f"{parts.scheme}://{host}{found.group(1)}",
        host=host,
        hostname=hostname,
        model=names[0],
        version=names[1] if len(names) > 1 else None,
        authorization=_authorization(parts),
    )


def _authorization(parts: SplitResult) -> str | None:
    if parts.username is None:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


@dataclass(frozen=True)
class Reply:
    """A server's answer; ``headers`` in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends requests to one server; several threads may do so at a time.

    Attributes:
        requests: how many were sent, repeated ones included.
    """

    def __init__(self, address: Address, *, timeout: float, attempts: int, at_once: int) -> None:
        """Nothing is sent yet.

        Args:
            timeout: seconds that an answer may take.
            attempts: how often a request is sent before it counts as failed.
            at_once: connections that are kept.
        """
        self.address = address
        self.timeout = timeout
        self.attempts = attempts
        self.requests = 0
        self._counting = threading.Lock()
        self._pool = _make_pool(address, at_once)
        self._sockets = Sockets()
        self._sockets.watch(self._pool)
        self._headers = {"User-Agent": f"decam-studio/{__version__}", "Accept-Encoding": "identity"}
        if address.authorization is not None:
            self._headers["Authorization"] = address.authorization

    def request(
        self,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int,
    ) -> Reply:
        """GET ``path`` below the base, or POST ``body`` to it.

        What fails by the network, by a time-out or because the server is busy is tried again
        after a pause: inference changes nothing on the server.

        Args:
            limit: bytes that the answer may have.

        Raises:
            ModelRunError: no answer after all attempts, a redirect, too large an answer, or
                given up by :func:`decam_engine.models.sockets.close_servers`.
        """
        trouble = ""
        pause = 0.0
        for attempt in range(self.attempts):
            if self._sockets.closed.wait(pause):
                break
            pause = BACK_OFF * 2**attempt
            try:
                reply = self._once(path, body, headers or {}, limit)
            except (urllib3.exceptions.SSLError, urllib3.exceptions.LocationValueError) as error:
                raise ModelRunError(
                    f"The model server at {self.address.host} cannot be talked to: "
                    f"{clean(str(error))}. Check the address and the server's certificate."
                ) from None
            except (OSError, urllib3.exceptions.HTTPError) as error:
                trouble = self._trouble(error)
            else:
                if reply.status not in RETRIED:
                    return reply
                trouble = f"is not available (HTTP {reply.status}{_words(reply)})"
                pause = max(pause, _asked_pause(reply))
        if self._sockets.closed.is_set():
            raise ModelRunError(
                f"The request to the model server at {self.address.host} was given up."
            )
        times = "once" if self.attempts == 1 else f"{self.attempts} times"
        raise ModelRunError(
            f"The model server at {self.address.host} {trouble}; tried {times}. Check that it "
            "runs, and that nothing between here and there stops it."
        )

    def _trouble(self, error: Exception) -> str:
        late = isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError)
        # urllib3 counts a refused connection among those that took too long.
        if not late or isinstance(error, urllib3.exceptions.NewConnectionError):
            return f"could not be reached ({_reason(error)})"
        if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
            return f"could not be reached within {CONNECT_TIMEOUT:g} s"
        return f"gave no complete answer within {self.timeout:g} s"

    def _once(self, path: str, body: bytes | None, headers: Mapping[str, str], limit: int) -> Reply:
        with self._counting:
            self.requests += 1
        deadline = time.monotonic() + self.timeout
        response = self._pool.urlopen(
            "GET" if body is None else "POST",
            self.address.base + path,
            redirect=False,
            body=body,
            headers={**self._headers, **headers},
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=self.timeout),
            preload_content=False,
            decode_content=False,
        )
        complete = False
        try:
            found = {k.lower(): v for k, v in response.headers.items()}
            if 300 <= response.status < 400:
                raise ModelRunError(
                    f"The model server at {self.address.host} sends us elsewhere (HTTP "
                    f"{response.status}, to {clean(found.get('location', '?'))}). Redirects are "
                    "not followed; give the final address."
                )
            content = self._read(response, limit, deadline)
            complete = True
        finally:
            if complete:
                response.release_conn()
            else:
                response.close()
        return Reply(response.status, found, content)

    def _read(self, response: urllib3.BaseHTTPResponse, limit: int, deadline: float) -> bytes:
        """The whole body; an endless or a dripping one is given up."""
        parts: list[bytes] = []
        size = 0
        while part := response.read1(CHUNK):
            parts.append(part)
            size += len(part)
            if size > limit:
                raise ModelRunError(
                    f"The answer of the model server at {self.address.host} is too large: "
                    f"expected at most {limit / 1e6:.3g} MB. Check that the address is a model's."
                )
            if time.monotonic() > deadline:
                raise TimeoutError
        return b"".join(parts)


def _make_pool(address: Address, at_once: int) -> urllib3.PoolManager:
    """Through the system's proxy, if it has one for this host; never for this machine itself."""
    scheme = address.base.partition(":")[0]
    proxies = urllib.request.getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or address.loopback or urllib.request.proxy_bypass(address.host):
        return urllib3.PoolManager(num_pools=1, maxsize=at_once)
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    try:
        parts = urlsplit(proxy)
        headers = {}
        if (authorization := _authorization(parts)) is not None:
            headers["proxy-authorization"] = authorization
        return urllib3.ProxyManager(
            f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            proxy_headers=headers,
            num_pools=1,
            maxsize=at_once,
        )
    except (ValueError, urllib3.exceptions.HTTPError):
        raise ModelError(
            f"The model server at {address.host} cannot be reached: the proxy that this system "
            "names is unusable. Expected http://HOST:PORT in the proxy settings, or the host in "
            "no_proxy."
        ) from None


def _reason(error: Exception) -> str:
    """Why a connection failed, in the system's own words."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return clean(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return "the connection was closed without an answer"
    return clean(type(error).__name__)


def _asked_pause(reply: Reply) -> float:
    asked = reply.headers.get("retry-after", "")
    return min(LONGEST_PAUSE, float(asked)) if re.fullmatch(r"[0-9]{1,6}", asked) else 0.0


def _words(reply: Reply) -> str:
    text = clean(reply.body[: 4 * SHOWN].decode("utf-8", "replace"))
    return f": {text}" if text else ""


def clean(text: str) -> str:
    """A stranger's words on one short line, without what a terminal would act on."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * SHOWN]).split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "\u2026"
