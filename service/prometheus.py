"""The metrics of `GET /metrics`: counts by stream, and the duration of each stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from service.engine.batch import Stages
from service.wire.messages import StreamInfo

_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


class _StreamCollector(Collector):
    """Reads the counts at each request, so a removed stream leaves no metrics behind."""

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
        """Return one metric family per count, labelled by stream."""
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
        explained, dropped = self._relevance()
        yield CounterMetricFamily(
            "jointwise_relevance", "Predictions that were explained.", value=explained
        )
        yield CounterMetricFamily(
            "jointwise_relevance_dropped",
            "Predictions that were due to be explained but were skipped.",
            value=dropped,
        )
        yield GaugeMetricFamily(
            "jointwise_subscribers", "Open subscriptions.", value=self._subscribers()
        )


class Metrics:
    """The metrics of one service, in their own registry, so two services can share a process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._stages = Histogram(
            "jointwise_stage_seconds",
            "Duration of each stage for one batch, in seconds.",
            ["stage"],
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self.clips = Counter(
            "jointwise_clips", "Uploaded clips by outcome.", ["outcome"], registry=self._registry
        )
        self.wrong_tokens = Counter(
            "jointwise_wrong_tokens",
            "Requests refused because of a wrong token.",
            registry=self._registry,
        )

    def watch(
        self,
        streams: Callable[[], list[StreamInfo]],
        subscribers: Callable[[], int],
        relevance: Callable[[], tuple[int, int]],
    ) -> None:
        """Add counts. `relevance` returns the numbers of explained and of dropped predictions."""
        self._registry.register(_StreamCollector(streams, subscribers, relevance))

    def observe(self, stages: Stages, predictions: int) -> None:
        """Record the stages of one batch; a batch without predictions does not count."""
        if not predictions:
            return
        marks = (stages.taken_ns, stages.featured_ns, stages.predicted_ns)
        for name, begin, end in zip(("features", "model"), marks, marks[1:], strict=False):
            self._stages.labels(name).observe((end - begin) / 1e9)

    def observe_relevance(self, windows: int, duration_ns: int) -> None:
        """Record the duration of one batch of explanations."""
        self._stages.labels("relevance").observe(duration_ns / 1e9)

    def text(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self._registry)
