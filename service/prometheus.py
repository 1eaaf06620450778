"""What `GET /metrics` tells: counts by stream, and how long each stage takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from service.engine.batch import Stages
from service.wire.messages import StreamInfo

_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


class _StreamCollector(Collector):
    """Reads the counts when asked, so that a stream that is gone leaves nothing behind."""

    def __init__(
        self,
        streams: Callable[[], list[StreamInfo]],
        subscribers: Callable[[], int],
        relevance: Callable[[], tuple[int, int]],
    ) -> None:
        self._streams = streams
        self._subscribers = subscribers
        self._relevance = relevance

    def collect(self) -> Iterable[CounterMetricFamily | GaugeMetricFamily]:
        """One family a count, labelled by stream."""
        streams = self._streams()
        for name in ("frames", "predictions", "dropped"):
            counts = CounterMetricFamily(
                f"jointwise_{name}", f"{name.capitalize()} of a stream.", labels=["stream"]
            )
            for stream in streams:
                counts.add_metric([stream.name], getattr(stream, name))
            yield counts
        bodies = GaugeMetricFamily("jointwise_bodies", "People in view.", labels=["stream"])
        live = GaugeMetricFamily("jointwise_live", "1 while a stream is live.", labels=["stream"])
        for stream in streams:
            bodies.add_metric([stream.name], stream.bodies)
            live.add_metric([stream.name], float(stream.state == "live"))
        yield bodies
        yield live
        made, dropped = self._relevance()
        yield CounterMetricFamily(
            "jointwise_relevance", "Predictions that were explained.", value=made
        )
        yield CounterMetricFamily(
            "jointwise_relevance_dropped",
            "Predictions that were to be explained, and were not.",
            value=dropped,
        )
        yield GaugeMetricFamily(
            "jointwise_subscribers", "Open subscriptions.", value=self._subscribers()
        )


class Metrics:
    """A registry of its own, so that two services in one process do not meet."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._stages = Histogram(
            "jointwise_stage_seconds",
            "Time of one batch in each stage.",
            ["stage"],
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self.clips = Counter(
            "jointwise_clips", "Clips by how they ended.", ["outcome"], registry=self._registry
        )

    def watch(
        self,
        streams: Callable[[], list[StreamInfo]],
        subscribers: Callable[[], int],
        relevance: Callable[[], tuple[int, int]],
    ) -> None:
        """Also tell these counts; `relevance` answers how many were explained, and dropped."""
        self._registry.register(_StreamCollector(streams, subscribers, relevance))

    def observe(self, stages: Stages, predictions: int) -> None:
        """Count one batch of the inference thread that made predictions."""
        if not predictions:
            return
        marks = (stages.taken_ns, stages.featured_ns, stages.predicted_ns)
        for name, begin, end in zip(("features", "model"), marks, marks[1:], strict=False):
            self._stages.labels(name).observe((end - begin) / 1e9)

    def observe_relevance(self, windows: int, duration_ns: int) -> None:
        """Count one batch of the explaining thread."""
        self._stages.labels("relevance").observe(duration_ns / 1e9)

    def text(self) -> bytes:
        """All of it in Prometheus' text form."""
        return generate_latest(self._registry)
