"""Connections to model servers that can be given up from outside, however slow the server is."""

from __future__ import annotations

import contextlib
import socket
import threading
import weakref
from typing import ClassVar

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Sockets:
    """The open sockets of one client."""

    _all: ClassVar[weakref.WeakSet[Sockets]] = weakref.WeakSet()

    def __init__(self) -> None:
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()
        self.closed = threading.Event()
        Sockets._all.add(self)

    @classmethod
    def close_all(cls) -> None:
        """See :func:`close_servers`."""
        for sockets in list(cls._all):
            sockets.close()

    def add(self, found: socket.socket | None) -> None:
        """Note a connection that was made."""
        with self._lock:
            if found is not None:
                self._open.add(found)
        if self.closed.is_set():
            self.close()

    def close(self) -> None:
        """Whoever waits for an answer is told that the connection is gone."""
        self.closed.set()
        with self._lock:
            for found in list(self._open):
                with contextlib.suppress(OSError):
                    found.shutdown(socket.SHUT_RDWR)

    def watch(self, manager: urllib3.PoolManager) -> None:
        """Have all connections of a pool manager noted."""
        sockets = self

        class Http(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                sockets.add(self.sock)

        class Https(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                sockets.add(self.sock)

        class HttpPool(HTTPConnectionPool):
            ConnectionCls = Http

        class HttpsPool(HTTPSConnectionPool):
            ConnectionCls = Https

        manager.pool_classes_by_scheme = {"http": HttpPool, "https": HttpsPool}


def close_servers() -> None:
    """Give up all requests to model servers that are under way, at the end of a program.

    Their models fail with a ``ModelError``, now and later; models opened afterwards do not.
    """
    Sockets.close_all()
