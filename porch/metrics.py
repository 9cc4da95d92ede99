"""The numbers of this process as Prometheus takes them, read where they are counted when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from socketio import Server

from porch.engines import Engines
from porch.engines.meters import Distribution
from porch.realtime.engine import EngineServer

# What is watched for being there; see engines/readiness.py.
PARTS = ("stopping", "writer", "database")


class HttpConnections(Protocol):
    beginning: Mapping[Any, float]
    idle: Mapping[Any, float]

    @property
    def busy(self) -> int: ...


class OtherWorkers(Protocol):
    name: str

    def others(self) -> Iterable[tuple[str, str]]:
        """The name of each other worker, and its numbers as text."""


class Metrics(Collector):
    """`http` are the connections of the server that serves, if it keeps count of them; `siblings` the other
    workers on its port: one of them is asked for the numbers of all.
    """

    def __init__(self, engines: Engines, sockets: Server) -> None:
        self.http: HttpConnections | None = None
        self.siblings: OtherWorkers | None = None
        self._engines = engines
        self._sockets = sockets
        self._registry = CollectorRegistry()  # its own: applications in one process have nothing in common
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def encoded(self, accept: str) -> tuple[bytes, str]:
        """All numbers, in the format that suits a client's `Accept`, and the media type of that."""
        encode, media_type = choose_encoder(accept)
        if self.siblings is None:
            return encode(self._registry), media_type
        told = [(self.siblings.name, self.own().decode()), *self.siblings.others()]
        return encode(_OfWorkers(told)), media_type

    def own(self) -> bytes:
        """The numbers of this process, as text."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Called by the registry."""
        yield from _of_health(self._engines)
        yield from _of_doors(self._engines)
        yield from _of_writes(self._engines)
        if self.http is not None:
            yield _of_http(self.http)
        yield _gauge("waiting_polls", "Long polls that wait for news.", self._engines.delivery.waiting)
        yield from _of_sockets(self._sockets)


class _OfWorkers(Collector):
    """What several processes have told, with a label that says who."""

    def __init__(self, told: Iterable[tuple[str, str]]) -> None:
        self._told = told

    def collect(self) -> Iterable[Metric]:
        found: dict[str, Metric] = {}
        for worker, text in self._told:
            for family in text_string_to_metric_families(text):
                metric = found.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                metric.samples += [
                    sample._replace(labels=sample.labels | {"worker": worker}) for sample in family.samples
                ]
        return found.values()


def _of_health(engines: Engines) -> Iterator[Metric]:
    missing = engines.readiness.missing()
    yield _gauge("ready", "Whether this process can serve: 1 or 0.", not missing)
    parts = PARTS if engines.cluster.is_alone else (*PARTS, "redis")
    missing = [*missing, *engines.cluster.lacks()]
    found = {(part,): int(part in missing) for part in parts}
    yield _gauges("missing", "Whether a part is not as it has to be: 1 or 0.", ["part"], found)


def _of_doors(engines: Engines) -> Iterator[Metric]:
    meters = engines.meters
    requests = {(route, str(status)): number for (route, status), number in list(meters.requests.items())}
    yield _counters("requests", "HTTP requests that were answered.", ["route", "status"], requests)
    errors = dict(meters.errors)
    yield _counters("errors", "Refusals and failures, by their code.", ["door", "code"], errors)


def _of_writes(engines: Engines) -> Iterator[Metric]:
    writer = engines.writer
    yield _gauge("writes_waiting", "Writes that are in no transaction yet.", writer.waiting)
    yield _histogram("write_batch", "Writes that shared a transaction.", writer.meter.batches)
    yield _histogram(
        "ack_seconds", "From a write to its durable answer, of one write at a time.", writer.meter.acks
    )


def _of_http(http: HttpConnections) -> Metric:
    states = {"beginning": len(http.beginning), "idle": len(http.idle), "busy": http.busy}
    found = {(state,): number for state, number in states.items()}
    return _gauges("http_connections", "HTTP connections, without open WebSockets.", ["state"], found)


def _of_sockets(server: Server) -> Iterator[Metric]:
    engine = server.eio
    clients = list(engine.sockets.values())
    upgraded = sum(client.upgraded for client in clients)
    transports = {("websocket",): upgraded, ("polling",): len(clients) - upgraded}
    yield _gauges("sockets", "Socket.IO clients.", ["transport"], transports)
    if not isinstance(engine, EngineServer):
        return  # the library's own, in threads, counts nothing
    yield _counters("sockets_opened", "Socket.IO clients that came.", [], {(): engine.opened})
    cuts = {(str(int(code)),): number for code, number in engine.cuts.items()}
    yield _counters("sockets_cut", "Clients that were cut off, by what they were told.", ["code"], cuts)
    kept = [size for client in clients if (size := client.kept)]
    yield _gauge("backlog_bytes", "Bytes that clients have not taken yet.", sum(kept))
    yield _gauge("backlog_clients", "Clients that have not taken all yet.", len(kept))
    fanout = engine.fanout
    yield _counters("deliveries", "Events for rooms, times their clients.", [], {(): fanout.deliveries})
    yield _histogram("fanout_seconds", "From an event until its last client was served.", fanout.lag)


Found = Mapping[Any, float]  # by the values of the labels, in a tuple


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return _gauges(name, meaning, [], {(): value})


def _gauges(name: str, meaning: str, labels: list[str], found: Found) -> Metric:
    return _family(GaugeMetricFamily(f"porch_{name}", meaning, labels=labels), found.items())


def _counters(name: str, meaning: str, labels: list[str], found: Found) -> Metric:
    return _family(CounterMetricFamily(f"porch_{name}", meaning, labels=labels), found.items())


def _family(family: GaugeMetricFamily | CounterMetricFamily, found: Iterable[tuple[Any, float]]) -> Metric:
    for values, number in found:
        family.add_metric(values, number)
    return family


def _histogram(name: str, meaning: str, found: Distribution) -> Metric:
    return HistogramMetricFamily(f"porch_{name}", meaning, buckets=found.buckets(), sum_value=found.total)
