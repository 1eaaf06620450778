"""Maps a device's timestamps to the host's monotonic clock."""

from __future__ import annotations


class DeviceClock:
    """Converts device times to the host's monotonic clock.

    A frame is handed over after a delay that is never negative and often large, since frames queue.
    So the observed difference between the clocks is at least the true offset, and the lowest one is
    the best estimate; a mean would add the queueing time. The estimate follows a lower difference
    at once. Otherwise it rises by `drift_ppm`, slightly more than the drift of any device's clock.
    If the clocks drift by at most that, a result is never earlier than the truth, and later by at
    most the minimum of (delay + 2 * drift_ppm * age) over all frames so far. The constant part of
    the delay cannot be observed; here it counts as part of the truth.

    A late frame does not mean that the device's clock jumped. The offset is estimated afresh only
    if the device's time runs backwards (it restarted), or if every frame of `hold_s` is more than
    `stuck_s` late (it stood still). Results rise with the device's time and are never in the host's
    future.
    """

    def __init__(
        self, drift_ppm: float = 500.0, stuck_s: float = 0.25, hold_s: float = 5.0
    ) -> None:
        self.restarts = 0
        self._drift = drift_ppm * 1e-6
        self._stuck_ns = round(stuck_s * 1e9)
        self._hold_ns = round(hold_s * 1e9)
        self._device_ns: int | None = None
        self._host_ns = 0
        self._offset_ns = 0
        self._late_since_ns: int | None = None
        self._least_late_ns = 0

    def host_ns(self, device_ns: int, received_ns: int) -> int:
        """Return the host time at which the frame of `device_ns` was captured.

        `received_ns` is the host's clock when the frame was handed over. Call this with every frame
        of the device, in order.
        """
        seen_ns = received_ns - device_ns
        step_ns = 0 if self._device_ns is None else device_ns - self._device_ns
        if self._device_ns is None or step_ns < 0:
            self.restarts += self._device_ns is not None
            self._begin(seen_ns)
            host_ns = received_ns
        else:
            rise_ns = round(step_ns * self._drift)
            self._offset_ns = min(seen_ns, self._offset_ns + rise_ns)
            self._watch_late(seen_ns, received_ns)
            # While the offset falls, time still advances at half its speed.
            host_ns = max(device_ns + self._offset_ns, self._host_ns + step_ns // 2)
        self._device_ns = device_ns
        self._host_ns = min(host_ns, received_ns)
        return self._host_ns

    def _begin(self, offset_ns: int) -> None:
        self._offset_ns = offset_ns
        self._late_since_ns = None

    def _watch_late(self, seen_ns: int, received_ns: int) -> None:
        if seen_ns - self._offset_ns <= self._stuck_ns:
            self._late_since_ns = None
        elif self._late_since_ns is None:
            self._late_since_ns = received_ns
            self._least_late_ns = seen_ns
        else:
            self._least_late_ns = min(self._least_late_ns, seen_ns)
            if received_ns - self._late_since_ns >= self._hold_ns:
                self.restarts += 1
                self._begin(self._least_late_ns)
